"""What is kept of each row to say how well the model answers: one float for each output, the truth and the groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from explain.attributions.engines.result import Floats, Opened
from explain.attributions.formats.data_file import Table
from explain.attributions.performance.measured import Answerer, measure
from explain.attributions.performance.truth import Column


@dataclass(frozen=True)
class Beside:
    """Columns that are not explained but held against the answers; `target` and `groups` are as they were asked for."""

    target: str | None
    groups: tuple[str, ...]
    columns: dict[str, Column]


def aside_of(opened: Opened, target: str | None, groups: Sequence[str]) -> frozenset[str]:
    """The columns that may hold words, since the model does not take them."""
    own = opened.feature_names
    asked = (name for name in (target, *groups) if name)
    return frozenset(name for name in asked if name not in own and name.replace(" ", opened.space) not in own)


def beside(table: Table, target: str | None, groups: Sequence[str], space: str = " ") -> Beside:
    """Copies of the columns, so that the table itself need not be kept; `space` is what the model's library writes for a
    space in a name."""
    written = {column.replace(" ", space): column for column in table.columns} | {name: name for name in table.columns}
    columns = {
        name: Column(
            name, table.values[:, table.columns.index(written[name])].copy(), table.words.get(written[name], ())
        )
        for name in (target, *groups)
        if name and name in written
    }
    return Beside(target, tuple(groups), columns)


class Kept:
    """Takes in predictions part by part; `measured` is called once all rows are there."""

    def __init__(self, opened: Opened, found: Beside, rows: int, seed: int) -> None:
        self.opened, self.beside, self.seed = opened, found, seed
        outputs = len(opened.classes) if opened.kind == "multiclass" else 1
        # without a truth there is nothing to hold the answers against
        self.raw: Floats = np.empty((rows if self._truth() else 0, outputs))

    def add(self, start: int, predictions: Floats) -> None:
        """The predictions, shape (rows, outputs), of the rows from `start` on."""
        if len(self.raw):
            self.raw[start : start + len(predictions)] = predictions

    def measured(self, space: str) -> dict[str, Any]:
        """The fields of the summary that tell how well the model answers."""
        truth, rows = self._truth(), len(self.raw)
        if truth is not None and truth.name in self.opened.feature_names:
            found, why = (
                None,
                (
                    f"The model takes the target column {truth.name!r} as a feature, so it cannot be held against it. Name the "
                    "column with the outcome as the target, and upload the rows again."
                ),
            )
        else:
            columns = [self.beside.columns[name] for name in self.beside.groups if name in self.beside.columns]
            found, why = measure(
                Answerer(self.opened.kind, self.opened.classes, space, _one_by_one(self.opened)),
                self.raw,
                None if truth is None else _first(truth, rows),
                [_first(column, rows) for column in columns],
                missing=[name for name in self.beside.groups if name not in self.beside.columns],
                seed=self.seed,
            )
            if truth is None and self.beside.target:
                why = (
                    f"The data file has no column {self.beside.target!r}, which was named as the target. Upload the rows "
                    "with their known outcomes, and name that column."
                )
        return {"performance": found, "performance_why": why, "groups_asked": list(self.beside.groups)}

    def _truth(self) -> Column | None:
        return self.beside.columns.get(self.beside.target) if self.beside.target else None


def _first(column: Column, rows: int) -> Column:
    """An engine with a budget may explain fewer rows than the file has."""
    return Column(column.name, column.values[:rows], column.words)


def _one_by_one(opened: Opened) -> bool:
    """Whether the log-odds of each class stand by themselves: one class against all others."""
    return opened.facts.get("objective") == "multiclassova" or opened.facts.get("estimator") == "SGDClassifier"
