"""When tables of trees pay: both sides are estimated from the sizes of the trees, with times measured on one core."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from explain.attributions.engines.fast.tables import LEAF_BITS
from explain.attributions.engines.fast.tree import Tree

# Seconds, measured on models of 2 to 14 levels and 300 to 10,000 rows; most estimates are within a third of what was read.
_TREE, _LEAF, _CELL = 45e-6, 45e-6, 24e-9
_DEEP = 200e-6
_LOOKED_UP, _COMPUTED = 5e-9, 200e-9  # a row at a leaf with a table, and at one too deep for a table
# The exact engines follow each row to each leaf, in a time that grows with the square of the leaf's depth.
_EXACT_LEAF: Final = {"xgboost": 60e-9, "lightgbm": 60e-9, "scikit-learn": 35e-9}
_EXACT_SQUARE: Final = {"xgboost": 2.1e-9, "lightgbm": 1.7e-9, "scikit-learn": 1.7e-9}
_THREADED: Final = ("xgboost", "lightgbm")
_MARGIN: Final = 1.3  # what must be won to choose the engine that has a guard to pay for


@dataclass(frozen=True)
class Sizes:
    """Sums over all trees: `leaves`, the squares of their depths, the cells of their tables, and those that are too
    `deep` for one; `most`: the most different features on any path."""

    trees: int
    leaves: int
    squares: int
    cells: int
    deep: int
    most: int


def sizes_of(trees: list[Tree]) -> Sizes:
    """Counted by walking each tree."""
    leaves = squares = cells = deep = most = 0
    for tree in trees:
        waiting: list[tuple[int, frozenset[int], int]] = [(0, frozenset(), 0)]
        while waiting:
            node, above, depth = waiting.pop()
            if tree.left[node] >= 0:
                below = above | {tree.feature[node]}
                waiting += [(tree.left[node], below, depth + 1), (tree.right[node], below, depth + 1)]
                continue
            size = len(above)
            leaves += 1
            squares += depth * depth
            if size > LEAF_BITS:
                deep += 1
            else:
                cells += size * 2**size
            most = max(most, size)
    return Sizes(len(trees), leaves, squares, cells, deep, most)


def pays(sizes: Sizes, rows: int, family: str, threads: int) -> bool:
    """Whether `rows` rows take less time with tables than with the exact engine of the family, which may use several
    threads where tables use one."""
    tables = _TREE * sizes.trees + _LEAF * sizes.leaves + _CELL * sizes.cells + _DEEP * sizes.deep
    tables += rows * (_LOOKED_UP * sizes.leaves + _COMPUTED * sizes.deep)
    exact = rows * (_EXACT_LEAF[family] * sizes.leaves + _EXACT_SQUARE[family] * sizes.squares)
    return tables * _MARGIN < exact / (threads if family in _THREADED else 1)
