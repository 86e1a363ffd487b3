"""Counts of factors by phase, by trigger, by quarter and by each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from lifecycle.lessons.themes.compute.shapes import Count, Grid
from lifecycle.lessons.themes.rows import Case, Rows
from lifecycle.postmortems import taxonomy as causes

QUARTERS_SHOWN = 12
UNKNOWN = "not known"


class Names:
    """Names of factors; one that the taxonomy does not know any more is told by its key."""

    def __init__(self, nodes: Mapping[str, tuple[str, str]]) -> None:
        self._nodes = nodes

    def __call__(self, node: str) -> str:
        return self._nodes[node][0] if node in self._nodes else causes.title(node)


def by_phase(rows: Rows, cases: Mapping[int, Case], top: Sequence[str], name: Names) -> Grid:
    counts = Counter((cause.node, cases[cause.case].origin) for cause in rows.causes)
    used = {origin for _, origin in counts}
    keys = [key for key in rows.phases if key in used]
    keys += sorted(used - set(rows.phases) - {""})
    if "" in used:
        keys.append("")
    names = [rows.phases.get(key, causes.title(key)) if key else UNKNOWN.capitalize() for key in keys]
    return Grid([name(node) for node in top], names, _matrix(counts, top, keys), len(cases))


def by_trigger(rows: Rows, cases: Mapping[int, Case], top: Sequence[str], name: Names) -> Grid:
    counts = Counter((cause.node, cases[cause.case].trigger) for cause in rows.causes)
    by_use = Counter(case.trigger for case in cases.values())
    keys = [key for key, _ in by_use.most_common() if key]
    keys += [""] if by_use[""] else []
    names = [causes.title(key) if key else UNKNOWN.capitalize() for key in keys]
    return Grid([name(node) for node in top], names, _matrix(counts, top, keys), len(cases))


def pairs(
    pair_counts: Mapping[tuple[str, str], int], alone: Mapping[str, int], top: Sequence[str], name: Names, n: int
) -> Grid:
    counts = [
        [alone[row] if row == column else pair_counts.get((min(row, column), max(row, column)), 0) for column in top]
        for row in top
    ]
    names = [name(node) for node in top]
    return Grid(names, names, counts, n)


def quarters(cases: Iterable[Case]) -> list[Count]:
    """The newest quarters without a gap, oldest first."""
    counted = Counter((case.on.year, (case.on.month - 1) // 3) for case in cases)
    if not counted:
        return []
    first, last = min(counted), max(counted)
    start = max(first[0] * 4 + first[1], last[0] * 4 + last[1] - QUARTERS_SHOWN + 1)
    places = [divmod(place, 4) for place in range(start, last[0] * 4 + last[1] + 1)]
    total = sum(counted[place] for place in places)
    return [Count(f"{year}-Q{part + 1}", f"Q{part + 1} {year}", counted[(year, part)], total) for year, part in places]


def by_quarter(
    rows: Rows, cases: Mapping[int, Case], quarters: Sequence[Count], top: Sequence[str], name: Names
) -> Grid:
    quarter_of = {case.key: f"{case.on.year}-Q{(case.on.month - 1) // 3 + 1}" for case in cases.values()}
    counts = Counter((cause.node, quarter_of[cause.case]) for cause in rows.causes)
    keys = [quarter.key for quarter in quarters]
    return Grid([name(node) for node in top], [one.name for one in quarters], _matrix(counts, top, keys), len(cases))


def _matrix(counts: Mapping[tuple[str, str], int], rows: Sequence[str], columns: Sequence[str]) -> list[list[int]]:
    return [[counts.get((row, column), 0) for column in columns] for row in rows]
