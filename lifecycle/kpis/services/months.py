"""Keeping the sums by month: with each recording, with a new definition, and from the rows anew."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date

from django.db import transaction

from lifecycle.kpis.locking import locked_kpi
from lifecycle.kpis.models import Kpi, KpiMonth
from lifecycle.kpis.months import SUMS, MonthSums
from lifecycle.kpis.selectors.months import computed_months, definitions_by_kpi, stored_months


def keep_months(kpi: Kpi, months: Mapping[date, MonthSums]) -> None:
    """Store the sums of these months of the present definition; the caller holds the lock of the KPI."""
    KpiMonth.objects.bulk_create(
        [KpiMonth(kpi=kpi, kpi_version=kpi.version, month=month, **asdict(sums)) for month, sums in months.items()],
        update_conflicts=True,
        unique_fields=["kpi", "kpi_version", "month"],
        update_fields=SUMS,
    )


def carry_months(kpi: Kpi, former_version: int) -> None:
    """Readings that hold under the new version take their sums along; the caller holds the lock of the KPI."""
    KpiMonth.objects.filter(kpi=kpi, kpi_version=former_version).update(kpi_version=kpi.version)


def rebuild_months(kpis: Collection[Kpi]) -> int:
    """Compute all sums of the KPIs anew; returns how many rows changed. Not a deed: nothing that a person said changes."""
    return sum(_rebuild(kpi.pk) for kpi in kpis)


@transaction.atomic
def _rebuild(kpi_id: int) -> int:
    kpi = locked_kpi(kpi_id)
    computed = computed_months(kpi, definitions_by_kpi([kpi])[kpi.pk])
    stored = stored_months(kpi)
    wrong = {key for key in stored.keys() | computed.keys() if stored.get(key) != computed.get(key)}
    for version, month in wrong & stored.keys():
        KpiMonth.objects.filter(kpi=kpi, kpi_version=version, month=month).delete()
    KpiMonth.objects.bulk_create(
        KpiMonth(kpi=kpi, kpi_version=key[0], month=key[1], **asdict(computed[key]))
        for key in sorted(wrong & computed.keys())
    )
    return len(wrong)
