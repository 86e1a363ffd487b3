"""SHAP interaction values of trees, exact: how much of an answer two features make only together.

To a leaf of weight w, a row is a pattern: o_k says whether it goes the leaf's way at all splits by feature k, and z_k is the
share of training rows that do. The leaf's game is v(S) = w * prod(o_k, k in S) * prod(z_k, k not in S) (Lundberg et al. 2018,
Algorithm 1). Values are integrals of its multilinear extension (Owen 1972; for pairs, the Shapley interaction index:
Grabisch & Roubens 1999; Fujimoto, Kojadinovic & Marichal 2006), with p_k(t) = t * o_k + (1 - t) * z_k:
phi_i = w * integral over t from 0 to 1 of (o_i - z_i) * prod(p_k(t), k != i),
and for i != j, each of the two halves as Lundberg et al. (2020) split them,
Phi_ij = w / 2 * integral of (o_i - z_i) * (o_j - z_j) * prod(p_k(t), k != i, j); Phi_ii = phi_i - sum(Phi_ij, j != i).
The polynomials have a degree below the number of features on the path, so Gauss-Legendre quadrature is exact.

Summed over leaves at one point t: with P the product of all p_k of a leaf, and g_k = (o_k - z_k) / p_k, its terms are
P * g_i and P * g_i * g_j. Down a path g_k changes only at edges that ask for k, by d(edge), so g_i * g_j is the sum of
d(upper) * d(lower) over pairs of edges, one for each feature; the sum of P over the leaves below the lower edge is needed
once for each edge. A row thus costs a multiplication for each split and each edge above it, and none for each leaf.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from explain.attributions.engines.fast.levels import Levels, Places, laid_out
from explain.attributions.engines.fast.model import read_trees
from explain.attributions.engines.fast.tables import quadrature
from explain.attributions.engines.fast.tree import Booleans, Rows, Rule, Tree
from explain.attributions.engines.result import Engine, Floats, Opened

CHUNK_NODES: Final = 300
CELLS: Final = 120_000  # of one array of numbers, so that a few of them stay in the processor's cache
LEAST_ROWS: Final = 50
MOST_STEPS: Final = 1_000_000_000  # multiplications, of 2 nanoseconds each, and up to 8 in very large trees
MOST_PAIRS: Final = 2_000_000  # of splits and edges above them in one chunk: 100 MB of places
MOST_RESULTS: Final = 10_000_000  # numbers given back: 80 MB
TOLERANCE: Final = 1e-4  # of the largest value: libraries that add up in 32 bits are not closer


@dataclass(frozen=True)
class Found:
    """`values`: shape (rows, features, features), symmetric, for the rows at `places` of those given; None where there are
    none. `by_category`: features whose values are codes without an order. `why`: one sentence on why there are no values, or
    only of some of the rows; else empty."""

    values: Floats | None
    places: Places
    by_category: frozenset[int]
    why: str


def interactions_of(engine: Engine, opened: Opened, values: Floats, output: int, explained: Floats) -> Found:
    """Interaction values of a model made of trees, in the space of `engine`, which explained the same rows.

    Shapes: values (rows, features), as the model takes them; explained (rows, features), the SHAP values of `output`. They
    are believed only where each feature's values add up to what was explained, which differently read trees would not
    give. Where all rows would take too long, they are computed for some of them, evenly spaced; never for fewer than
    LEAST_ROWS of more.
    """
    read = read_trees(engine, opened)
    if read is None:
        return _none("How features work together can be computed only for models made of trees that can be read.")
    features = opened.feature_count
    chunks = chunks_of(read.trees, output)
    most = min(
        len(values),
        MOST_RESULTS // features**2,
        MOST_STEPS // max(1, sum(_steps(chunk) for chunk in chunks)),
    )
    if most < min(len(values), LEAST_ROWS) or any(_pairs(chunk) > MOST_PAIRS for chunk in chunks):
        return _none(
            f"How features work together was not computed: with {features:,} features and {len(read.trees):,} trees of "
            "this depth it would be too large a computation."
        )
    places = np.linspace(0, len(values) - 1, most).round().astype(np.intp)
    found = summed(chunks, read.rule, read.seen(np.ascontiguousarray(values[places])), features)
    if not _agree(found.sum(axis=2), explained[places]):
        return _none("How features work together is not shown: the values did not add up to those of the explanation.")
    fewer = f"How features work together was computed for {most:,} of {len(values):,} rows; more would take too long."
    sets = frozenset(tree.feature[node] for tree in read.trees for node in tree.sets)
    return Found(found, places, sets, "" if most == len(values) else fewer)


def _none(why: str) -> Found:
    return Found(None, np.empty(0, np.intp), frozenset(), why)


def _agree(found: Floats, wanted: Floats) -> bool:
    """Whether all values are numbers, and none is further away than TOLERANCE of the largest."""
    if not (np.isfinite(found).all() and np.isfinite(wanted).all()):
        return False
    largest = max(np.abs(found).max(initial=0), np.abs(wanted).max(initial=0))
    return bool(np.abs(found - wanted).max(initial=0) <= TOLERANCE * largest)


def _pairs(chunk: Levels) -> int:
    """How many splits with an edge above them there are at most."""
    return sum(depth * int(chunk.inner[start:stop].sum()) for depth, (start, stop) in enumerate(pairwise(chunk.starts)))


def _steps(chunk: Levels) -> int:
    """Multiplications for one row, as many as it takes; those of a node count as six."""
    return (chunk.most + 1) // 2 * (_pairs(chunk) + 6 * chunk.count)


def interactions(trees: Sequence[Tree], rule: Rule, rows: Floats, features: int, output: int) -> Floats:
    """Interaction values of the trees that add to `output`, for rows of shape (rows, features); shape (rows, features,
    features), symmetric, each row of a matrix adding up to the feature's SHAP value."""
    return summed(chunks_of(trees, output), rule, rows, features)


