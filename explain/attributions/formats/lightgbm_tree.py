"""One tree of a LightGBM text model: known keys, equal lengths, a real tree, indices and categories in range."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NoReturn

from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused

# What predictions and contributions read, in the order in which LightGBM writes it.
_KEPT: Final = (
    "num_leaves",
    "num_cat",
    "split_feature",
    "threshold",
    "decision_type",
    "left_child",
    "right_child",
    "leaf_value",
    "leaf_count",
    "internal_count",
    "cat_boundaries",
    "cat_threshold",
    "is_linear",
    "shrinkage",
)
_LEFT_OUT: Final = frozenset({"split_gain", "leaf_weight", "internal_value", "internal_weight"})
_LINEAR: Final = frozenset({"leaf_const", "num_features", "leaf_features", "leaf_coeff"})
_WHOLE: Final = re.compile(r"(-?\d{1,10}( -?\d{1,10})*)?")
_DECIMAL: Final = re.compile(r"([-+0-9.e]{1,40}( [-+0-9.e]{1,40})*)?")
_MAX_INT: Final = 2**31 - 1
# Bit 0: a split by categories; bit 1: missing values go left; bits 2 and 3: what counts as missing (none, zero, NaN).
_CATEGORICAL, _MISSING_KINDS = 1, 3


@dataclass(frozen=True)
class CheckedTree:
    """A tree that is sound: its leaves, its text as LightGBM may read it, `Tree=` line included, and whether the rows
    counted at each split are those of its two sides."""

    leaves: int
    text: str
    counted: bool


class _Tree:
    """The lines of one tree, read with a reason for every doubt."""

    def __init__(self, number: int, lines: Sequence[str]) -> None:
        self.number = number
        self.keys: dict[str, str] = {}
        for line in lines:
            key, mark, value = line.partition("=")
            if not mark:
                self.refuse("a line is not a name and a value")
            if key in self.keys:
                self.refuse(f"{key[:40]!r} appears twice")
            if key not in _KEPT and key not in _LEFT_OUT and key not in _LINEAR:
                raise ExplainRefused(
                    "unsupported_model",
                    f"Tree {number} of this LightGBM model holds {key[:40]!r}, which is not known here. Export the "
                    "model with LightGBM 3 or 4.",
                )
            self.keys[key] = value

    def refuse(self, what: str) -> NoReturn:
        raise ExplainRefused(
            "malformed_model",
            f"This is not a sound LightGBM model: in tree {self.number}, {what}. "
            "Export it again with booster.save_model.",
        )

    def wholes(self, key: str, count: int, low: int, high: int) -> list[int]:
        """The whole numbers of a line: exactly `count`, each from `low` to `high`."""
        text = self.keys.get(key)
        if text is None:
            self.refuse(f"the line {key!r} is missing")
        if not _WHOLE.fullmatch(text):
            self.refuse(f"{key!r} holds something that is not a whole number")
        values = [int(part) for part in text.split(" ")] if text else []
        if len(values) != count:
            self.refuse(f"{key!r} has {len(values):,} entries and needs {count:,}")
        if values and (min(values) < low or max(values) > high):
            self.refuse(f"{key!r} holds a number that is out of range")
        return values

    def decimals(self, key: str, count: int) -> list[float]:
        """The finite numbers of a line: exactly `count`."""
        text = self.keys.get(key)
        if text is None:
            self.refuse(f"the line {key!r} is missing")
        try:
            values = [float(part) for part in text.split(" ")] if _DECIMAL.fullmatch(text) and text else []
        except ValueError:
            values = []
        if len(values) != count:
            self.refuse(f"{key!r} does not hold one number for each of {count:,} entries")
        if not all(map(math.isfinite, values)):
            self.refuse(f"{key!r} holds a number that is not finite")
        return values

    def text(self) -> str:
        """The checked lines alone."""
        lines = [f"{key}={self.keys[key]}" for key in _KEPT if key in self.keys]
        return "\n".join([f"Tree={self.number}", *lines, "", "", ""])


def check_tree(number: int, lines: Sequence[str], features: int, limits: Limits) -> CheckedTree:
    """Check the lines of one tree. Raises ExplainRefused: malformed_model, limit_exceeded, unsupported_model."""
    tree = _Tree(number, lines)
    (leaves,) = tree.wholes("num_leaves", 1, 0, _MAX_INT)
    if leaves > limits.nodes:
        raise ExplainRefused("limit_exceeded", f"Tree {number} declares {leaves:,} leaves; at most {limits.nodes:,}.")
    if leaves < 1:
        tree.refuse("there are no leaves")
    _refuse_linear(tree)
    inner = leaves - 1
    (categorical,) = tree.wholes("num_cat", 1, 0, _MAX_INT)
    if categorical > inner:
        tree.refuse("it declares more splits by category than it has splits")
    tree.decimals("leaf_value", leaves)
    tree.decimals("shrinkage", 1)
    if not inner:
        return CheckedTree(leaves, _single_leaf(tree), True)
    rows = tree.wholes("leaf_count", leaves, 0, _MAX_INT)
    # contributions divide by the rows of each node
    counts = tree.wholes("internal_count", inner, 1, _MAX_INT)
    tree.wholes("split_feature", inner, 0, features - 1)
    decisions = tree.wholes("decision_type", inner, 0, 15)
    if any(decision >> 2 == _MISSING_KINDS for decision in decisions):
        tree.refuse("a split treats missing values in a way that does not exist")
    thresholds = tree.decimals("threshold", inner)
    left = tree.wholes("left_child", inner, -leaves, inner - 1)
    right = tree.wholes("right_child", inner, -leaves, inner - 1)
    _walk(tree, left, right, leaves, limits)
    sets = [place for decision, place in zip(decisions, thresholds, strict=True) if decision & _CATEGORICAL]
    _check_categories(tree, sets, categorical, limits)
    # a leaf is written as -1 - leaf, so the rows of leaves stand backwards behind those of splits
    below = [*counts, *reversed(rows)]
    counted = all(
        count == below[first] + below[second] for count, first, second in zip(counts, left, right, strict=True)
    )
    return CheckedTree(leaves, tree.text(), counted)


def _refuse_linear(tree: _Tree) -> None:
    if "is_linear" in tree.keys and tree.wholes("is_linear", 1, 0, 1) == [1]:
        raise ExplainRefused(
            "unsupported_model",
            "This model has a linear formula in each leaf, for which LightGBM computes no contributions. Train it "
            "with linear_tree=False.",
        )
    if _LINEAR & set(tree.keys):
        tree.refuse("a leaf has a formula although the tree says that none has")


def _single_leaf(tree: _Tree) -> str:
    """A tree without a split: only its value counts."""
    return (
        f"Tree={tree.number}\nnum_leaves=1\nnum_cat=0\nleaf_value={tree.keys['leaf_value']}\n"
        f"is_linear=0\nshrinkage={tree.keys['shrinkage']}\n\n\n"
    )


def _walk(tree: _Tree, left: Sequence[int], right: Sequence[int], leaves: int, limits: Limits) -> None:
    """Every split but the root, and every leaf (written as -1 - leaf), is reached exactly once, not too deep."""
    seen_splits, seen_leaves = bytearray(len(left)), bytearray(leaves)
    seen_splits[0] = 1
    level, depth = [0], 0
    while level:
        depth += 1
        if depth > limits.tree_depth:
            raise ExplainRefused("limit_exceeded", f"A tree is more than {limits.tree_depth} levels deep.")
        below: list[int] = []
        for node in level:
            for child in (left[node], right[node]):
                seen, place = (seen_splits, child) if child >= 0 else (seen_leaves, -1 - child)
                if seen[place]:
                    tree.refuse(f"split {node} leads to a node that is reached twice: a cycle, not a tree")
                seen[place] = 1
                if child >= 0:
                    below.append(child)
        level = below
    if 0 in seen_splits or 0 in seen_leaves:
        tree.refuse("some nodes cannot be reached from the root")


def _check_categories(tree: _Tree, places: Sequence[float], count: int, limits: Limits) -> None:
    """Sets of categories: bits in 32-bit words, one run of words for each set, and each split asks for one of them."""
    if not count:
        if places:
            tree.refuse("a split asks for categories, and there are none")
        if "cat_boundaries" in tree.keys or "cat_threshold" in tree.keys:
            tree.refuse("it holds categories although it declares none")
        return
    if any(not place.is_integer() or not 0 <= place < count for place in places):
        tree.refuse("a split asks for a set of categories that does not exist")
    bounds = tree.wholes("cat_boundaries", count + 1, 0, _MAX_INT)
    if bounds[0] != 0 or any(end <= start for start, end in pairwise(bounds)):
        tree.refuse("its sets of categories do not follow each other")
    if any((end - start) * 32 > limits.categories + 32 for start, end in pairwise(bounds)):
        raise ExplainRefused(
            "limit_exceeded", f"A split tells more than {limits.categories:,} categories apart; fewer are read."
        )
    tree.wholes("cat_threshold", bounds[-1], 0, 2**32 - 1)
