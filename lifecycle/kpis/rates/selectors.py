"""Reads of exchange rates."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from lifecycle.kpis.rates.lookup import OLDEST, SPOT, plain
from lifecycle.kpis.rates.models import ExchangeRate


def rates_shown(base: str = "", quote: str = "", kind: str = "") -> QuerySet[ExchangeRate]:
    """Rates, the newest day first, and of a day the row first that counts."""
    rows = ExchangeRate.objects.select_related("recorded_by").order_by("-on", "base", "quote", "kind", "-pk")
    if base:
        rows = rows.filter(base=base)
    if quote:
        rows = rows.filter(quote=quote)
    return rows.filter(kind=kind) if kind else rows


def rates_for(
    currencies: Collection[str], to: str, *, instant: datetime, as_of: date, plan_days: Collection[date]
) -> dict[str, Any]:
    """Rates with which amounts in the currencies can be brought into `to`, as they were known at the instant; one query.

    `{"through": currency, "rows": [[base, quote, kind, day, rate, source], ...]}` in a stable order. Of the rates of
    days only those that can be asked for: the last of each month, and the last up to each day of a plan. No foreign
    currency: no rows and no query.
    """
    through = settings.ORGANISATION_CURRENCY
    found: dict[str, Any] = {"through": through, "rows": []}
    foreign = {code for code in currencies if code != to}
    if not foreign:
        return found
    pairs = {frozenset((one, other)) for one in foreign for other in (to, through) if one != other}
    if through != to:
        pairs.add(frozenset((through, to)))
    wanted = Q()
    for one, other in (sorted(pair) for pair in sorted(pairs, key=sorted)):
        wanted |= Q(base=one, quote=other) | Q(base=other, quote=one)
    rows = ExchangeRate.objects.filter(wanted, recorded_at__lte=instant, on__lte=as_of).order_by("pk")
    newest = {(row.base, row.quote, row.kind, row.on): row for row in rows}
    kept = _asked_for(newest.values(), sorted({*plan_days, as_of}))
    found["rows"] = [
        [row.base, row.quote, row.kind, row.on.isoformat(), plain(row.rate), row.source]
        for row in sorted(kept, key=lambda row: (row.base, row.quote, row.kind, row.on))
    ]
    return found


def _asked_for(rows: Collection[ExchangeRate], days: list[date]) -> list[ExchangeRate]:
    chosen: dict[int, ExchangeRate] = {row.pk: row for row in rows if row.kind != SPOT}
    by_pair: dict[tuple[str, str], list[ExchangeRate]] = {}
    for row in sorted((row for row in rows if row.kind == SPOT), key=lambda row: row.on):
        by_pair.setdefault((row.base, row.quote), []).append(row)
    for spots in by_pair.values():
        last_of_month = {(row.on.year, row.on.month): row for row in spots}
        chosen |= {row.pk: row for row in last_of_month.values()}
        for day in days:
            before = [row for row in spots if day - timedelta(days=OLDEST) <= row.on <= day]
            if before:
                chosen[before[-1].pk] = before[-1]
    return list(chosen.values())
