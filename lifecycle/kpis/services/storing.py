"""Writing checked rows: higher revisions where something is known already, and the sums of the months they touch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils import timezone

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.csv_files import Fault, Reading
from lifecycle.kpis.models import Kpi, Measurement
from lifecycle.kpis.months import month_sums
from lifecycle.kpis.periods import MONTH, aligned, months_later
from lifecycle.kpis.selectors.previews import NEW, SAME, Newest, counts_still, newest_between, outcome_of
from lifecycle.kpis.services.months import keep_months

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


@dataclass
class Written:
    """Rows that were written, and what was known of each period before."""

    made: list[Measurement]
    formers: Mapping[date, Newest]


def write(actor: User, kpi: Kpi, rows: Sequence[Reading], source: str) -> Written:
    """Write the rows that tell anything new; they are checked, aligned and unique by period, the KPI is locked."""
    if not rows:
        return Written([], {})
    # Whole months: their sums are computed from what is read here, and what is written.
    first = min(row.period for row in rows).replace(day=1)
    last = months_later(aligned(max(row.period for row in rows), MONTH), 1) - timedelta(days=1)
    newest = newest_between(kpi, first, last)
    now = timezone.now()
    made = [
        Measurement(
            kpi=kpi,
            period=row.period,
            value=row.value,
            revision=_next_revision(newest.get(row.period)),
            source=source,
            note=row.note,
            recorded_by=actor,
            recorded_at=now,
        )
        for row in rows
        if outcome_of(kpi, newest.get(row.period), row.value, row.note) != SAME
    ]
    if made:
        Measurement.objects.bulk_create(made, batch_size=1000)
        _keep_months(kpi, newest, made)
    return Written(made, newest)


def store(
    actor: User, kpi: Kpi, rows: Sequence[Reading], faults: list[Fault], source: str, digest: str = ""
) -> Imported:
    """Write many rows, with one audit entry; `digest` is that of the preview which a person saw."""
    written = write(actor, kpi, rows, source)
    done = Imported(faults=faults, unchanged=len(rows) - len(written.made))
    if not written.made:
        return done
    for one in written.made:
        if outcome_of(kpi, written.formers.get(one.period), one.value, one.note) == NEW:
            done.added += 1
        else:
            done.revised += 1
    done.first, done.last = min(one.period for one in written.made), max(one.period for one in written.made)
    after = {
        "count": done.recorded,
        "added": done.added,
        "revised": done.revised,
        "unchanged": done.unchanged,
        "left_out": len(faults),
        "first": done.first.isoformat(),
        "last": done.last.isoformat(),
        "source": str(source),
    }
    record(
        actor=actor,
        verb="record_measurements",
        thing=kpi,
        kind="measurements",
        project_id=kpi.project_id,
        after=after | ({"preview": digest} if digest else {}),
    )
    return done


def _keep_months(kpi: Kpi, newest: Mapping[date, Newest], made: Sequence[Measurement]) -> None:
    touched = {one.period.replace(day=1) for one in made}
    points = {
        period: former.value
        for period, former in newest.items()
        if period.replace(day=1) in touched and counts_still(kpi, former)
    }
    points |= {one.period: one.value for one in made}
    keep_months(kpi, month_sums(sorted(points.items()), kpi.frequency))


def _next_revision(former: Newest | None) -> int:
    if former is None:
        return 1
    if former.revision >= _HIGHEST_REVISION:
        raise Refused(
            f"The reading of {former.period.isoformat()} was corrected too often. Ask an administrator to look at its source.",
            code="too_many_revisions",
        )
    return former.revision + 1
