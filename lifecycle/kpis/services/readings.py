"""Recording measurements: one by form, many by file or API. Append-only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import IO

from django.db import transaction

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.csv_files import MAX_NOTE, MAX_ROWS, Fault, Reading, fault_of_day, read_csv
from lifecycle.kpis.figures import is_reading
from lifecycle.kpis.locking import locked_kpi
from lifecycle.kpis.models import Kpi, Measurement
from lifecycle.kpis.periods import aligned, organisation_today, period_text
from lifecycle.kpis.permits import RECORD, may
from lifecycle.kpis.selectors.previews import preview_of
from lifecycle.kpis.services.storing import Imported, store, write

_SHOWN = 200  # faults that an answer lists


@transaction.atomic
def record_measurement(
    *, actor: User, kpi: Kpi, day: date, value: float, source: str = Measurement.Source.FORM, note: str = ""
) -> Measurement:
    """The reading of the period that holds `day`, in the KPI's unit.

    A second value for a period is a new revision, and so is a note on the same value; the same again changes nothing.
    Raises Refused: not_permitted, project_read_only, value_not_finite, day_in_future, note_too_long.
    """
    kpi = locked_kpi(kpi.pk)
    may(actor, RECORD, kpi.project).demand()
    _checked_source(source)
    code, sentence, at = _fault(day, value, note, organisation_today())
    if sentence:
        raise Refused(sentence, code=code, status=400, field=at)
    period = aligned(day, kpi.frequency)
    written = write(actor, kpi, [Reading(period, float(value), note)], source)
    former = written.formers.get(period)
    if not written.rows:
        assert former is not None
        return Measurement.objects.get(pk=former.pk)
    made = Measurement.objects.get(kpi=kpi, period=period, revision=written.rows[0][1])
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
    good, faults = _sorted_out(kpi, rows)
    if faults and not partial:
        raise rows_invalid(faults, len(rows))
    return store(actor, kpi, good, faults, source)


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
    return store(actor, kpi, good, faults, source)


@transaction.atomic
def record_previewed(*, actor: User, kpi: Kpi, rows: Sequence[Reading], digest: str, source: str) -> Imported:
    """Record what a person saw in a preview (`preview_of(kpi, rows).digest`): all rows, and only while they mean the same.

    Raises Refused: not_permitted, project_read_only, too_many_rows, rows_invalid, preview_outdated (somebody recorded
    readings of these periods since, or the definition changed).
    """
    kpi = locked_kpi(kpi.pk)
    may(actor, RECORD, kpi.project).demand()
    _checked_source(source)
    good = _all_good(kpi, rows)
    if preview_of(kpi, good).digest != digest:
        raise Refused(
            "Since this preview was made, somebody recorded readings of the same periods, or the rows or the definition "
            "were changed. Nothing was recorded now. Look at the new preview, then record.",
            code="preview_outdated",
        )
    return store(actor, kpi, good, [], source, digest)


def rows_invalid(faults: list[Fault], count: int) -> Refused:
    """The refusal of a list in which rows are bad: sentences of the first ones, and all of them as `rows`."""
    lines = [f"Line {fault.line}: {fault.sentence}" for fault in faults[:_SHOWN]]
    if len(faults) > _SHOWN:
        lines.append(f"and {len(faults) - _SHOWN} more")
    return Refused(
        f"{len(faults)} of {count} rows cannot be recorded, so none was. Mend them, or ask for the good ones only.",
        code="rows_invalid",
        status=400,
        field="rows",
        details=lines,
        rows=[
            {"line": fault.line, "code": fault.code, "field": fault.field, "message": fault.sentence}
            for fault in faults
        ],
    )


def faults_of(kpi: Kpi, rows: Sequence[Reading]) -> list[Fault]:
    """What is wrong with rows, before anything is recorded; empty when nothing is."""
    return _sorted_out(kpi, rows)[1]


def _fault(day: date, value: float, note: str, today: date) -> tuple[str, str, str]:
    """(code, sentence, field) of what is wrong with a reading; empty texts when nothing is."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not is_reading(value):
        return "value_not_finite", "The value has to be a finite number, not larger than 10^15.", "value"
    if sentence := fault_of_day(day, today):
        return "day_in_future" if day > today else "day_too_early", sentence, "period"
    if len(note) > MAX_NOTE:
        return "note_too_long", f"The note is longer than {MAX_NOTE} characters. Shorten it.", "note"
    return "", "", ""


def _all_good(kpi: Kpi, rows: Sequence[Reading]) -> list[Reading]:
    """The rows, checked and aligned. Raises Refused: too_many_rows, rows_invalid."""
    good, faults = _sorted_out(kpi, rows)
    if faults:
        raise rows_invalid(faults, len(rows))
    return good


def _sorted_out(kpi: Kpi, rows: Sequence[Reading]) -> tuple[list[Reading], list[Fault]]:
    if len(rows) > MAX_ROWS:
        raise Refused(
            f"These are more than {MAX_ROWS:,} rows. Send them in parts.",
            code="too_many_rows",
            status=400,
            field="rows",
        )
    good: list[Reading] = []
    faults: list[Fault] = []
    lines: dict[date, int] = {}
    today = organisation_today()
    frequency = kpi.frequency
    for number, row in enumerate(rows, start=1):
        line = row.line or number
        code, sentence, at = _fault(row.period, row.value, row.note, today)
        period = aligned(row.period, frequency)
        if not sentence and period in lines:
            code, at = "period_twice", "period"
            sentence = f"The period {period_text(period, frequency)} stands on line {lines[period]} already."
        if sentence:
            faults.append(Fault(line, sentence, code, at))
            continue
        lines[period] = line
        good.append(Reading(period, float(row.value), row.note, line))
    return good, faults


def _checked_source(source: str) -> None:
    if source not in Measurement.Source.values:
        raise Refused(
            f"{source!r} is no source. Use one of: {', '.join(Measurement.Source.values)}.",
            code="source_unknown",
            status=400,
            field="source",
        )
