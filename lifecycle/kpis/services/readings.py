"""Recording measurements: one by form, many by file or API. Append-only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import IO

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.csv_files import MAX_NOTE, MAX_ROWS, Fault, Reading, fault_of_day, read_csv
from lifecycle.kpis.figures import is_reading
from lifecycle.kpis.locking import locked_kpi
from lifecycle.kpis.models import Kpi, Measurement
from lifecycle.kpis.periods import aligned, organisation_today, period_text
from lifecycle.kpis.permits import RECORD, may

_SHOWN = 200  # faults that an answer lists
_HIGHEST_REVISION = 32_000


@dataclass
class Imported:
    """What became of a list of rows."""

    added: int = 0
    revised: int = 0
    unchanged: int = 0
    first: date | None = None
    last: date | None = None
    faults: list[Fault] = field(default_factory=list)

    @property
    def recorded(self) -> int:
        """Rows that were written."""
        return self.added + self.revised


@transaction.atomic
def record_measurement(
    *, actor: User, kpi: Kpi, day: date, value: float, source: str = Measurement.Source.FORM, note: str = ""
) -> Measurement:
    """The reading of the period that holds `day`, in the KPI's unit.

    A second value for a period is a new revision; the same value again changes nothing.
    Raises Refused: not_permitted, project_read_only, value_not_finite, day_in_future, note_too_long.
    """
    kpi = locked_kpi(kpi.pk)
    may(actor, RECORD, kpi.project).demand()
    _checked_source(source)
    code, sentence, at = _fault(day, value, note, organisation_today())
    if sentence:
        raise Refused(sentence, code=code, status=400, field=at)
    period = aligned(day, kpi.frequency)
    former = _newest(kpi, [period]).get(period)
    if former is not None and _is_same(kpi, former, value):
        return former
    made = Measurement.objects.create(
        kpi=kpi,
        period=period,
        value=float(value),
        revision=_next_revision(former),
        source=source,
        note=note,
        recorded_by=actor,
    )
    record(
        actor=actor,
        verb="record_measurement",
        thing=made,
        kind="measurements",
        name=f"{kpi.name}, {period_text(period, kpi.frequency)}",
        project_id=kpi.project_id,
        before={"value": former.value, "revision": former.revision} if former else {},
        after={"kpi": kpi.key, "period": period.isoformat(), "value": made.value, "revision": made.revision},
        reason=note,
    )
    return made


@transaction.atomic
def record_measurements(
    *, actor: User, kpi: Kpi, rows: Sequence[Reading], source: str, partial: bool = False
) -> Imported:
    """Record many readings at once: all, or with `partial` the good ones. One audit entry.

    Every row is checked before any is written. Raises Refused: not_permitted, project_read_only,
    too_many_rows, rows_invalid (`details`: one sentence for each bad row).
    """
    kpi = locked_kpi(kpi.pk)
    may(actor, RECORD, kpi.project).demand()
    _checked_source(source)
    if len(rows) > MAX_ROWS:
        raise Refused(
            f"These are more than {MAX_ROWS:,} rows. Send them in parts.",
            code="too_many_rows",
            status=400,
            field="rows",
        )
    good, faults = _sorted_out(kpi, rows)
    if faults and not partial:
        raise rows_invalid(faults, len(rows))
    return _store(actor, kpi, good, faults, source)


@transaction.atomic
def import_csv(
    *,
    actor: User,
    kpi: Kpi,
    file: str | bytes | IO[bytes],
    source: str = Measurement.Source.CSV,
    partial: bool = False,
) -> Imported:
    """Record the rows of a CSV file: all, or with `partial` the good ones.

    Raises Refused: not_permitted, project_read_only, csv_... (the file as a whole), rows_invalid.
    """
    kpi = locked_kpi(kpi.pk)
    may(actor, RECORD, kpi.project).demand()
    _checked_source(source)
    good, faults = read_csv(file, kpi)
    if faults and not partial:
        raise rows_invalid(faults, len(good) + len(faults))
    return _store(actor, kpi, good, faults, source)


def rows_invalid(faults: list[Fault], count: int) -> Refused:
    """The refusal of a list in which rows are bad."""
    lines = [f"Line {fault.line}: {fault.sentence}" for fault in faults[:_SHOWN]]
    if len(faults) > _SHOWN:
        lines.append(f"and {len(faults) - _SHOWN} more")
    return Refused(
        f"{len(faults)} of {count} rows cannot be recorded, so none was. Mend them, or ask for the good ones only.",
        code="rows_invalid",
        status=400,
        field="rows",
        details=lines,
    )


def _fault(day: date, value: float, note: str, today: date) -> tuple[str, str, str]:
    """(code, sentence, field) of what is wrong with a reading; empty texts when nothing is."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not is_reading(value):
        return "value_not_finite", "The value has to be a finite number, not larger than 10^15.", "value"
    if sentence := fault_of_day(day, today):
        return "day_in_future" if day > today else "day_too_early", sentence, "period"
    if len(note) > MAX_NOTE:
        return "note_too_long", f"The note is longer than {MAX_NOTE} characters. Shorten it.", "note"
    return "", "", ""


