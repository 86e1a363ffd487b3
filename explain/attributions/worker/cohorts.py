"""The same features in groups of rows: whether the model goes by other things for some than for others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from explain.attributions.performance.truth import Column
from explain.attributions.summary import Cohort, Cohorts
from explain.attributions.worker.digest import rounded
from explain.attributions.worker.ranks import Floats

GROUPS, FEATURES, COLUMNS = 6, 10, 20
LEAST_ROWS: Final = 20
_Flags = npt.NDArray[np.bool_]


def cohorts(
    features: Sequence[str], values: Floats, found: Floats, mean_abs: Floats, beside: Sequence[Column]
) -> list[Cohorts]:
    """Groups by each column of `beside`, and by each of the FEATURES strongest features.

    `values` and `found` (rows, features) of one output; the columns beside have the same rows. A column that does not
    split the rows into two groups of at least LEAST_ROWS is left out.
    """
    strongest = np.argsort(-mean_abs, kind="stable")[:FEATURES]
    named = {column.name for column in beside}
    columns = list(beside)[:COLUMNS] + [
        Column(features[place], values[:, place]) for place in strongest if features[place] not in named
    ]
    told = []
    for column in columns:
        groups = []
        for cohort, members in _split(column):
            if cohort["rows"] >= LEAST_ROWS:
                own = found[members][:, strongest]
                cohort["sizes"] = [rounded(size, 4) for size in np.abs(own).mean(axis=0)]
                cohort["pushes"] = [rounded(push, 4) for push in own.mean(axis=0)]
                groups.append(cohort)
        if len(groups) > 1:
            inside = sum(group["rows"] for group in groups)
            told.append(
                Cohorts(
                    column=column.name,
                    features=[features[place] for place in strongest],
                    groups=groups,
                    left_out=len(values) - inside,
                )
            )
    return told


def _split(column: Column) -> list[tuple[Cohort, _Flags]]:
    """One group for each of the GROUPS most frequent values, in their order; thirds where numbers have more values."""
    known, counts = np.unique(column.values[~np.isnan(column.values)], return_counts=True)
    if len(known) <= GROUPS or column.words:
        kept = np.sort(np.argsort(-counts, kind="stable")[:GROUPS])
        return [_group(column.values == known[at], _named(column, float(known[at]))) for at in kept]
    low, high = np.nanquantile(column.values, (1 / 3, 2 / 3))
    parts = (column.values <= low, (column.values > low) & (column.values <= high), column.values > high)
    return [
        _group(part, None, float(column.values[part].min()), float(column.values[part].max()))
        for part in parts
        if part.any()
    ]


def _named(column: Column, value: float) -> str | float:
    return column.words[int(value)] if column.words else rounded(value)


def _group(
    members: _Flags, value: str | float | None, low: float | None = None, high: float | None = None
) -> tuple[Cohort, _Flags]:
    ends = [None if end is None else rounded(end) for end in (low, high)]
    return Cohort(value=value, low=ends[0], high=ends[1], rows=int(members.sum()), sizes=[], pushes=[]), members
