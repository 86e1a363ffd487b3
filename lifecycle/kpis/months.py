"""Sums of a month of readings, from which means, spreads and autocorrelation follow without reading the rows again.

Pure functions on numbers. Sums are correctly rounded (`math.fsum`), so they do not depend on the order of the rows and
can be compared exactly with sums computed anew. A reading belongs to the month that holds the first day of its period.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from lifecycle.kpis.periods import MONTH, aligned, following


@dataclass(frozen=True)
class MonthSums:
    """One month, in the KPI's unit and its square.

    `count` n, `total` sum of x_t, `squares` sum of x_t^2. A pair is a reading whose following period was read too, in
    the same month: `pairs` how many, `pair_total` sum of (x_t + x_(t+1)), `pair_product` sum of x_t x_(t+1). First and
    last reading join a month to its neighbours, for the pair across the border is theirs.
    """

    count: int
    total: float
    squares: float
    pairs: int
    pair_total: float
    pair_product: float
    first_on: date
    first_value: float
    last_on: date
    last_value: float

    @property
    def mean(self) -> float:
        return self.total / self.count


SUMS = tuple(one.name for one in fields(MonthSums))


def month_sums(points: Iterable[tuple[date, float]], frequency: str) -> dict[date, MonthSums]:
    """First of the month -> its sums. `points` are (first day of the period, value), by period, each period once."""
    return {
        month: _sums(list(group), frequency) for month, group in groupby(points, lambda point: aligned(point[0], MONTH))
    }


def _sums(points: Sequence[tuple[date, float]], frequency: str) -> MonthSums:
    values = [value for _, value in points]
    neighbours = [
        (value, later) for (day, value), (next_day, later) in pairwise(points) if following(day, frequency) == next_day
    ]
    return MonthSums(
        count=len(values),
        total=math.fsum(values),
        squares=math.fsum(value * value for value in values),
        pairs=len(neighbours),
        pair_total=math.fsum(number for pair in neighbours for number in pair),
        pair_product=math.fsum(value * later for value, later in neighbours),
        first_on=points[0][0],
        first_value=points[0][1],
        last_on=points[-1][0],
        last_value=points[-1][1],
    )


def joined(months: Sequence[MonthSums], frequency: str) -> MonthSums:
    """Sums over several months, given in order; at least one. The pair across each border is added."""
    across = [
        (former.last_value, later.first_value)
        for former, later in pairwise(months)
        if following(former.last_on, frequency) == later.first_on
    ]
    return MonthSums(
        count=sum(one.count for one in months),
        total=math.fsum(one.total for one in months),
        squares=math.fsum(one.squares for one in months),
        pairs=sum(one.pairs for one in months) + len(across),
        pair_total=math.fsum([*(one.pair_total for one in months), *(number for pair in across for number in pair)]),
        pair_product=math.fsum([*(one.pair_product for one in months), *(value * later for value, later in across)]),
        first_on=months[0].first_on,
        first_value=months[0].first_value,
        last_on=months[-1].last_on,
        last_value=months[-1].last_value,
    )


def autocorrelation(sums: MonthSums) -> float | None:
    """rho = sum over pairs (x_t - m)(x_(t+1) - m) / sum (x_t - m)^2, with the mean m of all readings.

    None when it is undefined: no pair, or no spread. Sums of squares cancel, so where the spread is below 1e-6 of the
    mean nothing is left to tell and the answer is None too.
    """
    mean = sums.mean
    spread = sums.squares - sums.count * mean * mean
    if sums.pairs == 0 or spread <= 1e-12 * sums.squares:
        return None
    return (sums.pair_product - mean * sums.pair_total + sums.pairs * mean * mean) / spread


class Definition(NamedTuple):
    """A span of time in which readings meant the same: [since, until), None for open; `version` is its last one."""

    version: int
    frequency: str
    since: datetime | None
    until: datetime | None


class Edit(NamedTuple):
    """A new version, and when it came, that left the readings so far behind; `former_frequency` is that before it."""

    version: int
    at: datetime
    former_frequency: str


def definitions(
    edits: Sequence[Edit], *, version: int, frequency: str, defined_at: datetime | None
) -> list[Definition]:
    """Definitions of a KPI, newest first: that of today, then those that the edits ended, given oldest first."""
    found = [Definition(version, frequency, defined_at, None)]
    for place in range(len(edits) - 1, -1, -1):
        edit, later = edits[place], found[-1]
        since = edits[place - 1].at if place else None
        found.append(Definition(edit.version - 1, edit.former_frequency or later.frequency, since, later.since))
    return found


def edits_of(entries: Iterable[tuple[datetime, dict[str, Any], dict[str, Any]]]) -> list[Edit]:
    """The edits of one KPI that left readings behind, from (at, before, after) of its entries in the trail, oldest first."""
    return [
        Edit(
            int(after["version"]),
            datetime.fromisoformat(after["defined_at"]) if after.get("defined_at") else at,
            str(before.get("frequency", "")),
        )
        for at, before, after in entries
        if "version" in after and "readings" in after
    ]


def sums_by_definition(
    spans: Sequence[Definition], rows: Iterable[tuple[date, float, datetime]]
) -> dict[tuple[int, date], MonthSums]:
    """(version, month) -> sums of the newest revisions, from (period, value, recorded at) by period and revision."""
    newest: dict[int, dict[date, float]] = {span.version: {} for span in spans}
    for period, value, at in rows:
        for span in spans:
            if (span.since is None or at >= span.since) and (span.until is None or at < span.until):
                newest[span.version][period] = value
    return {
        (span.version, month): sums
        for span in spans
        for month, sums in month_sums(newest[span.version].items(), span.frequency).items()
    }
