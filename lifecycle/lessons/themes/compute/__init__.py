"""Counting themes: pure functions on plain rows. Shares are told from `LEAST_FOR_SHARES` cases on, counts always."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import combinations
from statistics import median

from lifecycle.lessons.themes.compute.actions import came_back, unprevented, work
from lifecycle.lessons.themes.compute.grids import Names, by_phase, by_quarter, by_trigger, pairs, quarters
from lifecycle.lessons.themes.compute.shapes import LEAST_FOR_SHARES, CameBack, Count, Grid, Themes, Work, share_of
from lifecycle.lessons.themes.rows import Case, Rows
from lifecycle.postmortems import taxonomy as causes

__all__ = ["LEAST_FOR_SHARES", "CameBack", "Count", "Grid", "Themes", "Work", "share_of", "themes_of"]

FACTORS_SHOWN = 12
PAIRS_SHOWN = 8
OUTSIDE = ("customer_report", "affected_person_complaint")
MONITORING = "monitoring_alert"
_WAITS = ((0, "the same day"), (7, "within a week"), (30, "within 30 days"), (90, "within 90 days"))
_LATER = "later"


def themes_of(rows: Rows, today: date) -> Themes:
    """All themes of these rows."""
    n = len(rows.cases)
    cases = {case.key: case for case in rows.cases}
    nodes_of: dict[int, list[str]] = defaultdict(list)
    for cause in rows.causes:
        nodes_of[cause.case].append(cause.node)
    name = Names(rows.nodes)
    counted = Counter(cause.node for cause in rows.causes)
    order = {key: place for place, key in enumerate(rows.nodes)}
    ranked = sorted(counted, key=lambda node: (-counted[node], order.get(node, 999), node))
    factors = [Count(node, name(node), counted[node], n) for node in ranked]
    top = ranked[:FACTORS_SHOWN]
    pair_counts = Counter(pair for nodes in nodes_of.values() for pair in combinations(sorted(nodes), 2))
    recent = quarters(rows.cases)
    known = [case.detection for case in rows.cases if case.detection]
    detected = Counter(known)
    days = [
        (case.noticed_on - case.began_on).days
        for case in rows.cases
        if case.noticed_on is not None and case.began_on is not None and case.noticed_on >= case.began_on
    ]
    themes = Themes(
        n=n,
        sentences=[],
        factors=factors,
        by_phase=by_phase(rows, cases, top, name),
        together=[
            Count(f"{one}+{other}", f"{name(one)} with {name(other)[:1].lower()}{name(other)[1:]}", count, n)
            for (one, other), count in sorted(pair_counts.items(), key=lambda item: (-item[1], item[0]))[:PAIRS_SHOWN]
            if count > 1
        ],
        pairs=pairs(pair_counts, counted, ranked[:PAIRS_SHOWN], name, n),
        by_quarter=by_quarter(rows, cases, recent, top[:PAIRS_SHOWN], name),
        quarters=recent,
        by_trigger=by_trigger(rows, cases, top, name),
        detection=[Count(key, causes.title(key), count, len(known)) for key, count in detected.most_common()],
        detection_known=len(known),
        outside=sum(detected[key] for key in OUTSIDE),
        monitoring=detected[MONITORING],
        days_to_notice=median(days) if days else None,
        days_known=len(days),
        waits=_waits(days),
        came_back=came_back(rows, cases, name),
        unprevented=unprevented(rows.actions, factors),
        work=work(rows.actions, cases, today),
    )
    themes.sentences.extend(_sentences(themes, rows, cases))
    return themes


def _waits(days: Sequence[int]) -> list[Count]:
    found = Counter(next((word for limit, word in _WAITS if wait <= limit), _LATER) for wait in days)
    words = [*(word for _, word in _WAITS), _LATER]
    return [Count(word.replace(" ", "_"), word.capitalize(), found[word], len(days)) for word in words] if days else []


def _sentences(themes: Themes, rows: Rows, cases: Mapping[int, Case]) -> list[str]:
    """What a reader should take away, in words; the strongest first."""
    said: list[str] = []
    if themes.factors:
        strongest = themes.factors[0]
        begun = Counter(cases[cause.case].origin for cause in rows.causes if cause.node == strongest.key)
        begun.pop("", None)
        where = ""
        if begun and max(begun.values()) > 1:
            key = begun.most_common(1)[0][0]
            where = f", most often begun in {rows.phases.get(key, causes.words(key)).lower()}"
        said.append(f"{strongest.name} was a cause in {strongest.count:,} of {themes.n:,} cases{where}.")
    if themes.detection_known:
        said.append(
            f"Customers or people concerned noticed {themes.outside:,} of {themes.detection_known:,}, "
            f"monitoring {themes.monitoring:,}."
        )
    if themes.came_back:
        worst = themes.came_back[0]
        if worst.count:
            times = "1 later case" if worst.count == 1 else f"{worst.count:,} later cases"
            said.append(f"{worst.name} came back in {times} after an action against it had been verified.")
    return said
