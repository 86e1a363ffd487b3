"""How people write dates and numbers in spreadsheets, and what such a text means.

A text that can mean two things is never guessed: `03/04/2026` is settled by another date of the same column that fits
one order only, by what the person says, or not at all. The same holds for `1.234`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from lifecycle.kpis.figures import is_reading
from lifecycle.kpis.periods import MONTH, WEEK, WORDS, aligned

AUTO = ""
POINT, COMMA = ".", ","
DAY_FIRST, MONTH_FIRST = "dmy", "mdy"


class Unclear(ValueError):  # noqa: N818 - named for what the cell is
    """A cell that cannot be taken: a sentence for the person, a stable `code`, and the `field` it stands in."""

    def __init__(self, sentence: str, *, code: str, field: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.field = field


@dataclass(frozen=True)
class Writing:
    """How a table is written: `mark` is the decimal mark, `order` that of day and month; empty where nothing says so."""

    mark: str = AUTO
    order: str = AUTO


# Numbers. A mark is right for a text when the whole text is a number under it; thousands may be grouped by the other
# mark, by spaces or by apostrophes, all alike and three digits each.
_SIGN, _EXPONENT = r"[-+\u2212]?", r"(?:[eE][-+]?\d{1,3})?"
_SPACES = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2019": "'"})


def _number_pattern(mark: str, other: str) -> re.Pattern[str]:
    grouped = rf"[1-9]\d{{0,2}}(?:(?P<group>[{re.escape(other)} '])\d{{3}})(?:(?P=group)\d{{3}})*"
    return re.compile(
        rf"{_SIGN}(?:(?:{grouped}|\d+)(?:{re.escape(mark)}\d*)?|{re.escape(mark)}\d+){_EXPONENT}", re.ASCII
    )


_NUMBERS = {POINT: _number_pattern(POINT, COMMA), COMMA: _number_pattern(COMMA, POINT)}


def number_under(text: str, mark: str) -> float | None:
    """The number that `text` is with this decimal mark; None when it is none."""
    plain = text.translate(_SPACES)
    if not _NUMBERS[mark].fullmatch(plain):
        return None
    for sign in (" ", "'", COMMA if mark == POINT else POINT):
        plain = plain.replace(sign, "")
    return float(plain.replace(mark, ".").replace("\u2212", "-"))


def mark_of(text: str) -> str:
    """The decimal mark that a number proves; AUTO when it proves none, or is no number."""
    point, comma = number_under(text, POINT), number_under(text, COMMA)
    if (point is None) == (comma is None):
        return AUTO
    return POINT if comma is None else COMMA


def parse_number(text: str, mark: str, unit: str) -> float:
    """The number in a cell, in the KPI's unit. Raises Unclear."""
    plain = text
    if text.endswith("%"):
        if unit != "%":
            raise Unclear(
                f"“{text[:40]}” is a percentage, but the KPI is counted in {_unit_words(unit)}. Write the number itself.",
                code="value_is_percentage", field="value",
            )  # fmt: skip
        plain = text[:-1].rstrip()
    point, comma = number_under(plain, POINT), number_under(plain, COMMA)
    if point is None and comma is None:
        if plain.startswith("'"):
            raise Unclear(
                f"“{text[:40]}” is a number stored as text that can be read in two ways. Write it without the apostrophe.",
                code="value_ambiguous", field="value",
            )  # fmt: skip
        raise Unclear(
            f"“{text[:40]}” is no number. Write it without a unit, such as 12.5.",
            code="value_unreadable",
            field="value",
        )
    if point is not None and comma is not None and point != comma:
        if mark == AUTO:
            raise Unclear(
                f"“{text[:40]}” can mean {point:.12g} or {comma:.12g}. Choose how numbers are written.",
                code="value_ambiguous", field="value",
            )  # fmt: skip
        found = point if mark == POINT else comma
    else:
        found = point if point is not None else comma if comma is not None else 0.0
    if not is_reading(found):
        raise Unclear(f"{text[:40]} is too large to be a reading.", code="value_too_large", field="value")
    return found


def _unit_words(unit: str) -> str:
    return "plain numbers" if unit == "1" else unit


# Dates.
_MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
)}  # fmt: skip
_NAMES = "|".join(_MONTHS)
_NAME = rf"(?P<name>(?:{_NAMES})[a-z]*)\.?"
_YEAR = r"(?P<year>\d{4}|\d{2})"
_CLOCK = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_YEAR_FIRST = re.compile(rf"(?P<year>\d{{4}})([-/.])(?P<month>\d{{1,2}})\2(?P<day>\d{{1,2}}){_CLOCK}", re.ASCII)
_DOTTED = re.compile(rf"(?P<day>\d{{1,2}})\.\s?(?P<month>\d{{1,2}})\.\s?{_YEAR}{_CLOCK}", re.ASCII)
_SLASHED = re.compile(rf"(?P<first>\d{{1,2}})([-/])(?P<second>\d{{1,2}})\2{_YEAR}{_CLOCK}", re.ASCII)
_NAMED = re.compile(rf"(?P<day>\d{{1,2}})\.?[- ]?{_NAME}[-, ]*{_YEAR}{_CLOCK}", re.ASCII | re.IGNORECASE)
_NAME_FIRST = re.compile(
    rf"{_NAME}[- ](?P<day>\d{{1,2}})(?:,| )[ ]?(?P<year>\d{{4}}){_CLOCK}", re.ASCII | re.IGNORECASE
)
_MONTH_ONLY = re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})|(?P<m>\d{1,2})[-/.](?P<y>\d{4})", re.ASCII)
_MONTH_NAMED = re.compile(rf"{_NAME}[- ']*{_YEAR}", re.ASCII | re.IGNORECASE)
_WEEK_ONLY = re.compile(r"(?P<year>\d{4})[- ]?W(?P<week>\d{1,2})|W(?P<w>\d{1,2})[-/ ]?(?P<y>\d{4})", re.ASCII | re.I)
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? ", re.ASCII | re.IGNORECASE)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)


