"""What the pages of the room show, each in a constant number of queries."""

from lifecycle.kpis.selectors.pages.kpi import KpiPage, kpi_page
from lifecycle.kpis.selectors.pages.rows import KpiRow, kpi_list

__all__ = ["KpiPage", "KpiRow", "kpi_list", "kpi_page"]
