"""Asking a model what it would say if some values of a row were others, in the sandbox."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypedDict, cast

from explain.attributions.box import Box, Input, unbelievable
from explain.attributions.child import run_child
from explain.attributions.formats.sniff import sniff
from explain.attributions.limits import Limits
from explain.attributions.sandbox import PROJECT, Cancelled, OnProgress

_KEYS: Final = {"engine", "output_space", "before", "after", "spread", "seconds"}


class Side(TypedDict):
    """The row as it is, or as it might be: for each output an answer, a base value, and the parts of all features."""

    predictions: list[float]
    base_values: list[float]
    attributions: list[list[float]]


class Answer(TypedDict):
    """Both sides by the same engine. `spread`: for each output how far the change of a single part lies, at most, from
    that by another seed; None for exact engines."""

    engine: str
    output_space: str
    before: Side
    after: Side
    spread: list[float] | None
    seconds: float
    peak_mb: float
    model_sha256: str
    data_sha256: str | None


def ask_model(
    *,
    model_path: Path,
    model_format: str,
    data_path: Path | None,
    needs_rows: bool,
    folder: Path,
    row: int,
    values: Sequence[float | None] | None,
    changes: Mapping[int, float | None],
    outputs: int,
    features: int,
    rows: int | None = None,
    seed: int = 0,
    target_column: str | None = None,
    groups: Sequence[str] = (),
    limits: Limits | None = None,
    on_progress: OnProgress | None = None,
    cancelled: Cancelled | None = None,
) -> Answer:
    """Explain row `row` (counted from 1) as it is, and with `changes` (by the place of a feature, None for empty).

    `values` is the row to the last digit; without it the row is read from the file of `data_path`. `needs_rows`: the
    engine compares with other rows, which are read as for the explanation: the first `rows`, with the same `seed`,
    `target_column` and `groups`. Raises ExplainRefused with one of seven codes, and ExplainStopped.
    """
    limits = limits or Limits()
    sniff(model_path, model_format)
    files = {"model": Input(model_path, limits.model_bytes)}
    if data_path is not None:
        files["data"] = Input(data_path, limits.data_bytes)
    request = {
        "task": "what_if",
        "model_format": model_format,
        "reference": needs_rows,
        "row": row,
        "values": None if values is None else list(values),
        "changes": {str(place): value for place, value in changes.items()},
        "rows": rows,
        "seed": seed,
        "method": "shap",
        "target_column": target_column,
        "groups": list(groups),
    }
    with Box(folder, files, request, limits) as box:
        outcome = run_child(box.path, PROJECT, limits, box.user is not None, on_progress, cancelled)
        found = box.read_json("answer.json", _KEYS)
        if not _is_sound(found, features, outputs):
            raise unbelievable()
        hashes = {"model_sha256": box.hashes["model"], "data_sha256": box.hashes.get("data")}
    told = {name: found[name] for name in _KEYS} | {"engine": found["engine"][:80], "peak_mb": outcome.peak_mb}
    return cast(Answer, told | hashes)


def _is_sound(found: dict[str, Any], features: int, outputs: int) -> bool:
    return (
        isinstance(found["engine"], str)
        and found["output_space"] in ("log-odds", "probability", "value", "log")
        and all(_is_side(found[side], features, outputs) for side in ("before", "after"))
        and (found["spread"] is None or _are_numbers(found["spread"], outputs))
        and _are_numbers([found["seconds"]], 1)
    )


def _is_side(found: object, features: int, outputs: int) -> bool:
    return (
        isinstance(found, dict)
        and set(found) == set(Side.__required_keys__)
        and _are_numbers(found["predictions"], outputs)
        and _are_numbers(found["base_values"], outputs)
        and isinstance(found["attributions"], list)
        and len(found["attributions"]) == outputs
        and all(_are_numbers(parts, features) for parts in found["attributions"])
    )


def _are_numbers(found: object, count: int) -> bool:
    """Whether it is a list of so many finite numbers."""
    return (
        isinstance(found, list)
        and len(found) == count
        and all(type(one) is float and math.isfinite(one) for one in found)
    )
