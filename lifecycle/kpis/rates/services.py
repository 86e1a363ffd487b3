"""Recording exchange rates. Rows are never changed: a correction is a new row of the same day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.csv_files import MAX_ROWS, Fault
from lifecycle.kpis.rates.lookup import plain
from lifecycle.kpis.rates.models import ExchangeRate
from lifecycle.kpis.rates.permits import may_enter
from lifecycle.kpis.rates.rows import Rate, checked

KIND = "exchange_rates"
_SHOWN = 50  # faults that a refusal carries


@dataclass
class Entered:
    """What became of a list of rates."""

    added: int = 0
    corrected: int = 0
    unchanged: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def recorded(self) -> int:
        return self.added + self.corrected


@transaction.atomic
def record_rate(
    *, actor: User, base: str, quote: str, on: date, rate: Decimal, kind: str, source: str
) -> ExchangeRate | None:
    """One rate; None when it is known already. Raises Refused: not_permitted, rate_invalid."""
    may_enter(actor).demand()
    try:
        row = checked(base, quote, on, rate, kind, source)
    except ValueError as fault:
        raise Refused(str(fault), code="rate_invalid", status=400) from None
    made = _store(actor, [row], Entered())
    return made[0] if made else None


@transaction.atomic
def record_rates(
    *, actor: User, rows: Sequence[Rate], faults: Sequence[Fault] = (), partial: bool = False, is_demo: bool = False
) -> Entered:
    """Rates that `rows.py` has read: all, or with `partial` the good ones. One audit entry.

    Raises Refused: not_permitted, too_many_rows, rows_invalid (`details`: one sentence for each bad row).
    """
    may_enter(actor).demand()
    if len(rows) > MAX_ROWS:
        raise Refused(
            f"These are more than {MAX_ROWS:,} rows. Send them in parts.",
            code="too_many_rows", status=400, field="rows",
        )  # fmt: skip
    if faults and not partial:
        raise rows_invalid(faults, len(rows) + len(faults))
    done = Entered(faults=list(faults))
    _store(actor, rows, done, is_demo=is_demo)
    return done


def rows_invalid(faults: Sequence[Fault], count: int) -> Refused:
    """The refusal of a list in which rows are bad."""
    lines = [f"Line {fault.line}: {fault.sentence}" for fault in faults[:_SHOWN]]
    more = [f"and {len(faults) - _SHOWN} more"] if len(faults) > _SHOWN else []
    return Refused(
        f"{len(faults)} of {count} rates cannot be recorded, so none was. Mend them, or ask for the good ones only.",
        code="rows_invalid", status=400, field="rows", details=[*lines, *more],
    )  # fmt: skip


def _store(actor: User, rows: Sequence[Rate], done: Entered, *, is_demo: bool = False) -> list[ExchangeRate]:
    days = [row.on for row in rows]
    known = (
        {
            (row.base, row.quote, row.kind, row.on): row
            for row in ExchangeRate.objects.filter(on__gte=min(days), on__lte=max(days)).order_by("pk")
        }
        if days
        else {}
    )
    now = timezone.now()
    made = []
    for row in rows:
        former = known.get(row.key)
        if former is not None and (former.rate, former.source) == (row.rate, row.source):
            done.unchanged += 1
            continue
        done.added, done.corrected = done.added + (former is None), done.corrected + (former is not None)
        made.append(
            ExchangeRate(
                base=row.base, quote=row.quote, rate=row.rate, on=row.on, kind=row.kind, source=row.source,
                recorded_by=actor, recorded_at=now, is_demo=is_demo,
            )
        )  # fmt: skip
    if not made:
        return []
    stored = ExchangeRate.objects.bulk_create(made, batch_size=1000)
    record(
        actor=actor,
        verb="record_exchange_rates",
        thing=stored[0],
        kind=KIND,
        after={
            "count": len(stored),
            "added": done.added,
            "corrected": done.corrected,
            "unchanged": done.unchanged,
            "left_out": len(done.faults),
            "first": min(row.on for row in stored).isoformat(),
            "last": max(row.on for row in stored).isoformat(),
            "pairs": sorted({f"{row.base}/{row.quote}" for row in stored}),
            "rate": plain(stored[0].rate) if len(stored) == 1 else None,
        },
    )
    return stored
