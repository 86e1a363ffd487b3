"""What became of actions: factors that came back, factors that nothing prevents, and the work that is open."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from statistics import median

from lifecycle.lessons.themes.compute.grids import Names
from lifecycle.lessons.themes.compute.shapes import CameBack, Count, Work
from lifecycle.lessons.themes.rows import Action, Case, Rows
from lifecycle.postmortems import moves

PREVENTIVE = frozenset({"prevent", "process", "training"})


def came_back(rows: Rows, cases: Mapping[int, Case], name: Names) -> list[CameBack]:
    """Factors of cases that began after a preventive action against the same factor was verified elsewhere."""
    first: dict[str, tuple[date, int]] = {}
    said: Counter[str] = Counter()
    for action in rows.actions:
        if action.effect == "came_back" and action.node:
            said[action.node] += 1
        if not action.node or action.kind not in PREVENTIVE or action.verified_on is None:
            continue
        if action.node not in first or action.verified_on < first[action.node][0]:
            first[action.node] = (action.verified_on, action.case)
    later: dict[str, list[Case]] = defaultdict(list)
    for cause in rows.causes:
        case = cases[cause.case]
        if (
            cause.node in first
            and (case.began_on or case.on) > first[cause.node][0]
            and case.key != first[cause.node][1]
        ):
            later[cause.node].append(case)
    found = [
        CameBack(
            name(node),
            verified_on,
            cases[case].reference,
            [one.reference for one in sorted(later[node], key=lambda one: (one.on, one.key), reverse=True)],
            said[node],
        )
        for node, (verified_on, case) in first.items()
        if later[node] or said[node]
    ]
    return sorted(found, key=lambda one: (-one.count, one.name))


def unprevented(actions: Iterable[Action], factors: Iterable[Count]) -> list[Count]:
    prevented = {action.node for action in actions if action.kind in PREVENTIVE}
    return [factor for factor in factors if factor.key not in prevented]


def work(actions: Sequence[Action], cases: Mapping[int, Case], today: date) -> Work:
    waiting = [action for action in actions if action.status in moves.UNFINISHED]
    ages = [
        (today - published).days
        for action in waiting
        if (published := cases[action.case].published_on) is not None and published <= today
    ]
    done = [
        (action.done_on, action.due_on)
        for action in actions
        if action.done_on is not None and action.due_on is not None and action.status not in moves.UNFINISHED
    ]
    return Work(
        accepted=len(actions),
        open=len(waiting),
        overdue=sum(1 for action in waiting if action.due_on is not None and action.due_on < today),
        median_age=median(ages) if ages else None,
        aged=len(ages),
        done_in_time=sum(1 for done_on, due_on in done if done_on <= due_on),
        done_with_date=len(done),
    )
