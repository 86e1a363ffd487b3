"""Series to compare with, excluded periods, retirement."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.kpis import services
from lifecycle.kpis.forms import ControlForm, ExclusionForm, JoinedForm, RetirementForm
from lifecycle.kpis.models import Exclusion, KpiControl
from lifecycle.kpis.views.finding import kpi_of, recorder_and_kpi, taken
from lifecycle.kpis.views.page import answered, show_kpi


@require_POST
def add_control(request: HttpRequest, key: str, kpi_key: str) -> HttpResponse:
    """Name a series to compare with."""
    user, kpi = recorder_and_kpi(request, key, kpi_key)
    form = ControlForm(request.POST, kpi=kpi)
    if form.is_valid():
        given = form.cleaned_data
        if taken(form, lambda: services.add_control(actor=user, kpi=kpi, **given)):
            messages.success(request, f"{given['control'].name} is compared with from the next report on.")
            return redirect(kpi)
    return show_kpi(request, kpi, {"control": form})


@require_POST
def end_control(request: HttpRequest, key: str, kpi_key: str, control_id: int) -> HttpResponse:
    """Compare no more, or say from when on a unit that waited has the solution."""
    user, kpi = signed_in(request), kpi_of(request, key, kpi_key)
    row = get_object_or_404(KpiControl.objects.select_related("control"), kpi=kpi, pk=control_id)
    form = JoinedForm(request.POST)
    if not form.is_valid():
        raise Refused(
            "This is no day. Write it as 2026-03-02, or leave it empty.",
            code="joined_invalid",
            status=400,
            field="joined_on",
        )
    joined = form.cleaned_data["joined_on"]
    services.end_control(actor=user, control_id=row.pk, joined_on=joined)
    said = "is compared with up to that day" if joined else "is compared with no more"
    messages.success(request, f"{row.control.name} {said}. Earlier reports stay as they are.")
    return redirect(kpi)


@require_POST
def propose_exclusion(request: HttpRequest, key: str, kpi_key: str) -> HttpResponse:
    """Propose to leave out periods."""
    user, kpi = recorder_and_kpi(request, key, kpi_key)
    form = ExclusionForm(request.POST)
    deed = partial(services.propose_exclusion, actor=user, kpi=kpi)
    return answered(
        request,
        kpi,
        "exclusion",
        form,
        deed,
        said="It is proposed. The sponsor and the customer are told; until then all periods count.",
    )


def _exclusion(request: HttpRequest, key: str, kpi_key: str, exclusion_id: int) -> Exclusion:
    return get_object_or_404(
        Exclusion.objects.select_related("kpi__project"), kpi=kpi_of(request, key, kpi_key), pk=exclusion_id
    )


@require_POST
def approve_exclusion(request: HttpRequest, key: str, kpi_key: str, exclusion_id: int) -> HttpResponse:
    """Leave the periods out."""
    row = _exclusion(request, key, kpi_key, exclusion_id)
    services.approve_exclusion(actor=signed_in(request), exclusion_id=row.pk)
    messages.success(request, "The periods are left out from the next report on. It shows both figures.")
    return redirect(row.kpi)


@require_POST
def end_exclusion(request: HttpRequest, key: str, kpi_key: str, exclusion_id: int) -> HttpResponse:
    """Withdraw a proposal, or let the periods count again."""
    row = _exclusion(request, key, kpi_key, exclusion_id)
    services.end_exclusion(actor=signed_in(request), exclusion_id=row.pk, reason=request.POST.get("reason", "")[:500])
    messages.success(request, "The periods count. Earlier reports stay as they are.")
    return redirect(row.kpi)


@require_POST
def record_retirement(request: HttpRequest, key: str, kpi_key: str) -> HttpResponse:
    """Say when the solution was taken away."""
    user, kpi = recorder_and_kpi(request, key, kpi_key)
    form = RetirementForm(request.POST)
    deed = partial(services.record_retirement, actor=user, project=kpi.project)
    return answered(
        request, kpi, "retirement", form, deed, said="The retirement is recorded for all KPIs of the project."
    )
