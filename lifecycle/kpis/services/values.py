"""Target, value per unit, go-live. Older rows stay: the newest counts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.currencies import ISO_4217
from lifecycle.kpis.figures import is_reading
from lifecycle.kpis.locking import locked_kpi, locked_project
from lifecycle.kpis.models import Baseline, GoLive, Kpi, Target, ValuePerUnit
from lifecycle.kpis.permits import RECORD, may
from lifecycle.kpis.selectors.series import is_retrospective
from lifecycle.projects.models import Project

_LARGEST_MONEY = Decimal(10) ** 16  # numeric(20, 4)


def amount_of(text: object, field: str = "amount") -> Decimal:
    """Money from its text, exactly: "1250.50". Raises Refused for a float and for what is no amount."""
    if isinstance(text, float):
        raise Refused(
            "Amounts of money are exact, and a binary float is not. Send the amount as text, such as \"1250.50\".",
            code="money_is_float", status=400, field=field,
        )  # fmt: skip
    if isinstance(text, str):
        try:
            text = Decimal(text.strip())
        except InvalidOperation:
            text = None
    if not isinstance(text, Decimal):
        raise Refused(
            "This is no amount of money. Write it as text with a point, such as 1250.50.",
            code="amount_invalid", status=400, field=field,
        )  # fmt: skip
    return _checked_amount(text, field)


def _checked_amount(amount: Decimal, field: str) -> Decimal:
    if not amount.is_finite() or amount < 0 or amount >= _LARGEST_MONEY:
        raise Refused(
            "An amount is zero or more, and less than ten thousand million million. A correction is a new line.",
            code="amount_invalid", status=400, field=field,
        )  # fmt: skip
    if amount != amount.quantize(Decimal("0.0001")):
        raise Refused(
            "An amount has at most four digits after the point. Round it.",
            code="amount_invalid", status=400, field=field,
        )  # fmt: skip
    return amount.quantize(Decimal("0.0001"))


def checked_currency(code: str) -> str:
    """The code when it is one of ISO 4217; Refused otherwise."""
    if code not in ISO_4217:
        raise Refused(
            f"“{code[:20]}” is no currency code. Use three capital letters of ISO 4217, such as EUR.",
            code="currency_unknown", status=400, field="currency",
        )  # fmt: skip
    return code


@transaction.atomic
def set_target(*, actor: User, kpi: Kpi, value: float, due_on: date, note: str = "") -> Target:
    """What the KPI shall become, in its unit, and by when.

    Raises Refused: not_permitted, project_read_only, value_not_finite.
    """
    kpi = locked_kpi(kpi.pk)
    may(actor, RECORD, kpi.project).demand()
    if isinstance(value, bool) or not isinstance(value, int | float) or not is_reading(value):
        raise Refused(
            "The target has to be a finite number, not larger than 10^15.",
            code="value_not_finite", status=400, field="value",
        )  # fmt: skip
    former = Target.objects.filter(kpi=kpi).order_by("-pk").first()
    target = Target.objects.create(kpi=kpi, value=float(value), due_on=due_on, note=note[:300], set_by=actor)
    record(
        actor=actor,
        verb="set_target",
        thing=target,
        kind="target",
        project_id=kpi.project_id,
        before={"value": former.value, "due_on": former.due_on.isoformat()} if former else {},
        after={"kpi": kpi.key, "value": target.value, "due_on": due_on.isoformat()},
        reason=note,
    )
    return target


@transaction.atomic
def set_unit_value(
    *,
    actor: User,
    kpi: Kpi,
    amount: Decimal,
    currency: str,
    valid_from: date,
    valid_to: date | None = None,
    low: Decimal | None = None,
    high: Decimal | None = None,
    evidence: str = "",
) -> ValuePerUnit:
    """What one unit of improvement is worth from `valid_from` on (up to and with `valid_to`), with its range.

    Raises Refused: not_permitted, project_read_only, money_is_float, amount_invalid, range_invalid,
    currency_unknown, dates_backward.
    """
    kpi = locked_kpi(kpi.pk)
    may(actor, RECORD, kpi.project).demand()
    amount = amount_of(amount)
    low = None if low is None else amount_of(low, "low")
    high = None if high is None else amount_of(high, "high")
    if (low is None) != (high is None):
        raise Refused(
            "A range has two ends. Give both the lowest and the highest value, or none.",
            code="range_invalid", status=400, field="low" if low is None else "high",
        )  # fmt: skip
    if low is not None and high is not None and not low <= amount <= high:
        raise Refused(
            "The value has to lie between the lowest and the highest one. Check the three amounts.",
            code="range_invalid", status=400, field="amount",
        )  # fmt: skip
    checked_currency(currency)
    if valid_to is not None and valid_to < valid_from:
        raise Refused(
            "The value ends before it begins. Exchange the two dates.",
            code="dates_backward", status=400, field="valid_to",
        )  # fmt: skip
    row = ValuePerUnit.objects.create(
        kpi=kpi,
        amount=amount,
        low=low,
        high=high,
        currency=currency,
        valid_from=valid_from,
        valid_to=valid_to,
        evidence=evidence[:300],
        set_by=actor,
    )
    record(
        actor=actor,
        verb="set_unit_value",
        thing=row,
        kind="unit_value",
        project_id=kpi.project_id,
        after={
            "kpi": kpi.key,
            "amount": str(amount),
            "low": None if low is None else str(low),
            "high": None if high is None else str(high),
            "currency": currency,
            "valid_from": valid_from.isoformat(),
            "valid_to": valid_to.isoformat() if valid_to else None,
        },
        reason=evidence,
    )
    return row


@transaction.atomic
def record_go_live(
    *, actor: User, project: Project, on: date, ramp_until: date | None = None, note: str = ""
) -> GoLive:
    """When the solution begins to work, and the first day after its ramp. The newest row counts.

    Baselines that were frozen on that day or later become retrospective.
    Raises Refused: not_permitted, project_read_only, ramp_before_go_live.
    """
    project = locked_project(project.pk)
    may(actor, RECORD, project).demand()
    if ramp_until is not None and ramp_until < on:
        raise Refused(
            "The ramp ends before go-live. Give a later day, or none.",
            code="ramp_before_go_live", status=400, field="ramp_until",
        )  # fmt: skip
    former = GoLive.objects.filter(project=project).order_by("-pk").first()
    row = GoLive.objects.create(
        project=project, on=on, ramp_until=ramp_until, note=note[:300], recorded_by=actor, recorded_at=timezone.now()
    )
    flagged: list[int] = []
    for baseline in Baseline.objects.select_for_update().filter(
        kpi__project=project, state=Baseline.State.FROZEN, frozen_at__isnull=False
    ):
        late = is_retrospective(on, baseline.frozen_at)
        if late != baseline.retrospective:
            baseline.retrospective = late
            baseline.save(update_fields=["retrospective"])
            flagged.append(baseline.pk)
    record(
        actor=actor,
        verb="record_go_live",
        thing=row,
        kind="go_live",
        project_id=project.pk,
        before={
            "on": former.on.isoformat(), "ramp_until": former.ramp_until.isoformat() if former.ramp_until else None
        } if former else {},
        after={
            "on": on.isoformat(),
            "ramp_until": ramp_until.isoformat() if ramp_until else None,
            "baselines_judged_anew": flagged,
        },
        reason=note,
    )  # fmt: skip
    return row
