"""Recording readings: one, or a file of them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.kpis import services
from lifecycle.kpis.charts import unit_words
from lifecycle.kpis.csv_files import Fault, Reading, read_csv
from lifecycle.kpis.forms import CsvForm, ReadingForm
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


@require_POST
def upload_csv(request: HttpRequest, key: str, kpi_key: str) -> HttpResponse:
    """Read a file or pasted rows. All rows good: recorded. Else a report, with the choice to record the good ones."""
    user, kpi = signed_in(request), kpi_of(request, key, kpi_key)
    may(user, RECORD, kpi.project).demand()
    form = CsvForm(request.POST, request.FILES)
    if not form.is_valid():
        return show_kpi(request, kpi, {"csv": form})
    file = form.cleaned_data["file"] or form.cleaned_data["text"]
    try:
        if not form.cleaned_data["partial"]:
            good, faults = read_csv(file, kpi)
            if faults:
                return _report(request, kpi, file, good, faults)
            if not isinstance(file, str):
                file.seek(0)
        done = services.import_csv(actor=user, kpi=kpi, file=file, partial=form.cleaned_data["partial"])
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.message)
        return show_kpi(request, kpi, {"csv": form})
    left_out = f" {len(done.faults)} were left out." if done.faults else ""
    messages.success(
        request,
        f"{done.recorded} readings recorded: {done.added} new, {done.revised} corrected, {done.unchanged} as before.{left_out}",
    )
    return redirect(kpi)


def _report(request: HttpRequest, kpi: Kpi, file: Any, good: list[Reading], faults: list[Fault]) -> HttpResponse:
    if not isinstance(file, str):
        file.seek(0)
        file = file.read().decode("utf-8-sig")
    context = {
        "project": kpi.project,
        "kpi": kpi,
        "unit": unit_words(kpi.unit),
        "good": good,
        "faults": faults,
        "text": file,
        "count": len(good) + len(faults),
    }
    return render(request, "lifecycle/kpis/csv_report.html", context, status=400)


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
