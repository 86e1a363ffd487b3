"""Interaction values by their definition: the worth of every subset of features, and nothing that is clever."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np

from explain.attributions.engines.fast.tree import Rows, Rule, Tree


def worth(tree: Tree, row: Rows, known: frozenset[int], node: int = 0) -> float:
    """The mean of the leaves a row may come to when only some features are known, by the training rows on each way."""
    left, right = tree.left[node], tree.right[node]
    if left < 0:
        return tree.value[node]
    if tree.feature[node] in known:
        return worth(tree, row, known, left if row.go_left(tree, node)[0] else right)
    return sum(worth(tree, row, known, side) * tree.cover[side] / tree.cover[node] for side in (left, right))


def by_definition(trees: Sequence[Tree], rule: Rule, values: Any) -> Any:
    """For one row of shape (features,): halves of Shapley interaction indices beside the diagonal, and on it what leaves
    the sums of rows to be Shapley values."""
    row, count = Rows(values[None, :], rule), len(values)

    @cache
    def of(known: frozenset[int]) -> float:
        return sum(worth(tree, row, known) for tree in trees)

    everyone = range(count)
    found = np.zeros((count, count))
    for one in everyone:
        for size in range(count):
            for chosen in combinations(set(everyone) - {one}, size):
                known = frozenset(chosen)
                weight = factorial(size) * factorial(count - size - 1) / factorial(count)
                found[one, one] += weight * (of(known | {one}) - of(known))
    for one, other in combinations(everyone, 2):
        for size in range(count - 1):
            for chosen in combinations(set(everyone) - {one, other}, size):
                known = frozenset(chosen)
                weight = factorial(size) * factorial(count - size - 2) / factorial(count - 1)
                gain = of(known | {one, other}) - of(known | {one}) - of(known | {other}) + of(known)
                found[one, other] += weight * gain / 2
        found[other, one] = found[one, other]
        found[one, one] -= found[one, other]
        found[other, other] -= found[one, other]
    return found
