"""What a project claims of a KPI, month by month."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any


def claimed_share(kpi: dict[str, Any], month: date) -> Decimal:
    """The share of the month, 0 to 1, already cut where claims sum to more than the whole (outcomes, section 2.7).

    Inputs without claims hold one share for all months.
    """
    step = _step(kpi, month)
    if step is None:
        return Decimal(0) if kpi.get("claims") is not None else Decimal(kpi["attribution"])
    return Decimal(step["share"])


def is_disputed(kpi: dict[str, Any], months: Iterable[date]) -> bool:
    """Whether a claim of one of the months is in dispute, or was cut."""
    steps = [step for month in months if (step := _step(kpi, month)) is not None]
    return any(step["disputed"] for step in steps)


def _step(kpi: dict[str, Any], month: date) -> dict[str, Any] | None:
    begun = [step for step in kpi.get("claims") or [] if step["from_month"] <= month.isoformat()]
    return begun[-1] if begun else None
