"""Costs and benefits by month, planned and actual. Lines are never edited: they are voided and written anew."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.locking import locked_project
from lifecycle.kpis.models import CashLine, Kpi
from lifecycle.kpis.periods import aligned, months_later, organisation_today
from lifecycle.kpis.permits import RECORD, may
from lifecycle.kpis.services.values import amount_of, checked_currency
from lifecycle.projects.models import Project

LONGEST = 240  # months of one recurring line


@transaction.atomic
def add_cash_line(
    *,
    actor: User,
    project: Project,
    side: str,
    basis: str,
    category: str,
    month: date,
    amount: Decimal,
    currency: str = "",
    until: date | None = None,
    note: str = "",
    kpi: Kpi | None = None,
) -> CashLine:
    """A cost or benefit of the month that holds `month`, and of each one up to and with `until`.

    `currency` empty: the project's. Raises Refused: not_permitted, project_read_only, money_is_float,
    amount_invalid, currency_unknown, side_unknown, basis_unknown, category_unfit, until_backward,
    until_too_late, actual_in_future, kpi_of_other_project.
    """
    project = locked_project(project.pk)
    may(actor, RECORD, project).demand()
    amount = amount_of(amount)
    currency = checked_currency(currency or project.currency)

    def refuse(code: str, field: str, sentence: str) -> None:
        raise Refused(sentence, code=code, status=400, field=field)

    if side not in CashLine.Side.values:
        refuse("side_unknown", "side", f"{side!r} is neither cost nor benefit. Use one of the two.")
    if basis not in CashLine.Basis.values:
        refuse("basis_unknown", "basis", f"{basis!r} is neither planned nor actual. Use one of the two.")
    if category not in CashLine.Category.values or (category == CashLine.Category.BENEFIT) != (
        side == CashLine.Side.BENEFIT
    ):
        fitting = (
            [CashLine.Category.BENEFIT]
            if side == CashLine.Side.BENEFIT
            else [one for one in CashLine.Category if one != CashLine.Category.BENEFIT]
        )
        refuse(
            "category_unfit", "category",
            f"The category {category!r} does not fit a {side}. Use {', '.join(str(one) for one in fitting)}.",
        )  # fmt: skip
    month = aligned(month, "month")
    last = month if until is None else aligned(until, "month")
    if last < month:
        refuse("until_backward", "until", "The last month lies before the first one. Exchange the two.")
    if last >= months_later(month, LONGEST):
        refuse("until_too_late", "until", f"One line covers at most {LONGEST} months. Split it.")
    if basis == CashLine.Basis.ACTUAL and last > organisation_today():
        refuse(
            "actual_in_future", "month" if until is None else "until",
            "An actual amount cannot lie in the future. Record it as planned.",
        )  # fmt: skip
    if kpi is not None and kpi.project_id != project.pk:
        refuse("kpi_of_other_project", "kpi", f"{kpi.name} belongs to another project. Choose one of this project.")
    line = CashLine.objects.create(
        project=project,
        side=side,
        basis=basis,
        category=category,
        month=month,
        until=None if until is None else last,
        amount=amount,
        currency=currency,
        note=note[:200],
        kpi=kpi,
        recorded_by=actor,
    )
    record(
        actor=actor,
        verb="add_cash_line",
        thing=line,
        kind="cash",
        project_id=project.pk,
        after=_content(line),
        reason=note,
    )
    return line


@transaction.atomic
def void_cash_line(*, actor: User, line_id: int, reason: str = "") -> CashLine:
    """Take a line out of all sums from now on; it stays in the record, and in reports as of earlier days.

    Raises Refused: not_permitted, project_read_only, line_is_void.
    """
    project = locked_project(CashLine.objects.values_list("project_id", flat=True).get(pk=line_id))
    may(actor, RECORD, project).demand()
    line = CashLine.objects.select_for_update().get(pk=line_id)
    if line.voided_at is not None:
        raise Refused("This line is void already. Load the page again.", code="line_is_void")
    line.voided_at = timezone.now()
    line.save(update_fields=["voided_at"])
    record(
        actor=actor,
        verb="void_cash_line",
        thing=line,
        kind="cash",
        project_id=project.pk,
        before=_content(line),
        after={"voided": True},
        reason=reason,
    )
    return line


def _content(line: CashLine) -> dict[str, str | None]:
    return {
        "side": str(line.side),
        "basis": str(line.basis),
        "category": str(line.category),
        "month": line.month.isoformat(),
        "until": line.until.isoformat() if line.until else None,
        "amount": str(line.amount),
        "currency": line.currency,
    }
