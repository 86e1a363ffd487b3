"""Asks the calculator about a case: in a process of its own, since the web computes no statistics.

Where no statistics library is installed it says all but the ranges; those are then drawn by a worker.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from explain.cases.content.flows import Levers, Terms, asked, first_month
from explain.outcomes.calculators.child import CalculationFailed, computed
from explain.outcomes.calculators.models import Calculation
from explain.outcomes.calculators.services import ask_calculation, is_at_hand
from explain.outcomes.compute.refusal import CalculationRefused
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.periods import aligned, months_later
from lifecycle.projects.models import Project


def terms_for(project: Project, worth: Mapping[str, Any]) -> Terms:
    """The months of the project's horizon, counted from the first one with money as reports count it; its rate and currency.

    Raises Refused where something begins after the horizon.
    """
    first = first_month(worth) or aligned(project.started_on, "month")
    last = months_later(first, project.horizon_months - 1)
    late = [row["name"] for row in (*worth["costs"], *worth["benefits"]) if row["month"] > last.isoformat()]
    if late:
        raise Refused(
            f"The horizon of {project.horizon_months} months ends in {last:%B %Y}, counted from the first month with money, "
            f"and “{late[0]}” begins later. Bring it forward, or ask the project lead for a longer horizon.",
            code="after_horizon",
            status=400,
            field="month",
        )
    return Terms(project.currency, project.discount_rate, first, last)


CALCULATOR = "business-case"


def request_of(worth: Mapping[str, Any], terms: Terms, levers: Levers | None = None) -> bytes:
    """What the calculator is asked, as it is sent."""
    return json.dumps(asked(worth, terms, levers)).encode()


def counted(worth: Mapping[str, Any], terms: Terms, levers: Levers | None = None) -> dict[str, Any]:
    """The calculator's answer. Raises Refused for what cannot be counted, or when every place is taken (503)."""
    try:
        return computed(CALCULATOR, request_of(worth, terms, levers))
    except CalculationRefused as refused:
        raise Refused(refused.message, code=refused.code, status=400, field=refused.field) from None
    except CalculationFailed:
        raise Refused(
            "All places for calculations are taken. Nothing you wrote is lost: try again in a few seconds.",
            code="too_busy",
            status=503,
        ) from None


def tried(
    actor: User, worth: Mapping[str, Any], terms: Terms, levers: Levers, written: dict[str, Any]
) -> tuple[dict[str, Any], Calculation | Refused | None]:
    """The figures of a what-if, and the worker's calculation where the ranges are, or will be, drawn by one; the
    refusal where it cannot be asked for now.

    `written`: the figures of the case as it is written. Raises Refused as `counted` does.
    """
    result = written
    if not levers.is_plain or (result["uncertainty"] is None and is_at_hand(CALCULATOR)):
        result = counted(worth, terms, levers)
    if result["uncertainty"] is not None:
        return result, None
    try:
        drawing = ask_calculation(
            actor=actor, calculator=CALCULATOR, text=request_of(worth, terms, levers), again=False
        )
    except Refused as refused:
        return result, refused
    return drawing.answer or result, drawing
