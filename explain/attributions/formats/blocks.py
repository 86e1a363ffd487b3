"""Rows as they are read: some at a time, so that memory does not grow with the file."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow

Floats = npt.NDArray[np.float64]
# Which of the columns that a file has may hold words. Raises ExplainRefused where the columns are not those wanted.
Aside = Callable[[tuple[str, ...]], AbstractSet[str]]


@dataclass(frozen=True)
class Block:
    """Some rows: `values` has shape (rows, columns), NaN where a cell is empty and in the columns of `texts`, which hold the
    cells of the columns that may be words, by name; nulls where empty."""

    values: Floats
    texts: dict[str, pyarrow.Array] = field(default_factory=dict)

    @property
    def nbytes(self) -> int:
        """How much memory it takes."""
        return int(self.values.nbytes + sum(cells.nbytes for cells in self.texts.values()))

    def first(self, rows: int) -> Block:
        """Its first rows."""
        if rows >= len(self.values):
            return self
        return Block(self.values[:rows], {name: cells[:rows] for name, cells in self.texts.items()})


def nothing_aside(columns: tuple[str, ...]) -> AbstractSet[str]:
    """All columns hold numbers."""
    return frozenset()
