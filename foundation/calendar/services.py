"""Deeds on the calendar. Days that were counted before stay as they were: a change holds for what is counted later."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.calendar.days import MONDAY_TO_SUNDAY
from foundation.calendar.models import THE_ONE, Calendar, OwnDay
from foundation.calendar.permits import may_change
from foundation.calendar.public import countries, subdivisions
from foundation.people.models import User
from foundation.web.formats import day_text
from foundation.web.refused import Refused

FIRST_YEAR, LAST_YEAR = 2000, 2100
NAME_LENGTH = 80
MOST_OWN_DAYS = 500


@transaction.atomic
def change_calendar(*, actor: User, weekend: Collection[int], country: str = "", subdivision: str = "") -> Calendar:
    """Set the weekend (0 is Monday), the country whose holidays hold (ISO 3166-1 alpha-2, or none) and its region."""
    calendar = _locked()
    may_change(actor).demand()
    if not set(weekend) < set(range(7)):
        raise Refused(
            "A week needs at least one working day. Take one day out of the weekend.",
            code="weekend_invalid",
            status=400,
            field="weekend",
        )
    _known(country, subdivision)
    before = _plain(calendar)
    calendar.weekend = "".join(str(number) for number in sorted(set(weekend)))
    calendar.country, calendar.subdivision = country, subdivision
    after = _plain(calendar)
    if before == after:
        return calendar
    calendar.changed_at = timezone.now()
    calendar.save()
    record(
        actor=actor,
        verb="change_calendar",
        thing=calendar,
        kind="calendar",
        before=before,
        after=after,
    )
    return calendar


@transaction.atomic
def add_own_day(*, actor: User, day: date, name: str, works: bool = False) -> OwnDay:
    """A day on which the organisation is closed, or (`works`) works although the day would be free."""
    calendar = _locked()
    may_change(actor).demand()
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Refused(
            f"{day_text(day)} is too far away. Choose a day from {FIRST_YEAR} to {LAST_YEAR}.",
            code="day_out_of_range",
            status=400,
            field="day",
        )
    said = " ".join(name.split())
    if not said or len(said) > NAME_LENGTH:
        raise Refused(
            f"A day needs a name of at most {NAME_LENGTH} characters, such as: company holiday.",
            code="name_missing" if not said else "name_too_long",
            status=400,
            field="name",
        )
    if calendar.days.count() >= MOST_OWN_DAYS:
        raise Refused(
            f"The calendar holds {MOST_OWN_DAYS} own days already. Remove some that are over.", code="too_many_days"
        )
    try:
        with transaction.atomic():
            row = OwnDay.objects.create(calendar=calendar, day=day, name=said, works=works, added_by=actor)
    except IntegrityError:
        raise Refused(
            f"{day_text(day)} is an own day already. Remove it first, then add it anew.", code="day_taken", field="day"
        ) from None
    record(
        actor=actor,
        verb="open_day" if works else "close_day",
        thing=row,
        kind="own_day",
        name=f"{day_text(day)} ({said})",
        after=_plain_day(row),
    )
    return row


@transaction.atomic
def remove_own_day(*, actor: User, day: date) -> None:
    """Take an own day out; the weekend and the public holidays hold for it again. Twice is refused as gone."""
    _locked()
    may_change(actor).demand()
    row = OwnDay.objects.filter(day=day).first()
    if row is None:
        raise Refused(
            f"{day_text(day)} is no own day, or it was removed already. Load the calendar again.",
            code="day_gone",
            status=404,
        )
    before, name, number = _plain_day(row), f"{day_text(row.day)} ({row.name})", row.pk
    row.delete()
    row.pk = number
    record(actor=actor, verb="remove_day", thing=row, kind="own_day", name=name, before=before)


def _locked() -> Calendar:
    """The one row, made at the first change; whoever changes it next waits."""
    Calendar.objects.get_or_create(pk=THE_ONE)
    return Calendar.objects.select_for_update().get(pk=THE_ONE)


def _known(country: str, subdivision: str) -> None:
    if country and country not in countries():
        raise Refused(
            f"{country!r} is no country with known holidays. Use a code of two capital letters such as DE.",
            code="country_unknown",
            status=400,
            field="country",
        )
    if subdivision and subdivision not in subdivisions(country):
        raise Refused(
            f"{countries()[country]} has no region {subdivision!r}. Choose one of its list, or none."
            if country
            else "A region belongs to a country. Choose the country first.",
            code="subdivision_unknown",
            status=400,
            field="subdivision",
        )


def _plain(calendar: Calendar) -> dict[str, Any]:
    return {
        "weekend": [MONDAY_TO_SUNDAY[number] for number in calendar.free],
        "country": calendar.country,
        "subdivision": calendar.subdivision,
    }


def _plain_day(row: OwnDay) -> dict[str, Any]:
    return {"day": row.day.isoformat(), "name": row.name, "works": row.works}