def order_of(text: str, frequency: str) -> str:
    """The order of day and month that a date proves; AUTO when it proves none, or is no date."""
    match = _SLASHED.fullmatch(_bare(text))
    if match is None:
        return AUTO
    fits = [order for order in (DAY_FIRST, MONTH_FIRST) if _slashed(match, order) is not None]
    return fits[0] if len(fits) == 1 else AUTO


def parse_period(text: str, order: str, frequency: str) -> date:
    """The day that a cell names; for a monthly or weekly KPI also a month or an ISO week, by its first day.

    Raises Unclear.
    """
    plain = _bare(text)
    if match := _SLASHED.fullmatch(plain):
        return _settled(match, text, order, frequency)
    for pattern in (_YEAR_FIRST, _DOTTED, _NAMED, _NAME_FIRST):
        if match := pattern.fullmatch(plain):
            return _named_day(text, match.groupdict())
    if match := _WEEK_ONLY.fullmatch(plain):
        if frequency != WEEK:
            raise _other_period(text, "a week", frequency)
        year, week = int(match["year"] or match["y"]), int(match["week"] or match["w"])
        return _day(text, lambda: date.fromisocalendar(year, week, 1), "week")
    if match := _MONTH_ONLY.fullmatch(plain):
        if frequency != MONTH:
            raise _other_period(text, "a month", frequency)
        year, month = int(match["year"] or match["y"]), int(match["month"] or match["m"])
        return _day(text, lambda: date(year, month, 1), "month")
    if match := _MONTH_NAMED.fullmatch(plain):
        if frequency != MONTH:
            raise _other_period(text, "a month", frequency)
        year, month = _year(match["year"]), _month_of(match["name"])
        return _day(text, lambda: date(year, month, 1), "month")
    if _SERIAL.fullmatch(plain):
        raise Unclear(
            f"{plain} is how a spreadsheet counts days. Format the column as a date, then copy it again.",
            code="period_is_serial", field="period",
        )  # fmt: skip
    raise Unclear(
        f"“{text[:40]}” is no date that can be read. Write it as 2026-03-02 or 02.03.2026.",
        code="period_unreadable", field="period",
    )  # fmt: skip


def _named_day(text: str, parts: dict[str, str]) -> date:
    month = _month_of(parts["name"]) if "name" in parts else int(parts["month"])
    return _day(text, lambda: date(_year(parts["year"]), month, int(parts["day"])))


def _bare(text: str) -> str:
    return _WEEKDAY.sub("", " ".join(text.translate(_SPACES).split()), count=1)


def _slashed(match: re.Match[str], order: str) -> date | None:
    first, second = int(match["first"]), int(match["second"])
    day, month = (first, second) if order == DAY_FIRST else (second, first)
    try:
        return date(_year(match["year"]), month, day)
    except ValueError:
        return None


def _settled(match: re.Match[str], text: str, order: str, frequency: str) -> date:
    by_day, by_month = _slashed(match, DAY_FIRST), _slashed(match, MONTH_FIRST)
    if by_day is None and by_month is None:
        raise _no_day(text, "day")
    if by_day is not None and by_month is not None and aligned(by_day, frequency) != aligned(by_month, frequency):
        if order == AUTO:
            raise Unclear(
                f"“{text[:40]}” can mean {by_day.isoformat()} or {by_month.isoformat()}. Choose how dates are written.",
                code="period_ambiguous", field="period",
            )  # fmt: skip
        return by_day if order == DAY_FIRST else by_month
    found = by_day or by_month
    assert found is not None
    return found


def _year(text: str) -> int:
    """Two digits as spreadsheets take them: 69 is 2069, 70 is 1970."""
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)


def _month_of(name: str) -> int:
    return _MONTHS[name[:3].casefold()]


def _day(text: str, build: Callable[[], date], what: str = "day") -> date:
    try:
        return build()
    except ValueError:
        raise _no_day(text, what) from None


def _no_day(text: str, what: str) -> Unclear:
    return Unclear(f"{text[:40]} is no {what} of the calendar.", code="period_unreadable", field="period")


def _other_period(text: str, what: str, frequency: str) -> Unclear:
    return Unclear(
        f"“{text[:40]}” names {what}, but the KPI is read for each {WORDS[frequency]}. Write the day, such as 2026-03-02.",
        code="period_unreadable", field="period",
    )  # fmt: skip


def writing_of(dates: Iterable[str], numbers: Iterable[str], frequency: str, told: Writing) -> Writing:
    """How a table is written: as told, else as its own cells prove. Cells that prove both ways prove nothing."""

    def proven(found: set[str]) -> str:
        found.discard(AUTO)
        return found.pop() if len(found) == 1 else AUTO

    return Writing(
        mark=told.mark or proven({mark_of(text.removesuffix("%").rstrip()) for text in numbers}),
        order=told.order or proven({order_of(text, frequency) for text in dates}),
    )
