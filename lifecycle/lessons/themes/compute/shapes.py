"""What themes are: counts, each beside the number of cases it is of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

LEAST_FOR_SHARES = 10  # cases; below it a percentage would say more than is known


def share_of(count: int, of: int) -> int | None:
    """Per cent, or None below `LEAST_FOR_SHARES`."""
    return round(100 * count / of) if of >= LEAST_FOR_SHARES else None


@dataclass(frozen=True)
class Count:
    """How many of `of` cases; `share` in per cent, None where there are too few to tell one."""

    key: str
    name: str
    count: int
    of: int

    @property
    def share(self) -> int | None:
        return share_of(self.count, self.of)


@dataclass(frozen=True)
class Grid:
    """Counts of rows by columns. `counts[row][column]`, in the order of the names."""

    row_names: list[str]
    column_names: list[str]
    counts: list[list[int]]
    of: int


@dataclass(frozen=True)
class CameBack:
    """A factor that was met again after an action against it was verified."""

    name: str
    verified_on: date
    first: str
    later: list[str]
    said: int

    @property
    def count(self) -> int:
        return len(self.later)


@dataclass(frozen=True)
class Work:
    """Accepted actions: open, overdue, how old (days since publication), and how many were done by their date."""

    accepted: int
    open: int
    overdue: int
    median_age: float | None
    aged: int
    done_in_time: int
    done_with_date: int

    @property
    def share_in_time(self) -> int | None:
        return share_of(self.done_in_time, self.done_with_date)


@dataclass(frozen=True)
class Themes:
    """What the cases have in common. Every count stands beside the number of cases it is of."""

    n: int
    sentences: list[str]
    factors: list[Count]
    by_phase: Grid
    together: list[Count]
    pairs: Grid
    by_quarter: Grid
    quarters: list[Count]
    by_trigger: Grid
    detection: list[Count]
    detection_known: int
    outside: int
    monitoring: int
    days_to_notice: float | None
    days_known: int
    waits: list[Count]
    came_back: list[CameBack]
    unprevented: list[Count]
    work: Work
