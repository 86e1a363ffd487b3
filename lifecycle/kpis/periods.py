"""Periods of a KPI: days, ISO weeks that begin on Monday, calendar months. Dates only, never instants."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

DAY, WEEK, MONTH = "day", "week", "month"
WORDS = {DAY: "day", WEEK: "week", MONTH: "month"}


def organisation_today() -> date:
    """The date in the organisation's time zone."""
    return timezone.localdate(timezone=ZoneInfo(settings.ORGANISATION_TIME_ZONE))


def end_of_day(day: date) -> datetime:
    """The last instant of a day in the organisation's time zone."""
    following = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(settings.ORGANISATION_TIME_ZONE))
    return following - timedelta(microseconds=1)


def organisation_day(instant: datetime) -> date:
    """The day of an instant in the organisation's time zone."""
    return timezone.localdate(instant, timezone=ZoneInfo(settings.ORGANISATION_TIME_ZONE))


def aligned(day: date, frequency: str) -> date:
    """First day of the period that holds `day`: itself, its Monday (ISO 8601), or the first of its month."""
    if frequency == MONTH:
        return day.replace(day=1)
    if frequency == WEEK:
        return day - timedelta(days=day.weekday())
    return day


def following(period: date, frequency: str) -> date:
    """First day of the next period; `period` must be aligned."""
    if frequency == MONTH:
        return date(period.year + period.month // 12, period.month % 12 + 1, 1)
    return period + timedelta(days=7 if frequency == WEEK else 1)


def months_later(month: date, count: int) -> date:
    """The first of the month `count` months after `month` (before it when negative)."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def period_text(period: date, frequency: str) -> str:
    """How a period is named: 2026-03-04, week of 2026-03-02, 2026-03."""
    if frequency == MONTH:
        return f"{period:%Y-%m}"
    return f"week of {period.isoformat()}" if frequency == WEEK else period.isoformat()
