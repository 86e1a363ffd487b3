"""One look at everything that time does in sign-off. It makes up for what was missed, and never approves anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import structlog
from django.db import transaction

from lifecycle.projects.services import lock_project
from lifecycle.signoff import days
from lifecycle.signoff.services import condition_timers, round_timers, stuck, watching

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Step:
    """A thing that time does: on which rows, and to one of them. `do` runs in a transaction of its own, and looks again
    under a lock: two sweeps at once do it once. It returns what it did as a line, or None."""

    name: str
    find: Callable[[date], list[int]]
    do: Callable[[int, date], str | None]


def _look_at_kpis(project_id: int, on: date) -> str | None:
    project = lock_project(project_id)
    if project.state not in round_timers.WORKING:
        return None
    ended = watching.look_at_kpis(project, on)
    if not ended:
        return None
    return f"{project.name}: by its KPIs, the approval has expired of {', '.join(r.stage.name for r in ended)}"


# In this order: what ends an approval comes before reminders that would speak of it.
STEPS = (
    Step("expire", round_timers.expired, round_timers.expire),
    Step("conditions", condition_timers.conditions_to_look_at, condition_timers.look_at_condition),
    Step("kpis", lambda on: watching.watched_projects(), _look_at_kpis),
    Step("advice", round_timers.advice_over, round_timers.end_advice),
    Step("nobody", stuck.without_stand_in, stuck.look_at_round),
    Step("reminders", round_timers.reminders_due, round_timers.send_reminder),
    Step("escalation", round_timers.escalations_due, round_timers.escalate),
    Step("ends_soon", round_timers.ending_soon, round_timers.warn_of_end),
)

# Of rooms above this one, in the order in which they joined.
_joined: dict[str, Step] = {}


def add_step(step: Step) -> None:
    """Let a room above this one do what time does there, in the same sweep. Called when the app starts."""
    _joined[step.name] = step


def sweep(on: date | None = None, say: Callable[[str], None] | None = None) -> list[str]:
    """Do all that is due on a day (today); a line for each thing done, said as it is done.

    What breaks is logged and does not stop the rest: the next sweep finds it again.
    """
    day = days.today() if on is None else on
    with days.one_calendar():
        return _sweep(day, say)


def _sweep(day: date, say: Callable[[str], None] | None) -> list[str]:
    lines: list[str] = []
    for step in (*STEPS, *_joined.values()):
        for pk in _found(step, day):
            try:
                with transaction.atomic():
                    line = step.do(pk, day)
            except Exception as error:
                log.error("sweep_broke", step=step.name, row=pk, error=repr(error))
                continue
            if line:
                lines.append(line)
                if say is not None:
                    say(line)
    return lines


def _found(step: Step, day: date) -> list[int]:
    try:
        with transaction.atomic():
            return step.find(day)
    except Exception as error:
        log.error("sweep_broke", step=step.name, row=None, error=repr(error))
        return []
