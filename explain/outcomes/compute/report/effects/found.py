"""A KPI of a report as it was found: its effect and its months."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from explain.outcomes.compute.report.windows import Laid


@dataclass
class KpiMonth:
    """One month of one KPI. `weight`: units that one unit of improvement brings in the month (cases, periods)."""

    month: date
    expected: int
    measured: int
    mean: float | None = None
    volume: float | None = None
    units: float | None = None
    weight: float = 0.0
    excluded: int = 0
    value: Decimal | None = None
    gross: Decimal | None = None
    claimed: Decimal | None = None
    hard: Decimal | None = None
    in_ramp: bool = False
    # The day whose value per unit counts; and worth at the plan's exchange rate / worth at the month's.
    valued_on: date = date.min
    at_plan: Decimal = Decimal(1)


@dataclass
class KpiOutcome:
    """A KPI with its effect and its months; `money` says whether and why its worth is counted."""

    kpi: dict[str, Any]
    effect: dict[str, Any]
    pre: Laid
    post: Laid
    months: list[KpiMonth] = field(default_factory=list)
    money: str = "no_value"
    details: dict[str, Any] = field(default_factory=dict)
    with_all: KpiOutcome | None = None

    @property
    def key(self) -> str:
        return str(self.kpi["key"])

    @property
    def status(self) -> str:
        return str(self.effect["status"])

    @property
    def cashable(self) -> Decimal:
        """Share that releases cash."""
        return Decimal(self.kpi["cashable"])

    @property
    def has_values(self) -> bool:
        return bool(self.kpi["unit_values"])
