"""Baseline, target, value per unit, go-live."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from foundation.web.views import signed_in
from lifecycle.kpis import services
from lifecycle.kpis.forms import BaselineForm, GoLiveForm, TargetForm, UnitValueForm
from lifecycle.kpis.models import Baseline
from lifecycle.kpis.permits import RECORD, may
from lifecycle.kpis.views.finding import kpi_of, taken
from lifecycle.kpis.views.page import show_kpi


@require_POST
def propose_baseline(request: HttpRequest, key: str, kpi_key: str) -> HttpResponse:
    """Propose a baseline."""
    user, kpi = signed_in(request), kpi_of(request, key, kpi_key)
    may(user, RECORD, kpi.project).demand()
    form = BaselineForm(request.POST)
    if form.is_valid() and taken(
        form,
        lambda: services.propose_baseline(
            actor=user,
            kpi=kpi,
            starts_on=form.cleaned_data["starts_on"],
            ends_on=form.cleaned_data["ends_on"],
            note=form.cleaned_data["note"],
        ),
    ):
        messages.success(request, "The baseline is proposed. The sponsor and the customer are told.")
        return redirect(kpi)
    return show_kpi(request, kpi, {"baseline": form})


def _baseline(request: HttpRequest, key: str, kpi_key: str, baseline_id: int) -> Baseline:
    return get_object_or_404(
        Baseline.objects.select_related("kpi__project"), kpi=kpi_of(request, key, kpi_key), pk=baseline_id
    )


@require_POST
def approve_baseline(request: HttpRequest, key: str, kpi_key: str, baseline_id: int) -> HttpResponse:
    """Freeze a proposed baseline."""
    baseline = _baseline(request, key, kpi_key, baseline_id)
    done = services.approve_baseline(actor=signed_in(request), baseline_id=baseline.pk)
    messages.success(request, f"The baseline is frozen with {done.count} readings.")
    return redirect(baseline.kpi)


@require_POST
def withdraw_baseline(request: HttpRequest, key: str, kpi_key: str, baseline_id: int) -> HttpResponse:
    """Take back a proposed baseline."""
    baseline = _baseline(request, key, kpi_key, baseline_id)
    services.withdraw_baseline(
        actor=signed_in(request), baseline_id=baseline.pk, reason=request.POST.get("reason", "")[:500]
    )
    messages.success(request, "The proposal is withdrawn.")
    return redirect(baseline.kpi)


@require_POST
def set_target(request: HttpRequest, key: str, kpi_key: str) -> HttpResponse:
    """Set a target."""
    user, kpi = signed_in(request), kpi_of(request, key, kpi_key)
    may(user, RECORD, kpi.project).demand()
    form = TargetForm(request.POST, kpi=kpi)
    if form.is_valid() and taken(
        form,
        lambda: services.set_target(
            actor=user,
            kpi=kpi,
            value=form.cleaned_data["value"],
            due_on=form.cleaned_data["due_on"],
            note=form.cleaned_data["note"],
        ),
    ):
        messages.success(request, "The target is set.")
        return redirect(kpi)
    return show_kpi(request, kpi, {"target": form})


@require_POST
def set_unit_value(request: HttpRequest, key: str, kpi_key: str) -> HttpResponse:
    """Say what a unit is worth."""
    user, kpi = signed_in(request), kpi_of(request, key, kpi_key)
    may(user, RECORD, kpi.project).demand()
    form = UnitValueForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        if taken(form, lambda: services.set_unit_value(actor=user, kpi=kpi, **given)):
            messages.success(request, "The value per unit is set.")
            return redirect(kpi)
    return show_kpi(request, kpi, {"unit_value": form})


@require_POST
def record_go_live(request: HttpRequest, key: str, kpi_key: str) -> HttpResponse:
    """Say when the solution begins to work."""
    user, kpi = signed_in(request), kpi_of(request, key, kpi_key)
    may(user, RECORD, kpi.project).demand()
    form = GoLiveForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        if taken(form, lambda: services.record_go_live(actor=user, project=kpi.project, **given)):
            messages.success(request, "The go-live is recorded for all KPIs of the project.")
            return redirect(kpi)
    return show_kpi(request, kpi, {"go_live": form})
