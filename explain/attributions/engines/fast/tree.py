"""One tree as plain numbers, and which way rows go at its splits: by the rule of the library that grew it, to the last
bit.

A row that goes the wrong way at a split it never reaches keeps the sum of its values right and makes the values wrong,
so nothing but the library's own comparison will do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from explain.attributions.engines.result import Floats

Booleans = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Tree:
    """Lists have one entry for each node; node 0 is the root, and `left` is -1 at a leaf. `value` counts at leaves,
    `cover` is the training weight of a node. `output`: which output the leaves add to. `missing_left`: where an empty
    cell goes. `zero_is_missing`: nodes at which a zero counts as an empty cell. `sets`: for splits by category, whether
    each code goes left; the last entry is for every code beyond."""

    feature: list[int]
    threshold: list[float]
    left: list[int]
    right: list[int]
    value: list[float]
    cover: list[float]
    missing_left: list[bool]
    output: int = 0
    zero_is_missing: frozenset[int] = frozenset()
    sets: dict[int, Booleans] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """Whether every node has a positive cover, by which the values divide."""
        return all(0 < cover < np.inf for cover in self.cover)


@dataclass(frozen=True)
class Rule:
    """How a library compares: a cell is rounded to `rounded` first, goes left when it is less than the threshold
    (`strict`) or at most the threshold, and counts as zero when it is `tiny` or nearer to zero. `negative`: whether
    every code below zero, -0.5 too, is a category beyond those known."""

    strict: bool
    rounded: Literal["float32", "float64"]
    tiny: float = 0.0
    negative: bool = False


class Rows:
    """Some rows by column, as a library compares them; `values` has shape (rows, features)."""

    def __init__(self, values: Floats, rule: Rule) -> None:
        self._rule = rule
        with np.errstate(over="ignore"):  # a number beyond 32 bits becomes infinite, as it does in the library
            columns = np.ascontiguousarray(values.T.astype(rule.rounded, copy=False))
        if rule.tiny:
            columns = np.where(np.abs(columns) <= rule.tiny, 0.0, columns)
        # thresholds of XGBoost are 32-bit numbers, those of the others 64-bit ones
        self._columns = columns if rule.strict else columns.astype(np.float64, copy=False)
        empty = np.isnan(columns)
        self._empty = {place: empty[place] for place in np.flatnonzero(empty.any(axis=1)).tolist()}
        self._codes: dict[int, npt.NDArray[np.int64]] = {}
        self.count = len(values)

    def go_left(self, tree: Tree, node: int) -> Booleans:
        """Per row, whether it goes left at this split."""
        place = tree.feature[node]
        column, empty = self._columns[place], self._empty.get(place)
        if node in tree.sets:
            known = tree.sets[node]
            left: Booleans = known[np.minimum(self._coded(place), len(known) - 1)]
            if empty is not None:
                left = np.where(empty, tree.missing_left[node], left)
            return left
        compare = np.less if self._rule.strict else np.less_equal
        left = compare(column, column.dtype.type(tree.threshold[node]))
        if node in tree.zero_is_missing:
            zero = column == 0 if empty is None else (column == 0) | empty
            left = left | zero if tree.missing_left[node] else left & ~zero
        elif empty is not None and tree.missing_left[node]:
            left |= empty
        return left

    def _coded(self, place: int) -> npt.NDArray[np.int64]:
        """Categories as whole numbers; what is none becomes a large one, which no set knows."""
        if place not in self._codes:
            column = self._columns[place].astype(np.float64)
            beyond = ~(np.abs(column) < 2**31) | (column < 0 if self._rule.negative else column <= -1)
            self._codes[place] = np.where(beyond, 2**31, column).astype(np.int64)
        return self._codes[place]
