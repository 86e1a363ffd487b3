"""Axes: from values to points on paper, and where ticks stand."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from foundation.web.formats import number_text

_STEPS = (1, 2, 2.5, 5, 10)
_SCALES = ((1e9, "G"), (1e6, "M"), (1e3, "k"))
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
_DAY_STEPS = (1, 2, 7, 14, 28, 56)
_FEW_DAYS = 150
_BREAK = re.compile(r"<br\s*/?>")

Place = float  # a value on an axis: a number, or a date as its ordinal


def place_of(value: Any) -> Place | None:
    """A number for what stands on an axis: dates as ordinals, None for what is not known."""
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, date):
        return float(value.toordinal())
    text = str(value)
    try:
        return float(date.fromisoformat(f"{text}-01" if len(text) == 7 else text[:10]).toordinal())
    except ValueError:
        return None


@dataclass(frozen=True)
class Axis:
    """One axis: values `first` to `last` on paper from `start` to `end` (pt); `last` may lie below `first`."""

    first: Place
    last: Place
    start: float
    end: float

    def at(self, value: Place) -> float:
        """Where a value stands, in pt."""
        return self.start + (value - self.first) / (self.last - self.first) * (self.end - self.start)


@dataclass(frozen=True)
class Tick:
    """A place on an axis with its label, which may have several lines."""

    place: Place
    label: str


def reach_of(values: Sequence[Place], layout: dict[str, Any], *, air: float = 0.05) -> tuple[Place, Place]:
    """First and last value of an axis: its fixed range, or what is drawn with a little air; zero where it is drawn."""
    fixed = [place_of(end) for end in layout.get("range", ())]
    if layout.get("autorange") == "reversed" and values:
        return max(values) + 0.5, min(values) - 0.5  # places of names, the first at the top
    if len(fixed) == 2 and fixed[0] is not None and fixed[1] is not None and fixed[0] != fixed[1]:
        return fixed[0], fixed[1]
    low, high = min(values, default=0.0), max(values, default=1.0)
    if layout.get("zeroline") or layout.get("rangemode") == "tozero":
        low, high = min(low, 0.0), max(high, 0.0)
    span = (high - low) or abs(high) or 1.0
    return (low if layout.get("rangemode") == "tozero" and low >= 0 else low - air * span), high + air * span


def ticks_of(first: Place, last: Place, layout: dict[str, Any], most: int) -> list[Tick]:
    """Ticks by what the layout says: those it lists, days or months for dates, round numbers else."""
    low, high = min(first, last), max(first, last)
    if layout.get("tickmode") == "array" or "ticktext" in layout:
        pairs = zip(layout["tickvals"], layout["ticktext"], strict=True)
        return [Tick(float(value), plain(text)) for value, text in pairs]
    if layout.get("type") == "date":
        return date_ticks(low, high, most)
    return number_ticks(low, high, most, scaled=layout.get("tickformat") == "~s")


def number_ticks(low: float, high: float, most: int, *, scaled: bool = False) -> list[Tick]:
    """Round numbers, at most `most` of them; `scaled`: 1.2M for 1 200 000, all in one scale."""
    raw = (high - low) / max(1, most)
    power = 10.0 ** math.floor(math.log10(raw)) if raw > 0 else 1.0
    step = power * next(step for step in _STEPS if step * power >= raw * (1 - 1e-9))
    count = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    values = [k * step for k in count]
    largest = max((abs(value) for value in values), default=0.0)
    unit, sign = next(((unit, sign) for unit, sign in _SCALES if scaled and largest >= unit), (1.0, ""))
    digits = max(0, -math.floor(math.log10(step / unit) + 1e-9))
    digits += step / unit * 10**digits % 1 > 1e-6
    return [Tick(value, number_text(value / unit + 0.0, digits) + (sign if value else "")) for value in values]


def date_ticks(low: Place, high: Place, most: int) -> list[Tick]:
    """Days on a short axis, else firsts of months; the year stands below."""
    first, last = date.fromordinal(math.ceil(low)), date.fromordinal(math.floor(high))
    days = (last - first).days
    if days < _FEW_DAYS:
        step = next((step for step in _DAY_STEPS if days / step <= most), _DAY_STEPS[-1])
        rows = [first + timedelta(days=k) for k in range(0, days + 1, step)]
        return [Tick(float(day.toordinal()), f"{day.day} {day:%b}\n{day:%Y}") for day in rows]
    months = days / 30.44
    step = next((step for step in _MONTH_STEPS if months / step <= most), _MONTH_STEPS[-1])
    index = -(-(first.year * 12 + first.month - 1 + (first.day > 1)) // step) * step
    ticks = []
    while (day := date(index // 12, index % 12 + 1, 1)) <= last:
        ticks.append(Tick(float(day.toordinal()), f"{day:%b}\n{day:%Y}"))
        index += step
    return ticks


def plain(text: str) -> str:
    """A label of the chart library as plain lines."""
    lines = re.sub(r"</?b>", "", _BREAK.sub("\n", text))
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", " "), ("&amp;", "&")):
        lines = lines.replace(entity, sign)
    return lines
