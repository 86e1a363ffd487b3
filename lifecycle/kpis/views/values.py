"""Baseline, target, value per unit, go-live."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from foundation.web.views import signed_in
from lifecycle.kpis import services
from lifecycle.kpis.forms import BaselineForm, GoLiveForm, TargetForm, UnitValueForm
from lifecycle.kpis.models import Baseline
from lifecycle.kpis.views.finding import kpi_of, recorder_and_kpi
from lifecycle.kpis.views.page import answered


@require_POST
def propose_baseline(request: HttpRequest, key: str, kpi_key: str) -> HttpResponse:
    """Propose a baseline."""
    user, kpi = recorder_and_kpi(request, key, kpi_key)
    form = BaselineForm(request.POST)
    deed = partial(services.propose_baseline, actor=user, kpi=kpi)
    return answered(
        request, kpi, "baseline", form, deed, said="The baseline is proposed. The sponsor and the customer are told."
    )


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
    user, kpi = recorder_and_kpi(request, key, kpi_key)
    form = TargetForm(request.POST, kpi=kpi)
    deed = partial(services.set_target, actor=user, kpi=kpi)
    return answered(request, kpi, "target", form, deed, said="The target is set.")


@require_POST
def set_unit_value(request: HttpRequest, key: str, kpi_key: str) -> HttpResponse:
    """Say what a unit is worth."""
    user, kpi = recorder_and_kpi(request, key, kpi_key)
    form = UnitValueForm(request.POST)
    deed = partial(services.set_unit_value, actor=user, kpi=kpi)
    return answered(request, kpi, "unit_value", form, deed, said="The value per unit is set.")


@require_POST
def record_go_live(request: HttpRequest, key: str, kpi_key: str) -> HttpResponse:
    """Say when the solution begins to work."""
    user, kpi = recorder_and_kpi(request, key, kpi_key)
    form = GoLiveForm(request.POST)
    deed = partial(services.record_go_live, actor=user, project=kpi.project)
    return answered(request, kpi, "go_live", form, deed, said="The go-live is recorded for all KPIs of the project.")
