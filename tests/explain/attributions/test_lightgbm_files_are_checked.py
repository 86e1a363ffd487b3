"""Crafted and damaged LightGBM files are refused before the library sees them; what it sees is our own text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explain.attributions.formats.lightgbm_text import read_lightgbm_text
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused
from tests.explain.attributions.spoiling import Spoil, entry, fitting, line

SPOILT: dict[str, tuple[str, Spoil, str]] = {
    "a cycle to the root": ("binary", entry("left_child", 1, "0"), "malformed_model"),
    "a split that is its own child": ("binary", entry("left_child", 0, "0"), "malformed_model"),
    "a leaf reached twice": ("binary", entry("right_child", -1, "-1"), "malformed_model"),
    "a child out of range": ("binary", entry("right_child", 0, "99"), "malformed_model"),
    "a leaf out of range": ("binary", entry("left_child", -1, "-99"), "malformed_model"),
    "a feature out of range": ("binary", entry("split_feature", 0, "8"), "malformed_model"),
    "a negative feature": ("binary", entry("split_feature", 0, "-1"), "malformed_model"),
    "a feature past 32 bits": ("binary", entry("split_feature", 0, "4294967296"), "malformed_model"),
    "a leaf count below zero": ("binary", entry("leaf_count", 0, "-5"), "malformed_model"),
    "a split without rows": ("binary", entry("internal_count", 0, "0"), "malformed_model"),
    "an infinite leaf": ("binary", entry("leaf_value", 0, "1e999"), "malformed_model"),
    "a leaf that is no number": ("binary", entry("leaf_value", 0, "nan"), "malformed_model"),
    "a text for a threshold": ("binary", entry("threshold", 0, "x"), "malformed_model"),
    "a threshold too few": ("binary", line("threshold", lambda parts: parts[:-1]), "malformed_model"),
    "a missing kind that does not exist": ("binary", entry("decision_type", 0, "14"), "malformed_model"),
    "a split by categories where none are": ("binary", entry("decision_type", 0, "1"), "malformed_model"),
    "more leaves than entries": ("binary", entry("num_leaves", 0, "9"), "malformed_model"),
    "no leaves": ("binary", entry("num_leaves", 0, "0"), "malformed_model"),
    "billions of leaves": ("binary", entry("num_leaves", 0, "2000000000"), "limit_exceeded"),
    "a formula in the leaves": ("binary", entry("is_linear", 0, "1"), "unsupported_model"),
    "a line twice": ("binary", lambda text: text.replace("num_cat=0", "num_cat=0\nnum_cat=0", 1), "malformed_model"),
    "an unknown line": ("binary", lambda text: text.replace("num_cat=0", "num_cat=0\ncode=1", 1), "unsupported_model"),
    "a missing line": ("binary", lambda text: re.sub(r"leaf_count=.*\n", "", text, count=1), "malformed_model"),
    "millions of features": ("binary", entry("max_feature_idx", 0, "99999999"), "limit_exceeded"),
    "fewer features than names": ("binary", entry("max_feature_idx", 0, "6"), "malformed_model"),
    "more classes than trees": ("binary", entry("num_class", 0, "3"), "malformed_model"),
    "millions of classes": ("binary", entry("num_class", 0, "9999999"), "limit_exceeded"),
    "one tree a round for three classes": ("multiclass", entry("num_tree_per_iteration", 0, "1"), "malformed_model"),
    "an objective for other classes": ("multiclass", entry("objective", 1, "num_class:4"), "malformed_model"),
    "two features of one name": ("binary", entry("feature_names", 0, "mean_texture"), "malformed_model"),
    "a tree out of its place": ("binary", lambda text: text.replace("Tree=1\n", "Tree=2\n", 1), "malformed_model"),
    "a tree too few": ("multiclass", lambda text: re.sub(r"Tree=23\n(.+\n)+", "", text), "malformed_model"),
    "no trees": ("binary", lambda text: re.sub(r"(?s)Tree=0\n.*(?=\nend of trees)", "", text), "malformed_model"),
    "another version": ("binary", entry("version", 0, "v9"), "unsupported_model"),
    "a set of categories out of range": ("categories", entry("threshold", 0, "99"), "malformed_model"),
    "a set of categories between two": ("categories", entry("threshold", 0, "0.5"), "malformed_model"),
    "categories past their words": ("categories", entry("cat_boundaries", -1, "999"), "malformed_model"),
    "categories backwards": ("categories", entry("cat_boundaries", 1, "0"), "malformed_model"),
    "a word past 32 bits": ("categories", entry("cat_threshold", 0, "4294967296"), "malformed_model"),
    "more sets than splits": ("categories", entry("num_cat", 0, "99"), "malformed_model"),
    "categories as text": (
        "categories",
        lambda text: re.sub(r"pandas_categorical:.*", 'pandas_categorical:[["a","b"],["c"]]', text),
        "unsupported_model",
    ),
    "categories that cannot be read": (
        "categories",
        lambda text: re.sub(r"pandas_categorical:.*", "pandas_categorical:[[", text),
        "malformed_model",
    ),
}


@pytest.mark.parametrize("what", SPOILT)
def test_a_spoilt_lightgbm_model_is_refused(lightgbm_cases: Any, tmp_path: Path, what: str) -> None:
    name, spoil, code = SPOILT[what]
    whole = lightgbm_cases[name].path.read_text()
    first = whole
    if "categor" in what or "word" in what or "sets" in what:
        # the first tree that splits by categories, first by itself
        first = _categories_first(whole)
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


def _categories_first(text: str) -> str:
    """Bring the entries of a split by category to the front of its tree's lists: a tree with that split alone."""
    tree = (
        "Tree=0\nnum_leaves=2\nnum_cat=1\nsplit_feature=2\nsplit_gain=1\nthreshold=0\ndecision_type=1\nleft_child=-1\n"
        "right_child=-2\nleaf_value=1 2\nleaf_weight=3 4\nleaf_count=3 4\ninternal_value=0\ninternal_weight=7\n"
        "internal_count=7\ncat_boundaries=0 2\ncat_threshold=5 1\nis_linear=0\nshrinkage=1\n\n\n"
    )
    if "pandas_categorical:[]" in text:
        return text
    return text[: text.index("Tree=0\n")] + tree + text[text.index("Tree=1\n") :]


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
