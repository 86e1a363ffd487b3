"""Reads of the calendar: one query gives the rules, and with them all days are counted."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from foundation.calendar.days import Own, Rules, add_working_days, working_days_between
from foundation.calendar.models import Calendar


def present() -> Rules:
    """The rules that hold now; one query."""
    # The outer join gives the row once for each own day, or once with none.
    rows = list(
        Calendar.objects.order_by().values_list(
            "weekend", "country", "subdivision", "days__day", "days__name", "days__works"
        )
    )
    if not rows:
        return Rules()
    weekend, country, subdivision = rows[0][:3]
    own = {day: Own(name, bool(works)) for *_, day, name, works in rows if day is not None}
    return Rules(frozenset(int(digit) for digit in weekend), country, subdivision, own)


def today() -> date:
    """The date in the organisation's time zone."""
    return timezone.localdate(timezone=ZoneInfo(settings.ORGANISATION_TIME_ZONE))


def due_after(start: date, n: int) -> date:
    """The n-th working day after `start`; one query."""
    return add_working_days(start, n, present())


def working_days_since(day: date, until: date | None = None) -> int:
    """Working days from `day` (which does not count) to today or `until` (which does); one query."""
    return working_days_between(day, until or today(), present())
