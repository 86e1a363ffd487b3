"""Crafted and damaged LightGBM files are refused before the library sees them; what it sees is our own text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.crafting.lightgbm_text import SPOILT, entry, fitting, line, ready_for
from explain.attributions.formats.lightgbm_text import read_lightgbm_text
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused


@pytest.mark.parametrize("what", SPOILT)
def test_a_spoilt_lightgbm_model_is_refused(lightgbm_cases: Any, tmp_path: Path, what: str) -> None:
    name, spoil, code = SPOILT[what]
    first = ready_for(what, lightgbm_cases[name].path.read_text())
    path = tmp_path / "model.txt"
    path.write_text(fitting(first))
    read_lightgbm_text(path, Limits())
    spoilt = spoil(first)
    assert spoilt != first
    path.write_text(fitting(spoilt) if "Tree=" in spoilt else spoilt)
    with pytest.raises(ExplainRefused) as refused:
        read_lightgbm_text(path, Limits())
    assert refused.value.code == code, refused.value.message
    assert refused.value.message.endswith(".")


def test_sizes_that_do_not_fit_the_trees_are_refused(lightgbm_cases: Any, tmp_path: Path) -> None:
    path = tmp_path / "model.txt"
    whole = lightgbm_cases["binary"].path.read_text()
    for spoil in (
        entry("tree_sizes", 0, "1"),
        entry("tree_sizes", 3, "99999999999"),
        entry("tree_sizes", 0, "-5"),
        line("tree_sizes", lambda parts: parts[:-1]),
    ):
        path.write_text(spoil(whole))
        with pytest.raises(ExplainRefused) as refused:
            read_lightgbm_text(path, Limits())
        assert refused.value.code == "malformed_model"


def test_truncated_files_and_other_bytes_are_refused(lightgbm_cases: Any, tmp_path: Path) -> None:
    whole = lightgbm_cases["binary"].path.read_bytes()
    path = tmp_path / "model.txt"
    end = whole.index(b"end of trees")
    for spoilt in (
        b"",
        b"tree\n",
        whole[:200],
        whole[: end - 1],
        whole[:end],
        whole[: end + 400],
        b"tree\n\xff" + whole,
    ):
        path.write_bytes(spoilt)
        with pytest.raises(ExplainRefused) as refused:
            read_lightgbm_text(path, Limits())
        assert refused.value.code in ("malformed_model", "unsupported_model")
    path.write_bytes(whole.replace(b"\nTree=3\n", b"\nTree=3\n\x00"))
    with pytest.raises(ExplainRefused):
        read_lightgbm_text(path, Limits())


def test_limits_on_size_trees_nodes_depth_and_columns(lightgbm_cases: Any) -> None:
    path = lightgbm_cases["binary"].path
    for limits in (
        Limits(model_bytes=100),
        Limits(trees=3),
        Limits(nodes=20),
        Limits(tree_depth=1),
        Limits(columns=7),
    ):
        with pytest.raises(ExplainRefused) as refused:
            read_lightgbm_text(path, limits)
        assert refused.value.code == "limit_exceeded"


def test_the_library_gets_the_checked_lines_alone_and_answers_the_same(lightgbm_cases: Any, tmp_path: Path) -> None:
    import lightgbm

    for case in lightgbm_cases.values():
        facts = read_lightgbm_text(case.path, Limits())
        assert "parameters" not in facts.text
        assert "objective" not in facts.text
        original = lightgbm.Booster(model_file=str(case.path))
        rewritten = lightgbm.Booster(model_str=facts.text)
        rows = case.frame.iloc[:40].astype(float).to_numpy()
        for what in ({"raw_score": True}, {"pred_contrib": True}):
            np.testing.assert_array_equal(rewritten.predict(rows, **what), original.predict(rows, **what))
    windows = tmp_path / "windows.txt"
    windows.write_bytes(lightgbm_cases["binary"].path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_lightgbm_text(windows, Limits()).text == read_lightgbm_text(
        lightgbm_cases["binary"].path, Limits()
    ).text  # fmt: skip