def chunks_of(trees: Sequence[Tree], output: int) -> list[Levels]:
    """The trees of one output in groups of about CHUNK_NODES nodes, or of one tree."""
    found: list[Levels] = []
    group: list[Tree] = []
    nodes = 0
    for tree in trees:
        if tree.output != output:
            continue
        if group and nodes + len(tree.left) > CHUNK_NODES:
            found.append(laid_out(group))
            group, nodes = [], 0
        group.append(tree)
        nodes += len(tree.left)
    if group:
        found.append(laid_out(group))
    return found


def summed(chunks: Sequence[Levels], rule: Rule, rows: Floats, features: int) -> Floats:
    """See `interactions`."""
    seen = Rows(rows, rule)
    alone = np.zeros((features, len(rows)))
    first, second = np.triu_indices(features, 1)
    together = np.zeros((len(first), len(rows)))
    # a share too small for a number makes values that are none, and they are not believed
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for chunk in (each for each in chunks if each.most):  # without a split there is nothing to share out
            _Sums(chunk, features).add(chunk.satisfied(seen), alone, together)
    found = np.zeros((len(rows), features, features))
    found[:, first, second] = together.T / 2
    found[:, second, first] = together.T / 2
    place = np.arange(features)
    found[:, place, place] = alone.T - found.sum(axis=2)
    return found


@dataclass
class _Grouped:
    """Things in the order of where they are added to: the things of `targets[n]` are from `starts[n]`."""

    order: Places
    starts: Places
    targets: Places


def _grouped(targets: Places) -> _Grouped:
    order = np.argsort(targets, kind="stable")
    found, starts = np.unique(targets[order], return_index=True)
    return _Grouped(order, starts, found)


class _Sums:
    """One chunk over rows; adds to `alone`, shape (features, rows), and to `together`, shape (pairs of features, rows)."""

    def __init__(self, levels: Levels, features: int) -> None:
        self._levels = levels
        self._roots = levels.starts[1]
        self._parents = levels.above[self._roots :: 2]
        self._own = _grouped(levels.asked[self._roots :: 2])
        splits, edges = levels.pairs()
        # splits are told by their place among parents
        number = np.zeros(levels.count, np.intp)
        number[self._parents] = np.arange(len(self._parents))
        below = levels.asked[self._roots :: 2][number[splits]]
        low, high = np.minimum(below, levels.asked[edges]), np.maximum(below, levels.asked[edges])
        self._pairs = _grouped(low * (2 * features - low - 1) // 2 + high - low - 1)
        self._splits, self._edges = number[splits][self._pairs.order], edges[self._pairs.order]

    def add(self, satisfied: Booleans, alone: Floats, together: Floats) -> None:
        """`satisfied`: see Levels."""
        width = max(1, CELLS // self._levels.count)
        for start in range(0, satisfied.shape[1], width):
            block = slice(start, start + width)
            for point, weight in zip(*quadrature(self._levels.most), strict=True):
                self._add_point(satisfied[:, block], point, weight, alone[:, block], together[:, block])

    def _add_point(self, satisfied: Booleans, point: float, weight: float, alone: Floats, together: Floats) -> None:
        levels = self._levels
        missed = levels.share * (1 - point)
        met = missed + point
        factor = np.where(satisfied, met[:, None], missed[:, None])
        gain = np.where(satisfied, ((1 - levels.share) / met)[:, None], -1 / (1 - point))
        change = gain - gain[levels.before]
        sums = self._products(factor / factor[levels.before])
        moved = change[self._roots :] * sums[self._roots :]
        moved = (moved[::2] + moved[1::2]) * weight
        own, pairs = self._own, self._pairs
        alone[own.targets] += np.add.reduceat(moved[own.order], own.starts, axis=0)
        size = max(1, CELLS // satisfied.shape[1])
        for start in range(0, len(self._splits), size):
            part = slice(start, start + size)
            products = moved[self._splits[part]]
            products *= change[self._edges[part]]
            low, high = np.searchsorted(pairs.starts, (start, start + len(products)))
            low -= low == len(pairs.starts) or pairs.starts[low] > start
            starts = np.maximum(pairs.starts[low:high] - start, 0)
            together[pairs.targets[low:high]] += np.add.reduceat(products, starts, axis=0)

    def _products(self, ratio: Floats) -> Floats:
        """For each node the sum over the leaves below it of their products with their weights."""
        levels = self._levels
        bounds = list(pairwise(levels.starts[1:]))
        found = ratio
        for start, stop in bounds:
            found[start:stop] *= found[levels.above[start:stop]]
        found *= levels.weight[:, None]
        for start, stop in reversed(bounds):
            found[levels.above[start:stop:2]] = found[start:stop:2] + found[start + 1 : stop : 2]
        return found
