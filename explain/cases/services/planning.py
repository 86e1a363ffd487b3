"""Taking an approved case over as the plan against which costs and benefits are held."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction

from explain.cases.content.flows import Terms
from explain.cases.content.parts import WORTH
from explain.cases.models import Promise
from explain.cases.permits import TAKE_OVER, may
from explain.cases.services.writing import KIND
from explain.outcomes.compute.money import round_money
from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.models import CashLine, Kpi
from lifecycle.kpis.services import add_cash_line
from lifecycle.projects.models import Project
from lifecycle.projects.services.locks import lock_project


@dataclass(frozen=True)
class PlanLine:
    """The same amount in each month from `month` up to and with `until`."""

    name: str
    side: str
    category: str
    month: date
    until: date
    amount: Decimal
    kpi: str = ""


def mark_of(number: int) -> str:
    """How lines that came from a version are marked in their note."""
    return f"business case, version {number}"


def is_taken_over(project: Project, number: int) -> bool:
    """Whether the version was taken over, void lines aside. One query."""
    return CashLine.objects.filter(
        project=project, note__endswith=f"({mark_of(number)})", voided_at__isnull=True
    ).exists()


@transaction.atomic
def take_over(*, actor: User, project: Project) -> list[CashLine]:
    """Write the promised costs and benefits as planned lines, once; the newest promise, all of it or nothing.

    Raises Refused: not_permitted, nothing_promised, already_taken_over, and what `add_cash_line` refuses.
    """
    project = lock_project(project.pk)
    may(actor, TAKE_OVER, project).demand()
    promise = Promise.objects.filter(project=project).select_related("version").order_by("-pk").first()
    if promise is None:
        raise Refused(
            "No business case was approved yet. It becomes the plan once the first stage is approved.",
            code="nothing_promised",
        )
    number = promise.version.number
    if is_taken_over(project, number):
        raise Refused(
            f"Version {number} is in the plan already. Void its lines on the money page first, if it is to be written anew.",
            code="already_taken_over",
        )
    kpis = {kpi.key: kpi for kpi in Kpi.objects.filter(project=project)}
    lines = [
        add_cash_line(
            actor=actor,
            project=project,
            side=line.side,
            basis=CashLine.Basis.PLANNED,
            category=line.category,
            month=line.month,
            until=line.until if line.until > line.month else None,
            amount=line.amount,
            currency=promise.version.terms["currency"],
            note=f"{line.name[:150]} ({mark_of(number)})",
            kpi=kpis.get(line.kpi),
        )
        for line in plan_lines(promise)
    ]
    record(
        actor=actor,
        verb="take_case_over",
        thing=promise.version,
        kind=KIND,
        project_id=project.pk,
        after={"number": number, "lines": len(lines)},
    )
    return lines


def plan_lines(promise: Promise) -> Iterator[PlanLine]:
    """The promise as lines: costs as they were planned, benefits month by month, like neighbours put together."""
    terms, worth = Terms.of(promise.version.terms), promise.version.content[WORTH]
    for row in worth["costs"]:
        first = date.fromisoformat(row["month"])
        last = min(date.fromisoformat(row["until"]), terms.last) if row["until"] else first
        amount = round_money(Decimal(row["amount"]), terms.currency)
        if amount:
            yield PlanLine(row["name"], CashLine.Side.COST, row["category"], first, last, amount)
    for benefit in promise.content["benefits"]:
        amounts = [Decimal(amount) for amount in benefit["months"]]
        start = 0
        for k in range(1, len(amounts) + 1):
            if k < len(amounts) and amounts[k] == amounts[start]:
                continue
            if amounts[start] < 0:
                raise Refused(
                    f"“{benefit['name']}” is a loss at its likeliest figure, and a plan has no benefit below zero. "
                    "Write it as a cost of the case instead.",
                    code="benefit_below_zero",
                )
            if amounts[start]:
                yield PlanLine(
                    benefit["name"],
                    CashLine.Side.BENEFIT,
                    CashLine.Category.BENEFIT,
                    terms.month(start),
                    terms.month(k - 1),
                    amounts[start],
                    benefit["kpi"],
                )
            start = k
