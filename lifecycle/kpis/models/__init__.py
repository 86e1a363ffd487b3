"""Rows of the room, one file for each family."""

from lifecycle.kpis.models.circumstances import Exclusion, KpiControl, Retirement
from lifecycle.kpis.models.definitions import Kpi
from lifecycle.kpis.models.money import CashLine
from lifecycle.kpis.models.readings import KpiMonth, Measurement
from lifecycle.kpis.models.values import Baseline, GoLive, Target, ValuePerUnit

__all__ = [
    "Baseline",
    "CashLine",
    "Exclusion",
    "GoLive",
    "Kpi",
    "KpiControl",
    "KpiMonth",
    "Measurement",
    "Retirement",
    "Target",
    "ValuePerUnit",
]
