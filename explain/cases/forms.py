"""Forms of the room. A part is one form of many rows; its fields follow from `explain.cases.content`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms

from explain.cases.content import Column, Part, Rows
from explain.cases.content.flows import HUNDRED, Levers
from explain.cases.models import Scenario

BLANK = 1  # empty rows behind those that are written
MORE = 3  # rows that “more rows” adds
_INPUT = {"day": "date", "month": "month", "whole": "number"}
Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Field:
    """One input as a template draws it."""

    name: str
    column: Column
    value: str
    error: str
    choices: Choices

    @property
    def type(self) -> str:
        return _INPUT.get(self.column.kind, "text")

    @property
    def is_figure(self) -> bool:
        return self.column.kind in ("amount", "number", "percent")


@dataclass(frozen=True)
class FormRow:
    """The fields of one row. `is_new`: nothing is written in it; `is_folded`: it waits behind the written ones."""

    place: int
    fields: list[Field]
    is_new: bool
    is_folded: bool


@dataclass(frozen=True)
class FormRows:
    """A list of a part with its rows; `error` speaks of the list as a whole."""

    rows: Rows
    filled: list[FormRow]
    error: str


@dataclass(frozen=True)
class PartForm:
    """A whole part as a form."""

    part: Part
    lists: list[FormRows]
    texts: list[Field]


def part_form(
    part: Part,
    given: Mapping[str, Any],
    faults: Mapping[str, str] | None = None,
    *,
    kpis: Mapping[str, str],
    more: str = "",
) -> PartForm:
    """The form with what is written (or was typed) and the sentence of each fault beside its field.

    `more`: the list that gets further empty rows.
    """
    faults = faults or {}
    lists = []
    for rows in part.lists:
        written = list(given.get(rows.name) or [])
        blank = MORE if rows.name == more else 0 if written and faults else BLANK
        shown = [*written, *([{}] * blank)][: rows.most] or [{}]
        lists.append(
            FormRows(
                rows,
                [
                    FormRow(
                        place,
                        [
                            _field(column, row, f"{rows.name}-{place}", f"{rows.name}[{place}]", faults, kpis)
                            for column in rows.columns
                        ],
                        not any(row.values()),
                        bool(written) and not any(row.values()) and not more and not faults,
                    )
                    for place, row in enumerate(shown)
                ],
                faults.get(rows.name, ""),
            )
        )
    return PartForm(part, lists, [_field(text, given, "", "", faults, kpis) for text in part.texts])


def typed(part: Part, get: Callable[[str], str]) -> dict[str, Any]:
    """What was typed, in the shape of a part: `get(name)` gives a field's text. Rows that are marked away are left out."""
    found: dict[str, Any] = {text.name: get(text.name) for text in part.texts}
    for rows in part.lists:
        count = get(f"{rows.name}-count")
        places = range(min(int(count), rows.most + MORE) if count.isdigit() and len(count) < 4 else 0)
        found[rows.name] = [
            {column.name: get(f"{rows.name}-{place}-{column.name}") for column in rows.columns}
            for place in places
            if not get(f"{rows.name}-{place}-away")
        ]
    return found


def _field(
    column: Column,
    row: Mapping[str, Any],
    prefix: str,
    place: str,
    faults: Mapping[str, str],
    kpis: Mapping[str, str],
) -> Field:
    value = row.get(column.name)
    text = "" if value is None else str(value)
    if column.kind == "month" and len(text) == 10:
        text = text[:7]
    choices: Choices = column.choices
    if column.kind == "kpi":
        choices = list(kpis.items())
        if text and text not in kpis:
            choices = [*choices, (text, f"{text} (no longer there)")]
    return Field(
        f"{prefix}-{column.name}" if prefix else column.name,
        column,
        text,
        faults.get(f"{place}.{column.name}" if place else column.name, ""),
        choices,
    )


def _percent(label: str, help_text: str = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=Decimal(0),
        max_value=Decimal(1000),
        decimal_places=2,
        help_text=help_text,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )


class LeversForm(forms.Form):
    """What if? A field that is empty leaves the figure as it is written."""

    uplift = _percent("Uplift, % of the plan")
    value = _percent("Worth of a unit, %")
    volume = _percent("Volume, %")
    cost = _percent("Costs, %")
    delay = forms.IntegerField(label="Benefits later by, months", required=False, min_value=0, max_value=120)
    rate = forms.DecimalField(
        label="Discount rate, % a year",
        required=False,
        min_value=Decimal(0),
        max_value=Decimal(100),
        decimal_places=4,
        widget=forms.NumberInput(attrs={"step": "any"}),
    )

    def levers(self) -> Levers:
        """Of a form that is valid."""
        data = self.cleaned_data

        def share(name: str) -> Decimal:
            return HUNDRED if data[name] is None else data[name]

        return Levers(
            uplift=share("uplift"),
            value=share("value"),
            volume=share("volume"),
            cost=share("cost"),
            delay=data["delay"] or 0,
            rate=data["rate"],
        )


class NameForm(forms.Form):
    """What a scenario is called."""

    name = forms.CharField(label="Name", max_length=80)
    kind = forms.ChoiceField(label="Kind", choices=Scenario.Kind.choices, initial=Scenario.Kind.OTHER)


class ScenarioForm(NameForm, LeversForm):
    """Keep the what-if under a name."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
