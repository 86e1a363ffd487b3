"""`manage.py check_kpi_months`: whether the sums by month are those of the readings."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lifecycle.kpis.models import Kpi
from lifecycle.kpis.selectors.months import month_differences


class Command(BaseCommand):
    """Prints one line for each month that differs, and fails when there is one."""

    help = "Compare the sums by month with the readings themselves; rebuild_kpi_months mends what differs."

    def handle(self, *args: Any, **options: Any) -> None:
        kpis = list(Kpi.objects.select_related("project").order_by("project__key", "key"))
        count = 0
        for one in month_differences(kpis):
            count += 1
            what = "missing" if one.stored is None else "without readings" if one.computed is None else "other sums"
            where = f"{one.kpi.project.key} / {one.kpi.key}, version {one.version}, {one.month:%Y-%m}"
            self.stdout.write(f"{where}: {what}")
        if count:
            raise CommandError(f"{count} months differ from their readings. Mend them with rebuild_kpi_months.")
        self.stdout.write(f"The sums of {len(kpis)} KPIs are those of their readings.")
