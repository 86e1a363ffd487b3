"""Deeds on an acceptance from its page."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from foundation.people.models import User
from foundation.web.views import signed_in
from lifecycle.acceptance import services
from lifecycle.acceptance.evidence import shelves_of
from lifecycle.acceptance.forms import DecisionForm, JudgeForm, OfferForm, ProofForm, WithdrawalForm
from lifecycle.acceptance.models import AcceptanceCondition
from lifecycle.acceptance.views.finding import acceptance_of, demand_valid, project_of


@require_POST
def open_acceptance(request: HttpRequest, key: str) -> HttpResponse:
    """Begin to prepare an acceptance."""
    user = signed_in(request)
    services.open_acceptance(actor=user, project=project_of(user, key))
    return redirect("acceptance:acceptance", key=key)


@require_POST
def judge(request: HttpRequest, key: str, number: int, result_id: int) -> HttpResponse:
    """Judge one criterion."""
    user = signed_in(request)
    found = acceptance_of(user, key, number)
    if not found.results.filter(pk=result_id).exists():
        raise Http404
    found.project = project_of(user, key)
    given = demand_valid(JudgeForm(request.POST, shelves=shelves_of(found)))
    services.judge_criterion(
        actor=user,
        result_id=result_id,
        verdict=given["verdict"],
        observed=given["observed"],
        evidence=given["evidence"],
        reason=given["reason"],
        pieces=given["pieces"],
    )
    return redirect("acceptance:acceptance", key=key)


@require_POST
def offer(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Ask the customer."""
    user = signed_in(request)
    found = acceptance_of(user, key, number)
    given = demand_valid(OfferForm(request.POST))
    services.offer_acceptance(
        actor=user, acceptance_id=found.pk, approved_use=given["approved_use"], limits=given["limits"]
    )
    return redirect("acceptance:acceptance", key=key)


@require_POST
def withdraw(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Take it back."""
    user = signed_in(request)
    found = acceptance_of(user, key, number)
    services.withdraw_acceptance(actor=user, acceptance_id=found.pk, reason=str(request.POST.get("reason", "")))
    return redirect("acceptance:acceptance", key=key)


@require_POST
def decide(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The customer's verdict."""
    user = signed_in(request)
    found = acceptance_of(user, key, number)
    form = DecisionForm(request.POST)
    given = demand_valid(form)
    services.decide_acceptance(
        actor=user,
        acceptance_id=found.pk,
        verdict=str(request.POST.get("verdict", "")),
        password=given["password"],
        code=request.POST.get("code", ""),
        digest=given["digest"],
        comment=given["comment"],
        conditions=form.conditions(),
    )
    return redirect("acceptance:acceptance", key=key)


@require_POST
def withdraw_verdict(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Who signed takes the verdict back."""
    user = signed_in(request)
    found = acceptance_of(user, key, number)
    given = demand_valid(WithdrawalForm(request.POST))
    services.withdraw_verdict(
        actor=user,
        acceptance_id=found.pk,
        password=given["password"],
        code=request.POST.get("code", ""),
        reason=given["reason"],
    )
    return redirect("acceptance:acceptance", key=key)


@require_POST
def close_condition(request: HttpRequest, key: str, number: int, condition: int) -> HttpResponse:
    """Give the proof of a condition."""
    user = signed_in(request)
    row = _condition(user, key, number, condition)
    given = demand_valid(ProofForm(request.POST))
    services.close_condition(actor=user, condition_id=row.pk, proof=given["proof"], link=given["link"])
    return redirect(f"{row.acceptance.get_absolute_url()}#conditions")


@require_POST
def verify_condition(request: HttpRequest, key: str, number: int, condition: int) -> HttpResponse:
    """Say that a proof is enough, or send it back."""
    user = signed_in(request)
    row = _condition(user, key, number, condition)
    if request.POST.get("answer") == "enough":
        services.verify_condition(actor=user, condition_id=row.pk)
    else:
        services.send_condition_back(actor=user, condition_id=row.pk, reason=str(request.POST.get("reason", "")))
    return redirect(f"{row.acceptance.get_absolute_url()}#conditions")


def _condition(user: User, key: str, number: int, condition: int) -> AcceptanceCondition:
    found = acceptance_of(user, key, number)
    row = found.conditions.filter(number=condition).first()
    if row is None:
        raise Http404
    row.acceptance = found
    return row
