"""Does the model treat groups of people alike? Rates by group with intervals. Pure functions on arrays."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from explain.attributions.dictionary import number
from explain.attributions.performance.intervals import newcombe, short, wilson
from explain.attributions.performance.others import REST, difference, mean_error
from explain.attributions.performance.ranking import Flags, Floats
from explain.attributions.performance.shapes import Estimate, Group, Grouping, Rate
from explain.attributions.performance.truth import Column

MOST, FEW, FLAGGED_AT = 12, 30, 0.5
NO_VALUE: Final = "no value"


class Judged(NamedTuple):
    """What is known of a group's rows: rates, and for chances and numbers their means."""

    rates: dict[str, Rate]
    predicted: float | None
    mean_error: Estimate | None


Judge = Callable[[Flags], Judged]


def judge_binary(chance: Floats, positive: Flags) -> Judge:
    """Selection at 0.5, share found, false alarms, and what happened beside the mean chance (calibration in the large)."""
    flagged = chance >= FLAGGED_AT

    def judge(inside: Flags) -> Judged:
        here, true = flagged[inside], positive[inside]
        return Judged(
            {
                "selection": wilson(int(here.sum()), len(here)),
                "found": wilson(int((here & true).sum()), int(true.sum())),
                "false_alarms": wilson(int((here & ~true).sum()), int((~true).sum())),
                "observed": wilson(int(true.sum()), len(here)),
            },
            short(float(chance[inside].mean())),
            None,
        )

    return judge


def judge_classes(right: Flags) -> Judge:
    """The share of rows put in the right class."""
    return lambda inside: Judged({"accuracy": wilson(int(right[inside].sum()), int(inside.sum()))}, None, None)


def judge_numbers(residual: Floats) -> Judge:
    """The mean of truth minus prediction."""
    return lambda inside: Judged({}, None, mean_error(residual[inside]))


def measure_groups(column: Column, judge: Judge, residual: Floats | None = None) -> Grouping | None:
    """The groups of one column, each compared with the largest; None where all rows are in one group. `residual` is that
    of numbers, for the differences of means."""
    places, names, how = cut(column)
    masks = [places == place for place in range(len(names))]
    sizes = [int(mask.sum()) for mask in masks]
    kept = [place for place, size in enumerate(sizes) if size]
    if len(kept) < 2:
        return None
    largest = max(kept, key=lambda place: (names[place] not in (REST, NO_VALUE), sizes[place]))
    reference = judge(masks[largest])
    groups = []
    for place in kept:
        found = judge(masks[place])
        differences: dict[str, Estimate] = {}
        if place != largest:
            differences = {name: newcombe(rate, reference.rates[name]) for name, rate in found.rates.items()}
            if residual is not None:
                differences["mean_error"] = difference(residual[masks[place]], residual[masks[largest]])
        groups.append(
            Group(
                name=names[place],
                n=sizes[place],
                few=sizes[place] < FEW,
                rates=found.rates,
                predicted=found.predicted,
                mean_error=found.mean_error,
                differences=differences,
            )
        )
    return Grouping(column=column.name, how=how, reference=names[largest], groups=groups)


def cut(column: Column) -> tuple[npt.NDArray[np.int64], list[str], str]:
    """The group of each row, the names of the groups, and in words how they were cut: by value where there are few values
    or words, else by quarter of the rows."""
    present = ~np.isnan(column.values)
    values, counts = np.unique(column.values[present], return_counts=True)
    if not column.words and len(values) > MOST:
        places, names = _quarters(column.values, present)
        how = "by quarter of the rows"
    else:
        places, names = _by_value(column, values, np.asarray(counts, dtype=np.int64))
        how = "by value"
        if len(values) > MOST:
            how = f"by value: the {MOST - 1} with the most rows, and all others together"
    if not present.all():
        names.append(NO_VALUE)
        places[~present] = len(names) - 1
    return places, names, how


def _by_value(column: Column, values: Floats, counts: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], list[str]]:
    kept = values
    if len(values) > MOST:
        kept = np.sort(values[np.argsort(-counts, kind="stable")[: MOST - 1]])
    names = [column.words[int(value)][:60] if column.words else number(float(value), 6) for value in kept]
    if len(kept) < len(values):
        names.append(REST)
    places = np.full(len(column.values), len(kept), dtype=np.int64)
    for place, value in enumerate(kept):
        places[column.values == value] = place
    return places, names


def _quarters(values: Floats, present: Flags) -> tuple[npt.NDArray[np.int64], list[str]]:
    edges = np.unique(np.quantile(values[present], (0.25, 0.5, 0.75)))
    top = values[present].max()
    # an edge at the top would leave nothing above it
    edges = edges[edges < top] if edges[0] < top else np.array([values[values < top].max()])
    told = [number(float(edge), 4) for edge in edges]
    if len(set(told)) < len(told):  # edges so close that only all their digits tell them apart
        told = [repr(float(edge)) for edge in edges]
    names = [
        f"up to {told[0]}",
        *(f"{low} to {high}" for low, high in pairwise(told)),
        f"over {told[-1]}",
    ]
    places = np.searchsorted(edges, values, side="left").astype(np.int64)
    return places, names
