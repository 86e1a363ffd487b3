"""The rate table to take away; it can be uploaded again as it is."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from foundation.web.workbook import Column, Sheet
from lifecycle.kpis.periods import organisation_day
from lifecycle.kpis.rates.models import ExchangeRate

_COLUMNS = (
    Column("Base"), Column("Quote"), Column("Date", "date"), Column("Rate", "number"), Column("Kind"), Column("Source"),
    Column("Recorded by"), Column("Recorded on", "date"),
)  # fmt: skip


def rates_sheet(rows: Iterable[ExchangeRate]) -> Sheet:
    """One unit of base is worth `rate` units of quote; a correction stands before the row that it corrects."""
    return Sheet(
        "Exchange rates",
        _COLUMNS,
        [
            [
                row.base,
                row.quote,
                row.on,
                Decimal(row.as_text),
                row.kind,
                row.source,
                row.recorded_by.name,
                organisation_day(row.recorded_at),
            ]
            for row in rows
        ],
    )
