"""What recording a table would do, row by row, before anything is recorded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from foundation.web.digest import digest_of
from lifecycle.kpis.csv_files import Reading
from lifecycle.kpis.models import Kpi, Measurement

NEW, CHANGED, NOTED, SAME = "new", "changed", "noted", "same"


class Newest(NamedTuple):
    """The highest revision of a period; `counts` tells whether it was recorded under the present definition."""

    pk: int
    period: date
    value: float
    revision: int
    note: str
    counts: bool


def newest_between(kpi: Kpi, first: date, last: date) -> dict[date, Newest]:
    """The highest revision of each period from `first` to `last`, whatever definition it was recorded under; one query."""
    higher = Measurement.objects.filter(kpi=kpi, period=OuterRef("period"), revision__gt=OuterRef("revision"))
    rows: QuerySet[Measurement] = Measurement.objects.filter(
        ~Exists(higher), kpi=kpi, period__gte=first, period__lte=last
    )
    since = Q(recorded_at__gte=kpi.defined_at) if kpi.defined_at else Q(pk__isnull=False)
    found = rows.order_by("period").annotate(counts=since).values_list(*Newest._fields)
    return {row[1]: Newest._make(row) for row in found.iterator(chunk_size=5000)}


def newest_of(kpi: Kpi, periods: Collection[date]) -> dict[date, Newest]:
    """The highest revision of each period within the span of `periods`; none for none."""
    return newest_between(kpi, min(periods), max(periods)) if periods else {}


def outcome_of(former: Newest | None, value: float, note: str) -> str:
    """What a reading would be: new, changed, noted (a note is added to the same value), or the same.

    A reading of a former definition is no earlier value: under this one the period is new.
    """
    if former is None or not former.counts:
        return NEW
    if former.value != value:
        return CHANGED
    return NOTED if note and note != former.note else SAME


@dataclass(frozen=True)
class Change:
    """One row: what would become of it. `former` is the value that counts now, if one does."""

    reading: Reading
    outcome: str
    former: float | None
    former_note: str


@dataclass(frozen=True)
class Preview:
    """All rows of a table that can be recorded. `digest` binds them to what was recorded when it was shown."""

    changes: list[Change]
    digest: str

    def count(self, outcome: str) -> int:
        return sum(change.outcome == outcome for change in self.changes)

    @property
    def to_record(self) -> int:
        """Rows that would be written."""
        return sum(change.outcome != SAME for change in self.changes)


def preview_of(kpi: Kpi, readings: Sequence[Reading]) -> Preview:
    """What recording `readings` would do now; they are checked, aligned and unique by period. One query."""
    newest = newest_of(kpi, [reading.period for reading in readings])
    changes, bound = [], []
    for reading in readings:
        former = newest.get(reading.period)
        outcome = outcome_of(former, reading.value, reading.note)
        counts = former is not None and outcome != NEW
        changes.append(
            Change(
                reading,
                outcome,
                former.value if former is not None and counts else None,
                former.note if former is not None and counts else "",
            )
        )
        bound.append([reading.period.isoformat(), reading.value, reading.note, former.revision if former else 0])
    # The version too: under another definition the same numbers mean something else.
    return Preview(changes, digest_of({"kpi": kpi.pk, "version": kpi.version, "rows": bound}))
