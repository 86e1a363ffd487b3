"""The real sandbox, which answers what was asked of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from explain.attributions.any_row import read_row
from explain.attributions.models import Explanation
from explain.attributions.what_if import runs
from explain.attributions.what_if.models import WhatIf
from explain.attributions.what_if.services import ask_what_if
from foundation.people.models import User

Ask = Callable[..., WhatIf]


@pytest.fixture
def ask(done: Explanation, contributor: User) -> Ask:
    """ask(changes={...}, row=3): a question about the finished explanation, not yet answered."""

    def make(**options: Any) -> WhatIf:
        asked = {"actor": contributor, "explanation": done, "row": 3, "changes": {"delay": 5}} | options
        return ask_what_if(**asked)

    return make


@pytest.fixture
def quick_model(monkeypatch: pytest.MonkeyPatch, done: Explanation) -> dict[str, Any]:
    """The model answers at once: the row as the explanation has it, and with the part of the delay at half. Returns what
    was asked of it; `told` can be spoilt."""
    heard: dict[str, Any] = {"told": {}}

    def answer(*, on_progress: Any, **asked: Any) -> Any:
        on_progress(1, 2, "asking the model twice")
        heard["asked"] = asked
        row = read_row(done, asked["row"])
        assert row is not None
        side = {name: row[name] for name in ("predictions", "base_values", "attributions")}  # type: ignore[literal-required]
        place = done.summary["features"].index("delay")
        parts = list(row["attributions"][0])
        parts[place] /= 2
        after = {
            "predictions": [row["predictions"][0] - parts[place]],
            "base_values": row["base_values"],
            "attributions": [parts],
        }
        return {
            "engine": "xgboost pred_contribs", "output_space": "log-odds", "before": side, "after": after,
            "spread": None, "seconds": 0.4, "peak_mb": 120.0, "model_sha256": done.model_version.sha256,
            "data_sha256": None,
        } | heard["told"]  # fmt: skip

    monkeypatch.setattr(runs, "ask_model", answer)
    return heard
