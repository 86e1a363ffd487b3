"""Whether a part is sound: every fault at once, each with its place and one sentence. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from explain.cases.content.parts import (
    AMOUNT,
    CHOICE,
    DAY,
    KPI,
    MONTH,
    NUMBER,
    PERCENT,
    SCALE,
    WHOLE,
    WORTH,
    Column,
    Part,
    Rows,
)

Faults = dict[str, str]  # place, such as `costs[0].amount`, to sentence
LARGEST = Decimal("1e12")
PLACES = 6  # digits after the point that are kept
LONGEST_LINE = 240  # months
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,6})?", re.ASCII)
_SPACES = re.compile(r"[\s\u00a0\u202f']")


def checked_part(part: Part, given: Any, *, kpis: Collection[str] = ()) -> tuple[dict[str, Any], Faults]:
    """The part as it is stored, and all its faults. Rows in which nothing is written are left out.

    `given`: lists of objects by name and texts by name; `kpis`: the keys that a benefit may name.
    """
    if not isinstance(given, Mapping):
        return {}, {"": "A part is an object with named lists and texts."}
    faults: Faults = {}
    known = {*(rows.name for rows in part.lists), *(text.name for text in part.texts)}
    for name in given:
        if name not in known:
            faults[str(name)[:60]] = f"“{str(name)[:60]}” is unknown here. Known are: {', '.join(sorted(known))}."
    clean: dict[str, Any] = {}
    for rows in part.lists:
        clean[rows.name] = _checked_rows(rows, given.get(rows.name), faults, kpis)
        if rows.name in part.needed and not clean[rows.name] and rows.name not in faults:
            faults[rows.name] = f"Write at least one {rows.one}."
    for text in part.texts:
        clean[text.name] = _checked(text, given.get(text.name), text.name, faults, kpis)
    if part.name == WORTH and not faults:
        _check_worth(clean, faults)
    return clean, faults


def _checked_rows(rows: Rows, given: Any, faults: Faults, kpis: Collection[str]) -> list[dict[str, Any]]:
    if given is None:
        return []
    if not isinstance(given, list):
        faults[rows.name] = "A list of rows is needed."
        return []
    if len(given) > rows.most:
        faults[rows.name] = f"At most {rows.most} rows fit here; put some together."
        return []
    found = []
    for place, row in enumerate(given):
        field = f"{rows.name}[{place}]"
        if not isinstance(row, Mapping):
            faults[field] = "A row is an object with named fields."
            continue
        if all(_is_empty(value) for value in row.values()):
            continue
        names = {column.name for column in rows.columns}
        for name in row:
            if name not in names:
                faults[f"{field}.{str(name)[:60]}"] = f"A {rows.one} has no field “{str(name)[:60]}”."
        found.append(
            {
                column.name: _checked(column, row.get(column.name), f"{field}.{column.name}", faults, kpis)
                for column in rows.columns
            }
        )
    return found


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _checked(column: Column, value: Any, field: str, faults: Faults, kpis: Collection[str]) -> Any:
    """One value as it is stored; None for an empty figure, empty text for an empty text."""
    if _is_empty(value):
        if column.required:
            faults[field] = f"{column.label}: please fill this in."
        return "" if column.kind in ("text", "long", CHOICE, KPI) else None
    if column.kind in (SCALE, WHOLE):
        return _whole(column, value, field, faults)
    if not isinstance(value, str):
        hint = (
            ' Write amounts and shares as text, such as "1250.50".' if column.kind in (AMOUNT, NUMBER, PERCENT) else ""
        )
        faults[field] = f"{column.label}: a text is needed.{hint}"
        return None
    text = value.replace("\r\n", "\n").strip()
    if column.kind in (DAY, MONTH):
        return _day(column, text, field, faults)
    if column.kind in (AMOUNT, NUMBER, PERCENT):
        return _figure(column, text, field, faults)
    if column.kind == CHOICE and text not in dict(column.choices):
        faults[field] = f"{column.label}: choose one of {', '.join(value for value, _ in column.choices)}."
    elif column.kind == KPI and text not in kpis:
        faults[field] = f"{column.label}: the project has no KPI “{text[:60]}”. Define it first, or leave this empty."
    elif len(text) > column.most:
        faults[field] = f"{column.label}: {len(text)} characters are too long; the limit is {column.most}."
    elif "\x00" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        faults[field] = f"{column.label}: it holds a sign that is no text. Paste it again as plain text."
    return text


def _whole(column: Column, value: Any, field: str, faults: Faults) -> int | None:
    least = 1 if column.kind == SCALE else 0
    plain = value.strip() if isinstance(value, str) else value
    if isinstance(plain, str) and re.fullmatch(r"[0-9]{1,4}", plain, re.ASCII):
        plain = int(plain)
    if isinstance(plain, bool) or not isinstance(plain, int) or not least <= plain <= column.most:
        faults[field] = f"{column.label}: a whole number from {least} to {column.most} is needed."
        return None
    return plain


def _day(column: Column, text: str, field: str, faults: Faults) -> str | None:
    try:
        found = date.fromisoformat(f"{text}-01" if column.kind == MONTH and len(text) == 7 else text)
    except ValueError:
        example = "2026-03" if column.kind == MONTH else "2026-03-31"
        faults[field] = f"{column.label}: {text[:30]!r} is no {column.kind}. Write it as {example}."
        return None
    if not 2000 <= found.year <= 2100:
        faults[field] = f"{column.label}: the year {found.year} cannot be right. Years from 2000 to 2100 count here."
        return None
    return found.isoformat() if column.kind == DAY else found.replace(day=1).isoformat()


def _figure(column: Column, text: str, field: str, faults: Faults) -> str | None:
    plain = _SPACES.sub("", text).replace("\u2212", "-")
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    if not _NUMBER.fullmatch(plain) or abs(Decimal(plain)) > LARGEST:
        faults[field] = (
            f"{column.label}: {text[:30]!r} is no figure that can be used. Write it as 1250.50, up to {PLACES} digits after the point."
        )
        return None
    found = Decimal(plain)
    if found < 0 and column.kind != NUMBER:
        faults[field] = f"{column.label}: write it as a figure from 0 up."
        return None
    if column.kind == PERCENT and found > 100:
        faults[field] = f"{column.label}: at most 100 % can be ours."
        return None
    return f"{found:f}"


def _check_worth(clean: Mapping[str, Any], faults: Faults) -> None:
    """Ranges run upwards, months forward."""
    for name, ranges in (
        ("costs", (("low", "amount", "high"),)),
        ("benefits", (("uplift_low", "uplift", "uplift_high"), ("value_low", "value", "value_high"))),
    ):
        for place, row in enumerate(clean[name]):
            for low, mode, high in ranges:
                least, most = row[low] or row[mode], row[high] or row[mode]
                if not Decimal(least) <= Decimal(row[mode]) <= Decimal(most):
                    faults[f"{name}[{place}].{mode}"] = (
                        f"{row['name']}: the likeliest figure ({row[mode]}) lies outside lowest and highest "
                        f"({least} to {most}). Put the three in order."
                    )
            if row["until"] and row["until"] < row["month"]:
                faults[f"{name}[{place}].until"] = (
                    f"{row['name']}: the last month lies before the first one. Exchange the two."
                )
    names = [row["name"] for row in (*clean["costs"], *clean["benefits"])]
    for name in ("costs", "benefits"):
        for place, row in enumerate(clean[name]):
            if names.count(row["name"]) > 1:
                faults[f"{name}[{place}].name"] = f"“{row['name']}” is there twice. Give each line a name of its own."