def _sorted_out(kpi: Kpi, rows: Sequence[Reading]) -> tuple[list[Reading], list[Fault]]:
    good: list[Reading] = []
    faults: list[Fault] = []
    lines: dict[date, int] = {}
    today = organisation_today()
    for number, row in enumerate(rows, start=1):
        line = row.line or number
        _, sentence, _ = _fault(row.period, row.value, row.note, today)
        period = aligned(row.period, kpi.frequency)
        if not sentence and period in lines:
            sentence = f"The period {period_text(period, kpi.frequency)} stands on line {lines[period]} already."
        if sentence:
            faults.append(Fault(line, sentence))
            continue
        lines[period] = line
        good.append(Reading(period, float(row.value), row.note, line))
    return good, faults


def _store(actor: User, kpi: Kpi, rows: list[Reading], faults: list[Fault], source: str) -> Imported:
    """Write what is new or changed; `rows` are checked, aligned and unique by period."""
    done = Imported(faults=faults)
    newest = _newest(kpi, [row.period for row in rows])
    now = timezone.now()
    made: list[Measurement] = []
    for row in rows:
        former = newest.get(row.period)
        if former is not None and _is_same(kpi, former, row.value):
            done.unchanged += 1
            continue
        if former is None:
            done.added += 1
        else:
            done.revised += 1
        made.append(
            Measurement(
                kpi=kpi,
                period=row.period,
                value=row.value,
                revision=_next_revision(former),
                source=source,
                note=row.note,
                recorded_by=actor,
                recorded_at=now,
            )
        )
    if not made:
        return done
    Measurement.objects.bulk_create(made, batch_size=1000)
    done.first, done.last = min(one.period for one in made), max(one.period for one in made)
    record(
        actor=actor,
        verb="record_measurements",
        thing=kpi,
        kind="measurements",
        project_id=kpi.project_id,
        after={
            "count": done.recorded,
            "added": done.added,
            "revised": done.revised,
            "unchanged": done.unchanged,
            "left_out": len(faults),
            "first": done.first.isoformat(),
            "last": done.last.isoformat(),
            "source": str(source),
        },
    )
    return done


def _newest(kpi: Kpi, periods: list[date]) -> dict[date, Measurement]:
    """The highest revision of each of the periods, whatever the definition it was recorded under."""
    if not periods:
        return {}
    rows = Measurement.objects.filter(kpi=kpi, period__gte=min(periods), period__lte=max(periods))
    return {row.period: row for row in rows.order_by("period", "revision")}


def _is_same(kpi: Kpi, former: Measurement, value: float) -> bool:
    """The value again, under the same definition: nothing new is known."""
    return former.value == value and (kpi.defined_at is None or former.recorded_at >= kpi.defined_at)


def _next_revision(former: Measurement | None) -> int:
    if former is None:
        return 1
    if former.revision >= _HIGHEST_REVISION:
        raise Refused(
            f"The reading of {former.period.isoformat()} was corrected too often. Ask an administrator to look at its source.",
            code="too_many_revisions",
        )
    return former.revision + 1


def _checked_source(source: str) -> None:
    if source not in Measurement.Source.values:
        raise Refused(
            f"{source!r} is no source. Use one of: {', '.join(Measurement.Source.values)}.",
            code="source_unknown",
            status=400,
            field="source",
        )
