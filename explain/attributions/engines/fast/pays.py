"""When tables of trees pay: both sides are estimated from the sizes of the trees, with times measured on one core."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from explain.attributions.engines.fast.tables import sizes_with_tables
from explain.attributions.engines.fast.tree import Tree
from explain.attributions.engines.guard import judged

# Seconds, measured on models of 2 to 14 levels and 200 to 10,000 rows; most estimates are within a third of what was read.
_TREE, _LEAF, _CELL, _DEEP = 30e-6, 25e-6, 19e-9, 200e-6
_LOOKED_UP, _COMPUTED = 5e-9, 200e-9  # a row at a leaf with a table, and at one too deep for a table
# The exact engines follow each row to each leaf, in a time that grows with the square of the leaf's depth.
_EXACT_LEAF: Final = {"xgboost": 37e-9, "lightgbm": 42e-9, "scikit-learn": 45e-9}
_EXACT_SQUARE: Final = {"xgboost": 2.4e-9, "lightgbm": 1.7e-9, "scikit-learn": 1.4e-9}
_THREADED: Final = ("xgboost", "lightgbm")
_SECOND_THREAD: Final = 0.7  # what each further thread adds, on a machine that others use too
_MARGIN: Final = 1.05  # what else the guard does
_LEAST_ROWS: Final = 200  # for each thread of the other engine; below, reading the trees would be for nothing


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
        of_size: Counter[int] = Counter()
        waiting: list[tuple[int, frozenset[int], int]] = [(0, frozenset(), 0)]
        while waiting:
            node, above, depth = waiting.pop()
            if tree.left[node] >= 0:
                below = above | {tree.feature[node]}
                waiting += [(tree.left[node], below, depth + 1), (tree.right[node], below, depth + 1)]
            else:
                of_size[len(above)] += 1
                squares += depth * depth
        tabled = sizes_with_tables(of_size)
        leaves += of_size.total()
        cells += sum(count * size * 2**size for size, count in of_size.items() if size in tabled)
        deep += sum(count for size, count in of_size.items() if size not in tabled)
        most = max(most, *of_size)
    return Sizes(len(trees), leaves, squares, cells, deep, most)


def may_pay(rows: int, family: str, threads: int) -> bool:
    """Whether it is worth while to read the trees and see."""
    return rows >= _LEAST_ROWS * (threads if family in _THREADED else 1)


def pays(sizes: Sizes, rows: int, family: str, threads: int) -> bool:
    """Whether `rows` rows take less time with tables than with the exact engine of the family, which may use several
    threads where tables use one."""
    tables = _TREE * sizes.trees + _LEAF * sizes.leaves + _CELL * sizes.cells + _DEEP * sizes.deep
    tables += rows * (_LOOKED_UP * sizes.leaves + _COMPUTED * sizes.deep)
    exact = rows * (_EXACT_LEAF[family] * sizes.leaves + _EXACT_SQUARE[family] * sizes.squares)
    if family in _THREADED:
        exact /= 1 + _SECOND_THREAD * (threads - 1)
    return tables * _MARGIN + exact * judged(rows) / rows < exact
