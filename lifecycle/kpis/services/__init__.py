"""Deeds on KPIs and money, one file for each family."""

from lifecycle.kpis.services.baselines import approve_baseline, propose_baseline, withdraw_baseline
from lifecycle.kpis.services.definitions import define_kpi, edit_kpi
from lifecycle.kpis.services.money import add_cash_line, void_cash_line
from lifecycle.kpis.services.months import rebuild_months
from lifecycle.kpis.services.readings import (
    faults_of,
    import_csv,
    record_measurement,
    record_measurements,
    record_previewed,
)
from lifecycle.kpis.services.storing import Imported
from lifecycle.kpis.services.values import amount_of, record_go_live, set_target, set_unit_value

__all__ = [
    "Imported",
    "add_cash_line",
    "amount_of",
    "approve_baseline",
    "define_kpi",
    "edit_kpi",
    "faults_of",
    "import_csv",
    "propose_baseline",
    "rebuild_months",
    "record_go_live",
    "record_measurement",
    "record_measurements",
    "record_previewed",
    "set_target",
    "set_unit_value",
    "void_cash_line",
    "withdraw_baseline",
]
