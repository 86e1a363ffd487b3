"""Values of rows out of the tables of trees."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from explain.attributions.engines.fast.tables import Deep, Effort, Part, Split, Table, bytes_of, tabulated, unit_values
from explain.attributions.engines.fast.tree import Numbers, Rows, Rule, Tree
from explain.attributions.engines.result import Floats

BLOCK = 8_192  # rows at once, so that what a table is read with stays in the processor's cache
KEPT_BYTES = 64 * 1024 * 1024


@dataclass
class Trees:
    """All trees of a model; `features` and `outputs` as the model has them. One thread: the calls are so short that
    several would mostly wait for each other, and two workers use two processors better."""

    trees: list[Tree]
    rule: Rule
    features: int
    outputs: int
    _kept: dict[int, Part] = field(default_factory=dict)
    _room: int = KEPT_BYTES

    def values(self, rows: Floats, of: int) -> Floats:
        """Shape (rows, features, outputs); `of`: how many rows are explained in all, for which tables are made."""
        blocks = [Rows(rows[start : start + BLOCK], self.rule) for start in range(0, len(rows), BLOCK)]
        effort = Effort(of)
        total = np.zeros((self.outputs, self.features, len(rows)))
        for number, tree in enumerate(self.trees):
            part = self._part(number, effort, again=len(rows) < of)
            start = 0
            for block in blocks:
                _Walk(tree, block, total[tree.output, :, start : start + block.count]).add(part)
                start += block.count
        return np.ascontiguousarray(total.transpose(2, 1, 0))

    def _part(self, number: int, effort: Effort, *, again: bool) -> Part:
        """Tables are kept for rows to come, as long as there is room for them."""
        if number in self._kept:
            return self._kept[number]
        part = tabulated(self.trees[number], effort)
        size = bytes_of(part)
        if again and size <= self._room:
            self._room -= size
            self._kept[number] = part
        return part


class _Walk:
    """One tree over one block of rows; adds to `total`, shape (features, rows)."""

    def __init__(self, tree: Tree, rows: Rows, total: Floats) -> None:
        self._tree, self._rows, self._total = tree, rows, total
        self._found = np.empty(rows.count)
        self._index = np.empty(rows.count, np.intp)

    def add(self, part: Part) -> None:
        self._follow(part, np.zeros(self._rows.count, np.int32))

    def _follow(self, part: Part, pattern: Numbers) -> None:
        """`pattern`: per row, a bit for each feature above: whether the row goes this way at all its splits."""
        if isinstance(part, Table):
            self._look_up(part, pattern)
        elif isinstance(part, Deep):
            self._compute(part, pattern)
        elif isinstance(part, Split):
            went = np.left_shift(self._went_left(part.node), part.bit)
            other = went ^ np.int32(1 << part.bit)
            if part.new:
                self._follow(part.left, pattern | went)
                self._follow(part.right, pattern | other)
            else:
                self._follow(part.left, pattern & ~other)
                self._follow(part.right, pattern & ~went)

    def _went_left(self, node: int) -> Numbers:
        return self._rows.go_left(self._tree, node).astype(np.int32)

    def _look_up(self, table: Table, pattern: Numbers) -> None:
        for node, place in table.splits:
            pattern = pattern | np.left_shift(self._went_left(node), place)
        np.copyto(self._index, pattern)
        for feature, values in zip(table.features, table.values, strict=True):
            # clip: an index is in range by construction, and without a check numpy needs no second array
            values.take(self._index, out=self._found, mode="clip")
            self._total[feature] += self._found

    def _compute(self, leaf: Deep, pattern: Numbers) -> None:
        shown, which = np.unique(pattern, return_inverse=True)
        bits = (shown[None, :] >> np.arange(len(leaf.features), dtype=np.int32)[:, None]) & 1
        values = unit_values(leaf.shares, bits.astype(np.float64)) * leaf.weight
        for feature, own in zip(leaf.features, values, strict=True):
            self._total[feature] += own[which]
