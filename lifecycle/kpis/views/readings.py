"""Recording one reading, and a file to fill in."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from lifecycle.kpis import services
from lifecycle.kpis.forms import ReadingForm
from lifecycle.kpis.models import Kpi
from lifecycle.kpis.periods import aligned, months_later, organisation_today
from lifecycle.kpis.views.finding import kpi_of, recorder_and_kpi
from lifecycle.kpis.views.page import answered


@require_POST
def add_reading(request: HttpRequest, key: str, kpi_key: str) -> HttpResponse:
    """Record one reading."""
    user, kpi = recorder_and_kpi(request, key, kpi_key)
    form = ReadingForm(request.POST, kpi=kpi)
    deed = partial(services.record_measurement, actor=user, kpi=kpi)
    return answered(request, kpi, "reading", form, deed, said="The reading is recorded.")


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
