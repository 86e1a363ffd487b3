"""What the room makes known when the app starts: its section on the page of a KPI."""

from __future__ import annotations

from explain.outcomes.links.selectors import standing_links_of
from lifecycle.kpis import beside
from lifecycle.kpis.models import Kpi


def links_beside(kpi: Kpi) -> beside.Section:
    """Metrics of the model that the KPI should follow. One query."""
    return beside.Section("explain/outcomes/links/of_kpi.html", {"links": standing_links_of(kpi)})


def register_kinds() -> None:
    """Called once, from the floor's app."""
    beside.register(links_beside)
