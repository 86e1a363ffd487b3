"""What a KPI is, and what happens when it becomes something else."""

from lifecycle.kpis.services.definitions.changing import edit_kpi
from lifecycle.kpis.services.definitions.defining import define_kpi

__all__ = ["define_kpi", "edit_kpi"]
