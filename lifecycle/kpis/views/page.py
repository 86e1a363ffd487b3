"""The page of one KPI."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from foundation.web.kept import initial_from_kept
from foundation.web.views import signed_in
from lifecycle.kpis import selectors
from lifecycle.kpis.beside import sections_for
from lifecycle.kpis.charts import run_chart, unit_words
from lifecycle.kpis.forms import (
    BaselineForm,
    ControlForm,
    ExclusionForm,
    GoLiveForm,
    JoinedForm,
    ReadingForm,
    RetirementForm,
    TargetForm,
    UnitValueForm,
)
from lifecycle.kpis.models import Kpi
from lifecycle.kpis.views.finding import kpi_of, taken

Forms = dict[str, forms.Form]


@require_GET
def kpi_page(request: HttpRequest, key: str, kpi_key: str) -> HttpResponse:
    """Run chart, figures, baseline, target, value per unit, readings."""
    return show_kpi(request, kpi_of(request, key, kpi_key), {})


def show_kpi(request: HttpRequest, kpi: Kpi, bound: Forms) -> HttpResponse:
    """The page; forms in `bound` are shown with their errors."""
    asked = request.GET.get("page", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else None
    page = selectors.kpi_page(kpi, signed_in(request), page_number=number)
    base = kpi.get_absolute_url()
    given: Forms = {}
    if page.may_record:
        given = {
            "reading": ReadingForm(kpi=kpi, initial=initial_from_kept(request, f"{base}readings/")),
            "baseline": BaselineForm(initial=_window(page) | initial_from_kept(request, f"{base}baselines/")),
            "target": TargetForm(kpi=kpi, initial=initial_from_kept(request, f"{base}targets/")),
            "unit_value": UnitValueForm(
                initial={"currency": kpi.project.currency, "valid_from": page.today}
                | initial_from_kept(request, f"{base}unit-values/")
            ),
            "go_live": GoLiveForm(initial=initial_from_kept(request, f"{base}go-live/")),
            "control": ControlForm(kpi=kpi, initial=initial_from_kept(request, f"{base}controls/")),
            "exclusion": ExclusionForm(initial=initial_from_kept(request, f"{base}exclusions/")),
            "retirement": RetirementForm(initial=initial_from_kept(request, f"{base}retirement/")),
        }
    for name, form in given.items():
        form.auto_id = f"id_{name}_%s"
    for name, form in bound.items():
        form.auto_id = f"id_{name}_%s"
    return render(
        request,
        "lifecycle/kpis/kpi.html",
        {
            "project": kpi.project,
            "kpi": kpi,
            "page": page,
            "row": page.row,
            "unit": unit_words(kpi.unit),
            "chart": run_chart(
                kpi,
                page.series,
                baseline=page.frozen,
                target=page.target,
                go_live=page.go_live,
                count=page.series_count,
            ),
            "forms": given | bound,
            "joined": JoinedForm(auto_id=False),
            "open": next(iter(bound), ""),
            "beside": sections_for(kpi),
        },
        status=400 if bound else 200,
    )


def _window(page: selectors.KpiPage) -> dict[str, Any]:
    """A first proposal of a window: all readings before go-live, or all so far."""
    live = page.go_live.on if page.go_live else None
    ends = [point.period for point in page.series] + [sums.last_on for sums in page.months.values()]
    last = max((day for day in ends if live is None or day < live), default=None)
    if last is None:
        return {}
    begins = [sums.first_on for sums in page.months.values()] or [point.period for point in page.series]
    return {"starts_on": min(begins), "ends_on": last}


def answered(
    request: HttpRequest, kpi: Kpi, name: str, form: forms.Form, deed: Callable[..., Any], *, said: str
) -> HttpResponse:
    """Do the deed with what the form holds and say so; else the page again, with the form's errors."""
    if form.is_valid() and taken(form, lambda: deed(**form.cleaned_data)):
        messages.success(request, said)
        return redirect(kpi)
    return show_kpi(request, kpi, {name: form})
