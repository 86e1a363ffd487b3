"""What the page shows of the answers: plain objects, and figures with their intervals as texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from explain.attributions.charts.frame import Chart
from explain.attributions.dictionary import number
from explain.attributions.performance.costs import AtThreshold
from explain.attributions.performance.shapes import Estimate
from explain.attributions.performance.shown.of_groups import GroupTable


@dataclass(frozen=True)
class Asked:
    """What the address asks for; the figures stand on the page without it, too."""

    threshold: float | None = None
    false_alarm: Decimal | None = None
    miss: Decimal | None = None


@dataclass(frozen=True)
class Figure:
    """A chart under its own heading, with a sentence that says how to read it."""

    key: str
    title: str
    note: str
    label: str
    chart: Chart


@dataclass(frozen=True)
class Line:
    """A row of a small table; `key` names it for the page's script."""

    key: str
    name: str
    text: str
    interval: str = ""


@dataclass(frozen=True)
class Slider:
    """The threshold, what it brings, and what the script needs to say the same at any other."""

    asked: Asked
    now: AtThreshold
    best: AtThreshold
    top: str
    step: str
    counts: list[Line]
    total_name: str
    total: str
    best_text: str
    cost: Chart
    live: dict[str, Any]


@dataclass(frozen=True)
class Told:
    """The section of the page; with `why` there is nothing but that sentence. `again`: computed before answers were held
    against outcomes."""

    why: str = ""
    again: bool = False
    opening: list[str] = field(default_factory=list)
    further: list[str] = field(default_factory=list)
    rows: str = ""
    rows_short: str = ""
    cautions: list[str] = field(default_factory=list)
    facts: list[Line] = field(default_factory=list)
    slider: Slider | None = None
    figures: list[Figure] = field(default_factory=list)
    groups: list[GroupTable] = field(default_factory=list)
    groups_why: list[str] = field(default_factory=list)


def estimate_text(found: Estimate, extra: str = "") -> tuple[str, str]:
    """The figure, and its interval with something more to say."""
    if found["low"] is None:
        return number(found["value"]), extra
    return number(found["value"]), f"{number(found['low'])} to {number(found['high'])}" + (
        f", {extra}" if extra else ""
    )


def in_brackets(found: Estimate) -> str:
    """The figure with its interval in brackets."""
    value, interval = estimate_text(found)
    return f"{value} ({interval})" if interval else value
