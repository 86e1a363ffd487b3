"""`manage.py rebuild_kpi_months`: the sums by month, computed anew from the readings."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from lifecycle.kpis.models import Kpi
from lifecycle.kpis.services import rebuild_months


class Command(BaseCommand):
    """Writes only what differs, one KPI after the other, so recording can go on meanwhile."""

    help = "Compute the sums by month anew from the readings."

    def handle(self, *args: Any, **options: Any) -> None:
        kpis = list(Kpi.objects.order_by("pk"))
        changed = rebuild_months(kpis)
        self.stdout.write(f"{len(kpis)} KPIs: {changed} months changed.")
