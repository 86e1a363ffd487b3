"""Sums by month, as they are stored and as the rows give them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from foundation.audit.models import Entry
from lifecycle.kpis.models import Kpi, KpiMonth, Measurement
from lifecycle.kpis.months import SUMS, Definition, MonthSums, definitions, edits_of, sums_by_definition

Months = dict[tuple[int, date], MonthSums]  # by version and first of the month


def months_of(kpi: Kpi) -> dict[date, MonthSums]:
    """Stored sums of the present definition, by month; one query."""
    rows = KpiMonth.objects.filter(kpi=kpi, kpi_version=kpi.version).order_by("month")
    return {row[0]: MonthSums(*row[1:]) for row in rows.values_list("month", *SUMS)}


def stored_months(kpi: Kpi) -> Months:
    """All stored sums of a KPI; one query."""
    rows = KpiMonth.objects.filter(kpi=kpi).order_by("kpi_version", "month")
    return {(row[0], row[1]): MonthSums(*row[2:]) for row in rows.values_list("kpi_version", "month", *SUMS)}


def computed_months(kpi: Kpi, spans: Sequence[Definition]) -> Months:
    """The same sums from the readings themselves, for each definition that the KPI had; one query."""
    rows = Measurement.objects.filter(kpi=kpi).order_by("period", "revision")
    return sums_by_definition(spans, rows.values_list("period", "value", "recorded_at").iterator(chunk_size=5000))


def definitions_by_kpi(kpis: Collection[Kpi]) -> dict[int, list[Definition]]:
    """The definitions each KPI had, newest first, as the trail tells; one query."""
    entries: dict[str, list[Any]] = defaultdict(list)
    changed = [str(kpi.pk) for kpi in kpis if kpi.defined_at is not None]
    if changed:
        told = Entry.objects.filter(verb="edit_kpi", thing_kind="kpi", thing_id__in=changed).order_by("seq")
        for thing_id, *entry in told.values_list("thing_id", "at", "before", "after"):
            entries[thing_id].append(entry)
    return {
        kpi.pk: definitions(
            edits_of(entries[str(kpi.pk)]), version=kpi.version, frequency=kpi.frequency, defined_at=kpi.defined_at
        )
        for kpi in kpis
    }


class Difference(NamedTuple):
    """A month whose stored sums are not those of its readings; None where one of them is missing."""

    kpi: Kpi
    version: int
    month: date
    stored: MonthSums | None
    computed: MonthSums | None


def month_differences(kpis: Collection[Kpi]) -> Iterator[Difference]:
    """Where the stored sums are not those of the rows; two queries for each KPI and one for all."""
    spans = definitions_by_kpi(kpis)
    for kpi in kpis:
        stored, computed = stored_months(kpi), computed_months(kpi, spans[kpi.pk])
        for version, month in sorted(stored.keys() | computed.keys()):
            former, found = stored.get((version, month)), computed.get((version, month))
            if former != found:
                yield Difference(kpi, version, month, former, found)
