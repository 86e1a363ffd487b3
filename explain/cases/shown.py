"""Parts and figures of a case as pages show them. Computes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from explain.cases.content import Part
from explain.cases.content.flows import HUNDRED, Levers, Terms
from explain.cases.words import figure_text, value_text
from foundation.web.formats import MoneyScale, money_text, number_text
from lifecycle.projects.models import Deliverable


@dataclass(frozen=True)
class ShownList:
    """A list as a table: headings, and rows of (heading, text, is a figure)."""

    label: str
    headers: list[tuple[str, bool]]
    rows: list[list[tuple[str, str, bool]]]


@dataclass(frozen=True)
class ShownPart:
    """A part as it is read. `deliverable`: which it stands for, None where the methodology asks for none."""

    part: Part
    is_written: bool
    lists: list[ShownList]
    texts: list[tuple[str, str]]
    deliverable: Deliverable | None

    @property
    def slug(self) -> str:
        return self.part.name.replace("_", "-")


def part_shown(
    part: Part,
    content: Mapping[str, Any] | None,
    currency: str,
    kpis: Mapping[str, str],
    deliverable: Deliverable | None,
) -> ShownPart:
    """The part with all columns that are written in at least one row; low and high stand behind their likeliest."""
    if content is None:
        return ShownPart(part, False, [], [], deliverable)
    lists = []
    for rows in part.lists:
        written = content.get(rows.name) or []
        filled = [
            column
            for column in rows.columns
            if not column.name.endswith(("low", "high"))
            and any(row.get(column.name) not in (None, "") for row in written)
        ]
        if not written:
            continue
        figures = {column.name for column in filled if column.kind in ("amount", "number", "percent", "whole")}
        lists.append(
            ShownList(
                rows.label,
                [(_short(column.label), column.name in figures) for column in filled],
                [
                    [
                        (
                            _short(column.label),
                            value_text(column, row.get(column.name), currency=currency, kpis=kpis)
                            + _range_text(row, column.name),
                            column.name in figures,
                        )
                        for column in filled
                    ]
                    for row in written
                ],
            )
        )
    texts = [(text.label, content[text.name]) for text in part.texts if content.get(text.name)]
    return ShownPart(part, True, lists, texts, deliverable)


def stakeholder_grid(people: Sequence[Mapping[str, Any]]) -> list[tuple[int, list[tuple[int, list[int]]]]]:
    """Rows of influence from 5 down, each with interest 1 to 5 and the numbers of the people there."""
    return [
        (
            influence,
            [
                (
                    interest,
                    [
                        place
                        for place, row in enumerate(people, start=1)
                        if row["influence"] == influence and row["interest"] == interest
                    ],
                )
                for interest in range(1, 6)
            ],
        )
        for influence in range(5, 0, -1)
    ]


def break_evens(
    result: Mapping[str, Any], worth: Mapping[str, Any], terms: Terms, levers: Levers
) -> list[tuple[str, str, str]]:
    """Driver, its value now, and the value at which the case is worth nothing while all others stay."""
    found, breaks = [], result["break_even"]
    benefits = breaks["benefits"]
    share = None if benefits is None else HUNDRED * Decimal(benefits)
    found.append(
        (
            "All benefits together",
            "100 %",
            "they are worth nothing" if share is None else f"{number_text(share, 0)} %",
        )
    )
    cost = breaks["costs"]
    found.append(
        ("All costs together", "100 %", "–" if cost is None else f"{number_text(HUNDRED * Decimal(cost), 0)} %")
    )
    for row, line in zip(worth["benefits"], breaks["lines"], strict=True):
        if line["factor"] is not None and Decimal(line["factor"]) < 0:
            found.append((row["name"], "", "pays without it"))
            continue
        for name, words, share in (
            ("uplift", "uplift", levers.uplift),
            ("value", "worth of a unit", levers.value),
            ("volume", "volume", levers.volume),
        ):
            at = line[name]
            now = _driver_text(name, Decimal(row[name]) * share / HUNDRED, row["unit"], terms.currency)
            there = "not reached" if at is None else _driver_text(name, Decimal(at), row["unit"], terms.currency)
            found.append((f"{row['name']}: {words}", now, there))
    rate = terms.rate * HUNDRED if levers.rate is None else levers.rate
    at_rate = breaks["rate"]
    found.append(
        (
            "Discount rate",
            f"{number_text(rate)} % a year",
            "–"
            if at_rate is None
            else "over 1 000 %"
            if Decimal(at_rate) > 10
            else f"{number_text(HUNDRED * Decimal(at_rate), 0)} % a year",
        )
    )
    late = breaks["months_late"]
    found.append(
        (
            "Start of the benefits",
            _late_text(levers.delay),
            "not even on time" if late is None else _late_text(levers.delay + late),
        )
    )
    return found


def _driver_text(name: str, figure: Decimal, unit: str, currency: str) -> str:
    """A driver of a benefit with its unit."""
    if name == "value":
        return MoneyScale(currency, digits=2).text(figure)
    return f"{number_text(figure)} a month" if name == "volume" else f"{number_text(figure)} {unit}".rstrip()


def _late_text(months: int) -> str:
    return "as planned" if not months else f"{months} month{'' if months == 1 else 's'} late"


def delay_said(text: str, currency: str) -> str:
    """What a month of delay costs, in words: where the case is worth less than nothing, waiting saves."""
    amount = Decimal(text)
    if not amount:
        return "Nothing"
    said = money_text(abs(amount), currency, whole=True)
    return said if amount > 0 else f"It saves {said}"


def _range_text(row: Mapping[str, Any], name: str) -> str:
    low_name, high_name = {
        "amount": ("low", "high"),
        "uplift": ("uplift_low", "uplift_high"),
        "value": ("value_low", "value_high"),
    }.get(name, ("", ""))
    if not low_name or name not in row or not (row.get(low_name) or row.get(high_name)):
        return ""
    low, high = (figure_text(row.get(bound) or row[name]) for bound in (low_name, high_name))
    return f" ({low} to {high})"


def _short(label: str) -> str:
    return label.removesuffix(", likeliest")
