"""Recording one reading, and a file to fill in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from foundation.web.views import signed_in
from lifecycle.kpis import services
from lifecycle.kpis.forms import ReadingForm
from lifecycle.kpis.models import Kpi
from lifecycle.kpis.periods import aligned, months_later, organisation_today
from lifecycle.kpis.permits import RECORD, may
from lifecycle.kpis.views.finding import kpi_of, taken
from lifecycle.kpis.views.page import show_kpi


@require_POST
def add_reading(request: HttpRequest, key: str, kpi_key: str) -> HttpResponse:
    """Record one reading."""
    user, kpi = signed_in(request), kpi_of(request, key, kpi_key)
    may(user, RECORD, kpi.project).demand()
    form = ReadingForm(request.POST, kpi=kpi)
    if form.is_valid() and taken(
        form, lambda: services.record_measurement(actor=user, kpi=kpi, **_renamed(form.cleaned_data))
    ):
        messages.success(request, "The reading is recorded.")
        return redirect(kpi)
    return show_kpi(request, kpi, {"reading": form})


def _renamed(cleaned: dict[str, Any]) -> dict[str, Any]:
    return {"day": cleaned["day"], "value": cleaned["value"], "note": cleaned["note"]}


@require_GET
def sample_csv(request: HttpRequest, key: str, kpi_key: str) -> HttpResponse:
    """A file to fill in: the last six periods of this KPI, values left to the person."""
    kpi = kpi_of(request, key, kpi_key)
    day = aligned(organisation_today(), kpi.frequency)
    periods = []
    for _ in range(6):
        periods.append(day)
        day = (
            months_later(day, -1)
            if kpi.frequency == Kpi.Frequency.MONTH
            else aligned(day.fromordinal(day.toordinal() - 1), kpi.frequency)
        )
    lines = ["date,value,note", *(f"{period.isoformat()},," for period in reversed(periods))]
    response = HttpResponse("\r\n".join(lines) + "\r\n", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{kpi.key}.csv"'
    return response
