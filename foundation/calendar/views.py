"""The calendar as a page: everybody reads it, administrators change it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from foundation.calendar import selectors, services
from foundation.calendar.days import MONDAY_TO_SUNDAY, Rules, special_days
from foundation.calendar.forms import CalendarForm, OwnDayForm
from foundation.calendar.permits import may_change
from foundation.calendar.public import countries, subdivisions
from foundation.web.formats import day_text
from foundation.web.kept import initial_from_kept
from foundation.web.views import signed_in


@require_http_methods(["GET", "POST"])
def calendar(request: HttpRequest) -> HttpResponse:
    """The rules, this year's days and the next one's."""
    person, rules = signed_in(request), selectors.present()
    if request.method != "POST":
        kept = initial_from_kept(request)
        kept.pop("shown_country", None)
        own_form = OwnDayForm(initial=initial_from_kept(request, "/calendar/days/"))
        return _page(request, rules, _form(rules, kept), own_form)
    may_change(person).demand()
    form = CalendarForm(request.POST, country=rules.country)
    if not form.is_valid():
        return _page(request, rules, form, OwnDayForm(), 400)
    changed = services.change_calendar(actor=person, **form.deed())
    messages.success(request, "Saved. It holds for what is counted from now on; days that were set before stay.")
    if changed.country != rules.country and subdivisions(changed.country):
        named = countries()[changed.country]
        messages.info(request, f"Some regions of {named} have holidays of their own: choose yours, if it is one.")
    return redirect("calendar:calendar")


@require_POST
def add_day(request: HttpRequest) -> HttpResponse:
    """Add a day of the organisation's own."""
    person = signed_in(request)
    may_change(person).demand()
    form = OwnDayForm(request.POST)
    if not form.is_valid():
        rules = selectors.present()
        return _page(request, rules, _form(rules), form, 400)
    row = services.add_own_day(actor=person, **form.cleaned_data)
    messages.success(request, f"{day_text(row.day)} is {'a working day' if row.works else 'closed'} from now on.")
    return redirect("calendar:calendar")


@require_POST
def remove_day(request: HttpRequest, day: date) -> HttpResponse:
    """Take an own day out."""
    services.remove_own_day(actor=signed_in(request), day=day)
    messages.success(request, f"{day_text(day)} is removed: weekend and public holidays hold for it again.")
    return redirect("calendar:calendar")


def _form(rules: Rules, kept: dict[str, Any] | None = None) -> CalendarForm:
    weekend = [str(number) for number in sorted(rules.weekend)]
    held = {"weekend": weekend, "country": rules.country, "subdivision": rules.subdivision}
    return CalendarForm(country=rules.country, initial=held | (kept or {}))


def _page(
    request: HttpRequest, rules: Rules, form: CalendarForm, own_form: OwnDayForm, status: int = 200
) -> HttpResponse:
    today = selectors.today()
    context = {
        "may_change": bool(may_change(signed_in(request))),
        "form": form,
        "own_form": own_form,
        "today": today,
        "free": [MONDAY_TO_SUNDAY[number].capitalize() for number in sorted(rules.weekend)],
        "country": countries().get(rules.country, ""),
        "region": subdivisions(rules.country).get(rules.subdivision, ""),
        "years": [(year, special_days(year, rules)) for year in (today.year, today.year + 1)],
    }
    return render(request, "foundation/calendar/calendar.html", context, status=status)
