"""The page of the criteria: in force, waiting for consent, former."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from foundation.people.models import User
from foundation.web.kept import initial_from_kept
from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.acceptance import permits, selectors, services
from lifecycle.acceptance.forms import CriterionForm, ReasonForm
from lifecycle.acceptance.models import Criterion, CriterionChange
from lifecycle.acceptance.views.finding import demand_valid, project_of
from lifecycle.projects.models import Project
from lifecycle.projects.permits import roles_of


@require_http_methods(["GET", "HEAD", "POST"])
def criteria(request: HttpRequest, key: str) -> HttpResponse:
    """Criteria in force, their former versions, and a form for those who may set them."""
    user = signed_in(request)
    project = project_of(user, key)
    if request.method == "POST":
        _take(request, user, project)
        return redirect("acceptance:criteria", key=key)
    rows = list(selectors.criteria_of(project))
    roles = roles_of(user, project)
    agreed = permits.first_stage_is_approved(project)
    edited = next((row for row in rows if row.key == request.GET.get("edit")), None)
    initial = initial_from_kept(request)
    if edited is not None:
        # Kept words win over the present ones, but the version is always the one shown now.
        initial = {**_facts(edited), **initial, "key": edited.key, "version": edited.version}
    elif initial.pop("key", ""):
        initial.pop("version", None)
    changes = list(selectors.changes_of(project)[:100])
    for change in changes:
        change.project = project
    return render(
        request,
        "lifecycle/acceptance/criteria.html",
        {
            "project": project,
            "criteria": rows,
            "former": list(selectors.former_criteria(project)[:200]),
            "edited": edited,
            "agreed": agreed,
            "waiting": [
                (
                    change,
                    permits.may_answer_change(user, change, roles=roles),
                    permits.may_take_back_change(user, change),
                )
                for change in changes
                if change.state == CriterionChange.State.WAITING
            ],
            "answered": [change for change in changes if change.state != CriterionChange.State.WAITING],
            "form": CriterionForm(project=project, initial=initial, needs_consent=agreed),
            "may_set": (permits.may_propose_criteria if agreed else permits.may_set_criteria)(
                user, project, roles=roles, agreed=agreed
            ),
            "withdraw_form": ReasonForm(auto_id=False),
        },
    )


def _take(request: HttpRequest, user: User, project: Project) -> None:
    """Set the criterion, or propose it where the first stage is approved. The service asks again, under its lock."""
    agreed = permits.first_stage_is_approved(project)
    given = demand_valid(CriterionForm(request.POST, project=project, needs_consent=agreed))
    words = {name: given[name] for name in ("measure", "threshold", "baseline", "how_measured", "judge", "key")}
    if agreed:
        services.propose_change(
            actor=user,
            project=project,
            measure=words["measure"],
            threshold=words["threshold"],
            baseline=words["baseline"],
            how_measured=words["how_measured"],
            judge=words["judge"],
            kpi=given["kpi"],
            key=words["key"],
            version=given["version"],
            reason=given["reason"],
        )
        messages.success(request, "The change waits for a sponsor's consent. Until then the former words count.")
        return
    services.set_criterion(
        actor=user,
        project=project,
        measure=words["measure"],
        threshold=words["threshold"],
        baseline=words["baseline"],
        how_measured=words["how_measured"],
        judge=words["judge"],
        kpi=given["kpi"],
        key=words["key"],
        version=given["version"],
    )


def _facts(criterion: Criterion) -> dict[str, Any]:
    return {
        "measure": criterion.measure,
        "baseline": criterion.baseline,
        "threshold": criterion.threshold,
        "how_measured": criterion.how_measured,
        "judge": criterion.judge,
        "kpi": criterion.kpi.key if criterion.kpi else None,
    }


@require_POST
def withdraw_criterion(request: HttpRequest, key: str, criterion_key: str) -> HttpResponse:
    """Take a criterion out."""
    user = signed_in(request)
    project = project_of(user, key)
    reason = str(request.POST.get("reason", ""))
    if permits.first_stage_is_approved(project):
        services.propose_withdrawal(actor=user, project=project, key=criterion_key, reason=reason)
        messages.success(request, "The withdrawal waits for a sponsor's consent. Until then the criterion counts.")
    else:
        services.withdraw_criterion(actor=user, project=project, key=criterion_key, reason=reason)
    return redirect("acceptance:criteria", key=key)


@require_POST
def answer_change(request: HttpRequest, key: str, change_id: int) -> HttpResponse:
    """A sponsor consents or refuses; the author takes it back."""
    user = signed_in(request)
    project = project_of(user, key)
    if not project.criterion_changes.filter(pk=change_id).exists():
        raise Http404
    answer = request.POST.get("answer", "")
    if answer == "consent":
        services.consent_to_change(actor=user, change_id=change_id)
    elif answer == "refuse":
        services.refuse_change(actor=user, change_id=change_id, reason=str(request.POST.get("reason", "")))
    elif answer == "take_back":
        services.take_back_change(actor=user, change_id=change_id)
    else:
        raise Refused("Consent, refuse, or take it back.", code="answer_unknown", status=400, field="answer")
    return redirect("acceptance:criteria", key=key)
