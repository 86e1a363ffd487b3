"""Several trees laid out level by level, so that all nodes of a level are computed at once.

An edge is told by the node it leads to; its feature is that of the split above. Roots have no edge: they stand first, and
stand in wherever there is no edge further up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from explain.attributions.engines.fast.tree import Booleans, Rows, Tree
from explain.attributions.engines.result import Floats

Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Levels:
    """Arrays have one entry for each node, level by level: level n is from `starts[n]` to `starts[n + 1]`.

    `tree` and `node`: where it comes from. `above`: the place of its parent, its own at a root. `asked`: the feature of the
    split above it, -1 at a root. `before`: the place of the nearest edge further up that asks for the same feature, 0 where
    there is none. `share`: the share of training rows that all edges of this feature let through, down to this one.
    `weight`: the value of a leaf, 0 elsewhere. `most`: the most different features on any path.
    """

    trees: Sequence[Tree]
    starts: list[int]
    tree: Places
    node: Places
    above: Places
    asked: Places
    before: Places
    share: Floats
    weight: Floats
    inner: Booleans
    most: int

    @property
    def count(self) -> int:
        """How many nodes there are."""
        return len(self.node)

    def satisfied(self, rows: Rows) -> Booleans:
        """Whether a row goes each node's way at all splits above that ask for the feature of its edge; shape (nodes,
        rows). True at roots."""
        went = np.ones((self.count, rows.count), np.bool_)
        for place in range(self.starts[1], self.count, 2):  # siblings stand side by side, the left one first
            above = self.above[place]
            went[place] = rows.go_left(self.trees[self.tree[above]], int(self.node[above]))
            np.logical_not(went[place], out=went[place + 1])
        for start, stop in pairwise(self.starts[1:]):
            went[start:stop] &= went[self.before[start:stop]]
        return went

    def pairs(self) -> tuple[Places, Places]:
        """Every split with each edge above it that asks for another feature: places of the splits, places of the edges. There
        must be a split."""
        splits = np.flatnonzero(self.inner)
        edges = splits
        found_splits: list[Places] = []
        found_edges: list[Places] = []
        below = self._split_features()
        while len(splits):
            there = self.asked[edges] >= 0
            splits, edges = splits[there], edges[there]
            other = self.asked[edges] != below[splits]
            found_splits.append(splits[other])
            found_edges.append(edges[other])
            edges = self.above[edges]
        return np.concatenate(found_splits), np.concatenate(found_edges)

    def _split_features(self) -> Places:
        """The feature that each node itself asks for, -1 at leaves."""
        found = np.full(self.count, -1, np.intp)
        edges = slice(self.starts[1], None)
        found[self.above[edges]] = self.asked[edges]
        return found


def laid_out(trees: Sequence[Tree]) -> Levels:
    """The trees, which must be sound (`Tree.sound`), as levels."""
    left, right, feature, value, cover = (
        [np.asarray(getattr(tree, name)) for tree in trees] for name in ("left", "right", "feature", "value", "cover")
    )
    first = np.cumsum([0, *(len(each) for each in left)])
    lefts, rights, features, values, covers = (
        np.concatenate(each) for each in (_moved(left, first), _moved(right, first), feature, value, cover)
    )
    level: Places = first[:-1].astype(np.intp)
    order, above, starts = [level], [np.arange(len(level))], [0, len(level)]
    while True:
        splitting = np.flatnonzero(lefts[level] >= 0)
        if not len(splitting):
            break
        parents = level[splitting]
        above.append(np.repeat(splitting + starts[-2], 2))
        level = np.column_stack([lefts[parents], rights[parents]]).ravel()
        order.append(level)
        starts.append(starts[-1] + len(level))
    nodes, parents = np.concatenate(order), np.concatenate(above)
    roots = starts[1]
    asked = features[nodes[parents]].astype(np.intp)
    asked[:roots] = -1
    before = _before(parents, asked)
    share = covers[nodes] / covers[nodes[parents]]
    known = np.zeros(len(nodes), np.intp)
    for start, stop in pairwise(starts[1:]):
        own = slice(start, stop)
        share[own] *= share[before[own]]
        known[own] = known[parents[own]] + (before[own] == 0)
    tree = np.searchsorted(first, nodes, side="right") - 1
    inner = lefts[nodes] >= 0
    return Levels(
        trees=trees,
        starts=starts,
        tree=tree,
        node=nodes - first[tree],
        above=parents,
        asked=asked,
        before=before,
        share=share,
        weight=np.where(inner, 0.0, values[nodes]),
        inner=inner,
        most=int(known.max(initial=0)),
    )


def _moved(children: Sequence[npt.NDArray[np.int64]], first: npt.NDArray[np.int64]) -> list[npt.NDArray[np.int64]]:
    """Places of children among the nodes of all trees; -1 stays."""
    return [np.where(each < 0, -1, each + start) for each, start in zip(children, first, strict=False)]


def _before(above: Places, asked: Places) -> Places:
    """For each edge the nearest one further up that asks for the same feature, or 0."""
    found = np.zeros(len(above), np.intp)
    edges = np.flatnonzero(asked >= 0)
    up = above[edges]
    while len(edges):
        there = asked[up] >= 0
        edges, up = edges[there], up[there]
        same = asked[up] == asked[edges]
        found[edges[same]] = up[same]
        edges, up = edges[~same], above[up[~same]]
    return found
