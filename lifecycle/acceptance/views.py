"""Pages of the room: criteria, and the acceptance with the customer's decision."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.kept import initial_from_kept
from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.acceptance import permits, selectors, services
from lifecycle.acceptance.forms import CriterionForm, DecisionForm, JudgeForm, OfferForm, ReasonForm
from lifecycle.acceptance.models import Acceptance, Criterion
from lifecycle.projects.models import Project
from lifecycle.projects.permits import roles_of
from lifecycle.signoff.signing import CHANGED, SUPERSEDED, VALID, signature_state

MARKS = {VALID: "yes", CHANGED: "stale", SUPERSEDED: "idle"}


def _project(user: User, key: str) -> Project:
    project: Project | None = Project.objects.visible_to(user).with_methodology().filter(key=key).first()
    if project is None:
        raise Http404
    return project


def _acceptance(user: User, key: str, number: int) -> Acceptance:
    found = selectors.acceptances_visible_to(user).filter(project__key=key, number=number).first()
    if found is None:
        raise Http404
    return found


def _demand_valid(form: forms.Form) -> dict[str, Any]:
    """Cleaned values, or a refusal that names the first field at fault; what was typed is kept by the middleware."""
    if form.is_valid():
        return form.cleaned_data
    for field, errors in form.errors.items():
        label = form[field].label if field in form.fields else ""
        raise Refused(f"{label}: {errors[0]}" if label else str(errors[0]), code="invalid", status=400, field=field)
    raise Refused("The form could not be read. Load the page again.", code="invalid", status=400)


@require_http_methods(["GET", "HEAD", "POST"])
def criteria(request: HttpRequest, key: str) -> HttpResponse:
    """Criteria in force, their former versions, and a form for those who may set them."""
    user = signed_in(request)
    project = _project(user, key)
    if request.method == "POST":
        form = CriterionForm(request.POST, project=project)
        given = _demand_valid(form)
        services.set_criterion(
            actor=user,
            project=project,
            measure=given["measure"],
            threshold=given["threshold"],
            baseline=given["baseline"],
            how_measured=given["how_measured"],
            judge=given["judge"],
            kpi=given["kpi"],
            key=given["key"],
            version=given["version"],
        )
        return redirect("acceptance:criteria", key=key)
    rows = list(selectors.criteria_of(project))
    roles = roles_of(user, project)
    edited = next((row for row in rows if row.key == request.GET.get("edit")), None)
    initial = initial_from_kept(request)
    if edited is not None:
        # Kept words win over the present ones, but the version is always the one shown now.
        initial = {**_facts(edited), **initial, "key": edited.key, "version": edited.version}
    elif initial.pop("key", ""):
        initial.pop("version", None)
    return render(
        request,
        "lifecycle/acceptance/criteria.html",
        {
            "project": project,
            "criteria": rows,
            "former": list(selectors.former_criteria(project)[:200]),
            "edited": edited,
            "form": CriterionForm(project=project, initial=initial),
            "may_set": permits.may_set_criteria(user, project, roles=roles),
            "withdraw_form": ReasonForm(auto_id=False),
        },
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
    project = _project(user, key)
    reason = str(request.POST.get("reason", ""))
    services.withdraw_criterion(actor=user, project=project, key=criterion_key, reason=reason)
    return redirect("acceptance:criteria", key=key)


@require_GET
def acceptance(request: HttpRequest, key: str) -> HttpResponse:
    """The newest acceptance, with what the person may do now; former ones below."""
    user = signed_in(request)
    project = _project(user, key)
    roles = roles_of(user, project)
    rows = list(selectors.acceptances_of(project))
    for row in rows:
        row.project = project
    current = rows[0] if rows else None
    context: dict[str, Any] = {
        "project": project,
        "current": current,
        "former": rows[1:],
        "may_open": permits.may_open(user, project, roles=roles),
        "criteria_count": selectors.criteria_of(project).count() if current is None else None,
    }
    if current is not None:
        decide_path = f"{current.get_absolute_url()}{current.number}/decide/"
        judged = next((row for row in current.results.all() if str(row.pk) == request.GET.get("judge")), None)
        may_offer = permits.may_offer(user, current, roles=roles)
        may_decide = permits.may_decide(user, current, roles=roles)
        context |= {
            "results": list(current.results.all()),
            "unjudged": sum(not row.verdict for row in current.results.all()),
            "judged": judged,
            "may_judge": permits.may_judge(user, current, roles=roles),
            "may_offer": may_offer,
            "may_withdraw": permits.may_withdraw(user, current, roles=roles),
            "may_decide": may_decide,
            "is_open_to_new": current.state not in ("open", "offered"),
        }
        if judged is not None:
            kept = initial_from_kept(request, f"{current.get_absolute_url()}{current.number}/judge/{judged.pk}/")
            facts = {name: getattr(judged, name) for name in ("observed", "evidence", "verdict", "reason")}
            context["judge_form"] = JudgeForm(initial={**facts, **kept})
        if may_offer:
            kept = initial_from_kept(request, f"{current.get_absolute_url()}{current.number}/offer/")
            context["offer_form"] = OfferForm(initial=kept)
        if may_decide:
            kept = initial_from_kept(request, decide_path)
            context["decision_form"] = DecisionForm(initial={**kept, "digest": current.digest})
        if current.signature is not None:
            state = signature_state(current.signature, digest_of(current.manifest))
            context |= {"signature_state": state, "signature_mark": MARKS[state]}
    return render(request, "lifecycle/acceptance/acceptance.html", context)


@require_POST
def open_acceptance(request: HttpRequest, key: str) -> HttpResponse:
    """Begin to prepare an acceptance."""
    user = signed_in(request)
    services.open_acceptance(actor=user, project=_project(user, key))
    return redirect("acceptance:acceptance", key=key)


@require_POST
def judge(request: HttpRequest, key: str, number: int, result_id: int) -> HttpResponse:
    """Judge one criterion."""
    user = signed_in(request)
    found = _acceptance(user, key, number)
    if not found.results.filter(pk=result_id).exists():
        raise Http404
    given = _demand_valid(JudgeForm(request.POST))
    services.judge_criterion(
        actor=user,
        result_id=result_id,
        verdict=given["verdict"],
        observed=given["observed"],
        evidence=given["evidence"],
        reason=given["reason"],
    )
    return redirect("acceptance:acceptance", key=key)


@require_POST
def offer(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Ask the customer."""
    user = signed_in(request)
    found = _acceptance(user, key, number)
    given = _demand_valid(OfferForm(request.POST))
    services.offer_acceptance(
        actor=user, acceptance_id=found.pk, approved_use=given["approved_use"], limits=given["limits"]
    )
    return redirect("acceptance:acceptance", key=key)


@require_POST
def withdraw(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Take it back."""
    user = signed_in(request)
    found = _acceptance(user, key, number)
    services.withdraw_acceptance(actor=user, acceptance_id=found.pk, reason=str(request.POST.get("reason", "")))
    return redirect("acceptance:acceptance", key=key)


@require_POST
def decide(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The customer's verdict."""
    user = signed_in(request)
    found = _acceptance(user, key, number)
    form = DecisionForm(request.POST)
    given = _demand_valid(form)
    services.decide_acceptance(
        actor=user,
        acceptance_id=found.pk,
        verdict=str(request.POST.get("verdict", "")),
        password=given["password"],
        digest=given["digest"],
        comment=given["comment"],
        conditions=form.conditions(),
    )
    return redirect("acceptance:acceptance", key=key)
