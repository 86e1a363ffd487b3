"""The exact values of a leaf, tabulated once for every pattern of satisfied features, and tables of leaves added up.

To a leaf, a row is a pattern: of each feature on its path, whether the row goes the leaf's way at all its splits. Its
game is a product, v(S) = w * prod(o_f, f in S) * prod(z_f, f not in S), with o the pattern and z the share of training
rows that went the leaf's way (Lundberg et al. 2018, Algorithm 1). Its Shapley values are integrals of polynomials
(Owen 1972, multilinear extension), which Gauss-Legendre quadrature gives exactly:
phi_f = w * integral over t from 0 to 1 of (o_f - z_f) * prod(t * o_j + (1 - t) * z_j, j != f).
Patterns as table indices follow WOODELF (Nadel & Wettenstein 2025).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from explain.attributions.engines.fast.tree import Booleans, Tree
from explain.attributions.engines.result import Floats

LEAF_BITS: Final = 10  # the features of a leaf with a table of its own
MOST_CELLS: Final = 4_000_000  # of the tables of one tree, before they are added up: 32 MB


@cache
def quadrature(features: int) -> tuple[Floats, Floats]:
    """Points in (0, 1) and weights, exact for polynomials of degree `features` - 1."""
    points, weights = np.polynomial.legendre.leggauss((features + 1) // 2)
    return (points + 1) / 2, weights / 2


@cache
def _bits(features: int) -> Booleans:
    """Whether a pattern has a feature, shape (features, 2 ** features)."""
    return (np.arange(2**features) >> np.arange(features)[:, None] & 1).astype(np.bool_)


def leaf_tables(shares: Floats, leaf_weights: Floats) -> Floats:
    """Values of leaves for all patterns. `shares`: z, shape (leaves, features); `leaf_weights`: w, shape (leaves,). The
    result has shape (leaves, features, 2 ** features); bit f of the last index says whether feature f is satisfied."""
    features = shares.shape[1]
    points, weights = quadrature(features)
    missed = shares[:, None, :] * (1 - points)[:, None]
    met = missed + points[:, None]
    product = (leaf_weights[:, None] * weights)[:, :, None]
    for place in range(features):
        product = np.concatenate([missed[:, :, place, None] * product, met[:, :, place, None] * product], axis=2)
    # (o - z) / factor: for a feature that is not satisfied it is -1 / (1 - t), whatever the feature
    gains = (1 - shares)[:, :, None] / met.transpose(0, 2, 1)
    lost = np.broadcast_to(-1 / (1 - points), (len(shares), 1, len(points)))
    values = np.concatenate([gains, lost], axis=1) @ product
    return np.where(_bits(features), values[:, :-1], values[:, -1:])


def unit_values(shares: Floats, patterns: Floats) -> Floats:
    """Values of one leaf of weight 1 for some patterns only. `shares`: z, shape (features,); `patterns`: 0 and 1, shape
    (features, patterns), as is the result."""
    total = np.zeros(patterns.shape)
    gains = patterns - shares[:, None]
    for point, weight in zip(*quadrature(len(shares)), strict=True):
        factors = point * patterns + ((1 - point) * shares)[:, None]
        total += gains / factors * (weight * np.prod(factors, axis=0))
    return total


def sizes_with_tables(leaves: Mapping[int, int]) -> set[int]:
    """For which numbers of features leaves have tables, out of how many leaves of a tree have how many features."""
    cells, found = 0, set()
    for size in sorted(leaves):
        cells += leaves[size] * size * 2**size
        if size <= LEAF_BITS and cells <= MOST_CELLS:
            found.add(size)
    return found


@dataclass(frozen=True)
class Table:
    """Leaves that are looked up together. `values`: shape (features, 2 ** bits). The low bits of an index are the
    pattern at the node above the leaves; bit `shift` of `splits` says whether the row goes left at that node."""

    features: tuple[int, ...]
    values: Floats
    splits: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Deep:
    """A leaf with too many features for a table: the patterns that rows show are computed as they come."""

    features: tuple[int, ...]
    shares: Floats
    weight: float


@dataclass(frozen=True)
class Split:
    """A node whose sides are looked up each by itself. Its feature has bit `bit` of the pattern; `new`: whether no node
    above asked for it."""

    node: int
    bit: int
    new: bool
    left: Part
    right: Part


Part = Table | Deep | Split | None


def bytes_of(part: Part) -> int:
    """What the tables take in memory."""
    if isinstance(part, Split):
        return bytes_of(part.left) + bytes_of(part.right)
    return part.values.nbytes if isinstance(part, Table) else 0


@dataclass(frozen=True)
class Effort:
    """When tables are added up: at most `bits` bits, and only where `rows` rows save more than the sum costs."""

    rows: int
    bits: int = 11

    def worth(self, saved: int, features: int, bits: int) -> bool:
        """A look-up takes about as long as two cells of a sum, and a sum itself as long as 20,000 look-ups."""
        return bits <= self.bits and self.rows * saved > features * 2**bits // 2 + 20_000


@dataclass(frozen=True)
class _Leaf:
    features: tuple[int, ...]
    shares: tuple[float, ...]
    weight: float


def tabulated(tree: Tree, effort: Effort) -> Part:
    """The tree ready for look-ups; None when it has no split."""
    leaves: dict[int, _Leaf] = {}
    _find_leaves(tree, 0, (), (), leaves)
    return _joined(tree, 0, (), _leaf_tables(leaves), effort)


def _find_leaves(
    tree: Tree, node: int, features: tuple[int, ...], shares: tuple[float, ...], found: dict[int, _Leaf]
) -> None:
    if tree.left[node] < 0:
        found[node] = _Leaf(features, shares, tree.value[node])
        return
    feature = tree.feature[node]
    for child in (tree.left[node], tree.right[node]):
        share = tree.cover[child] / tree.cover[node]
        if feature in features:
            place = features.index(feature)
            below = (*shares[:place], shares[place] * share, *shares[place + 1 :])
            _find_leaves(tree, child, features, below, found)
        else:
            _find_leaves(tree, child, (*features, feature), (*shares, share), found)


def _leaf_tables(leaves: dict[int, _Leaf]) -> dict[int, Table | Deep | None]:
    by_size: dict[int, list[int]] = {}
    for node, leaf in leaves.items():
        by_size.setdefault(len(leaf.features), []).append(node)
    tabled = sizes_with_tables({size: len(nodes) for size, nodes in by_size.items()})
    found: dict[int, Table | Deep | None] = {}
    for size, nodes in by_size.items():
        if not size:
            found |= dict.fromkeys(nodes)
        elif size not in tabled:
            found |= {
                node: Deep(leaves[node].features, np.array(leaves[node].shares), leaves[node].weight) for node in nodes
            }
        else:
            shares, weights = [leaves[node].shares for node in nodes], [leaves[node].weight for node in nodes]
            tables = leaf_tables(np.array(shares), np.array(weights))
            found |= {node: Table(leaves[node].features, table) for node, table in zip(nodes, tables, strict=True)}
    return found


def _joined(
    tree: Tree, node: int, path: tuple[int, ...], leaves: dict[int, Table | Deep | None], effort: Effort
) -> Part:
    if tree.left[node] < 0:
        return leaves[node]
    feature = tree.feature[node]
    new = feature not in path
    below = (*path, feature) if new else path
    left = _joined(tree, tree.left[node], below, leaves, effort)
    right = _joined(tree, tree.right[node], below, leaves, effort)
    bit = below.index(feature)
    if isinstance(left, Table) and isinstance(right, Table):
        features = tuple(dict.fromkeys((*below, *left.features, *right.features)))
        saved = len(left.features) + len(right.features) - len(features)
        if effort.worth(saved, len(features), len(path) + 1 + len(left.splits) + len(right.splits)):
            return _sum(left, right, node, bit, len(path), features, new=new)
    return Split(node, bit, new, left, right)


def _sum(left: Table, right: Table, node: int, bit: int, path: int, features: tuple[int, ...], *, new: bool) -> Table:
    """One table for both sides of `node`, whose pattern has `path` bits. Its index: the pattern, then whether the row
    goes left here, then the splits of the left side, then those of the right."""
    sides = []
    for table, way in ((left, 1), (right, 0)):
        if new:  # the feature's bit stands last in the pattern, and says which way the row goes
            seen = table.values.reshape(len(table.features), -1, 2, 2**path)
            sides.append(seen if way else seen[:, :, ::-1])
        else:  # the feature stays satisfied only where the row goes this way once more
            seen = table.values.reshape(len(table.features), -1, 2 ** (path - bit - 1), 2, 2**bit)
            lost = seen[:, :, :, [0, 0]]
            pair = (lost, seen) if way else (seen, lost)
            sides.append(np.stack(pair, axis=2).reshape(len(table.features), -1, 2, 2**path))
    first, second = sides
    values = np.zeros((len(features), second.shape[1], first.shape[1], 2, 2**path))
    values[[features.index(one) for one in left.features]] += first[:, None]
    values[[features.index(one) for one in right.features]] += second[:, :, None]
    own = path + 1
    # the pattern below a new feature has one bit more, above which the sides' own splits stood
    shift = own - (path + 1 if new else path)
    moved = [(one, place + shift) for one, place in left.splits]
    moved += [(one, place + shift + len(left.splits)) for one, place in right.splits]
    return Table(features, values.reshape(len(features), -1), ((node, path), *moved))
