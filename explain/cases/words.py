"""A part of a business case as Markdown: the text of the deliverable that it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from explain.cases.content.parts import AMOUNT, CHOICE, DAY, KPI, MONTH, NUMBER, PERCENT, SCALE, WORTH, Column, Part
from explain.cases.figures import Headline
from foundation.web.formats import day_text, money_text, number_text

_BREAKS = str.maketrans({"|": "\\|", "\n": " "})


def value_text(column: Column, value: Any, *, currency: str = "", kpis: Mapping[str, str] | None = None) -> str:
    """One stored value as people read it; a dash for an empty one."""
    if value in (None, ""):
        return "–"
    if column.kind in (CHOICE, SCALE):
        return dict(column.choices).get(str(value), str(value))
    if column.kind == DAY:
        return day_text(date.fromisoformat(value))
    if column.kind == MONTH:
        return f"{date.fromisoformat(value):%B %Y}"
    if column.kind == KPI:
        return (kpis or {}).get(value, value)
    if column.kind == PERCENT:
        return f"{figure_text(value)} %"
    if column.kind == AMOUNT and currency and is_money(column):
        return money_text(Decimal(value), currency)
    if column.kind in (AMOUNT, NUMBER):
        return figure_text(value)
    return str(value)


def figure_text(text: str) -> str:
    """A planned figure with the digits it was given, and groups: 12 500, 2.6."""
    figure = Decimal(text).normalize()
    return number_text(figure, max(0, -int(figure.as_tuple().exponent)))


def is_money(column: Column) -> bool:
    """Whether an amount is money: all but the volume are."""
    return column.kind == AMOUNT and column.name != "volume"


def markdown_of(
    part: Part,
    content: Mapping[str, Any],
    *,
    number: int,
    content_hash: str,
    currency: str,
    headline: Headline | None,
    kpis: Mapping[str, str],
) -> str:
    """The whole part. The last line names the version and the fingerprint it was made from."""
    lines = [f"# {part.label}", ""]
    for text in part.texts:
        if content.get(text.name):
            lines += [f"## {text.label}", "", content[text.name], ""]
    if part.name == WORTH and headline is not None:
        lines += ["## What it comes to", "", *(f"- {label}: {said}" for label, said in headline.lines), ""]
    for rows in part.lists:
        if not content.get(rows.name):
            continue
        filled = [
            column
            for column in rows.columns
            if any(row.get(column.name) not in (None, "") for row in content[rows.name])
        ]
        lines += [f"## {rows.label}", ""]
        lines += ["| " + " | ".join(column.label for column in filled) + " |", "|" + "---|" * len(filled)]
        for row in content[rows.name]:
            cells = (value_text(column, row.get(column.name), currency=currency, kpis=kpis) for column in filled)
            lines.append("| " + " | ".join(cell.translate(_BREAKS) for cell in cells) + " |")
        lines.append("")
    lines.append(f"Business case, version {number}, fingerprint {content_hash[:16]}.")
    return "\n".join(lines)
