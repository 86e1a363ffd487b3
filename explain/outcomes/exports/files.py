"""Tables as files. Numbers are numbers; text is text, whatever sign it begins with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from explain.outcomes.compute.money import round_money
from explain.outcomes.exports.tables import Kind, Table
from foundation.web.comma_separated import written
from foundation.web.workbook import CellKind, Column, Sheet, workbook

# What XML cannot hold.
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_KINDS: dict[Kind, CellKind] = {
    "text": "text",
    "money": "money",
    "whole": "count",
    "percent": "percent",
    "day": "date",
}


def as_xlsx(tables: Sequence[Table]) -> bytes:
    """A workbook with one sheet for each table."""
    return workbook([_sheet(table) for table in tables], title="Portfolio")


def _sheet(table: Table) -> Sheet:
    columns = [
        Column(_headed(header, kind, table.currency), _KINDS[kind], table.currency or "EUR")
        for header, kind in table.columns
    ]
    rows = [
        [_plain(value, kind, _currency(table, row)) for value, kind in zip(row, _kinds(table), strict=True)]
        for row in table.rows
    ]
    return Sheet(table.title, columns, rows)


def as_csv(table: Table) -> bytes:
    """One table in UTF-8 with a mark, as spreadsheets expect it. A text that a spreadsheet would run gets a ' before it."""
    rows = [
        [_plain(value, kind, _currency(table, row)) for value, kind in zip(row, _kinds(table), strict=True)]
        for row in table.rows
    ]
    return written([_headed(header, kind, table.currency) for header, kind in table.columns], rows)


def _kinds(table: Table) -> list[Kind]:
    return [kind for _, kind in table.columns]


def _currency(table: Table, row: Sequence[Any]) -> str:
    """Of the row where it names one, else of the table."""
    for (header, _), value in zip(table.columns, row, strict=True):
        if header == "Currency" and value:
            return str(value)
    return table.currency


def _headed(header: str, kind: Kind, currency: str) -> str:
    if kind == "percent":
        return f"{header} (%)"
    return f"{header} ({currency})" if kind == "money" and currency else header


def _plain(value: Any, kind: Kind, currency: str) -> Any:
    """The value as a cell holds it: money in the minor unit of its currency, as reports round it."""
    if value is None:
        return None
    if kind == "money":
        return round_money(value, currency) if currency else value
    if kind == "percent":
        return round(Decimal(value), 1)
    if isinstance(value, int | date) and not isinstance(value, bool):
        return value
    return _NOT_IN_XML.sub("", str(value))
