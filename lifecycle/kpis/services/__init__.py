"""Deeds on KPIs and money, one file for each family."""

from lifecycle.kpis.services.baselines import approve_baseline, propose_baseline, withdraw_baseline
from lifecycle.kpis.services.circumstances import (
    add_control,
    approve_exclusion,
    end_control,
    end_exclusion,
    propose_exclusion,
    record_retirement,
)
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
    "add_control",
    "amount_of",
    "approve_baseline",
    "approve_exclusion",
    "define_kpi",
    "edit_kpi",
    "end_control",
    "end_exclusion",
    "faults_of",
    "import_csv",
    "propose_baseline",
    "propose_exclusion",
    "rebuild_months",
    "record_go_live",
    "record_measurement",
    "record_measurements",
    "record_previewed",
    "record_retirement",
    "set_target",
    "set_unit_value",
    "void_cash_line",
    "withdraw_baseline",
]
