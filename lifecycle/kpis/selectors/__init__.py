"""Reads of the room, one file for each family."""

from lifecycle.kpis.selectors.circumstances import Bridge, bridges, retirement_of
from lifecycle.kpis.selectors.inputs import inputs_for_report
from lifecycle.kpis.selectors.money import MoneyPage, money_page
from lifecycle.kpis.selectors.pages import KpiPage, KpiRow, kpi_list, kpi_page
from lifecycle.kpis.selectors.series import (
    Point,
    as_instant,
    current_target,
    frozen_baseline,
    go_live_of,
    is_retrospective,
    series_by_kpi,
    series_of,
    unit_value_on,
)
from lifecycle.kpis.selectors.waiting import waiting_for

__all__ = [
    "Bridge",
    "KpiPage",
    "KpiRow",
    "MoneyPage",
    "Point",
    "as_instant",
    "bridges",
    "current_target",
    "frozen_baseline",
    "go_live_of",
    "inputs_for_report",
    "is_retrospective",
    "kpi_list",
    "kpi_page",
    "money_page",
    "retirement_of",
    "series_by_kpi",
    "series_of",
    "unit_value_on",
    "waiting_for",
]
