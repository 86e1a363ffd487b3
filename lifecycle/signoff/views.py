"""Pages of sign-off: submit, decide, withdraw, go back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from foundation.people.models import User
from foundation.web.kept import initial_from_kept
from foundation.web.views import signed_in
from lifecycle.projects.models import Project
from lifecycle.signoff import selectors, services
from lifecycle.signoff.forms import DecisionForm, GoBackForm, SubmitForm, WithdrawForm
from lifecycle.signoff.models import Decision, Round
from lifecycle.signoff.services.returning import actual_cost

_DONE = {
    Decision.Verdict.APPROVE: "Approved and signed.",
    Decision.Verdict.CHANGES: "Sent back with your reason.",
    Decision.Verdict.REJECT: "Rejected and signed. A post-mortem should follow.",
}


@require_GET
def show_round(request: HttpRequest, round_id: int) -> HttpResponse:
    """The page on which a round is decided."""
    page = selectors.page_of(round_id, signed_in(request))
    if page is None:
        raise Http404
    path = f"/rounds/{round_id}/decide/"
    kept = initial_from_kept(request, path) if page.may_decide else {}
    return render(
        request,
        "lifecycle/signoff/round.html",
        {
            "page": page,
            "review": page.review,
            "stage": page.review.stage,
            "project": page.review.project,
            "choices": _choices(page, kept),
            "decide_url": path,
            "withdraw_form": WithdrawForm(auto_id="id_withdraw_%s"),
        },
    )


def _choices(page: selectors.RoundPage, kept: dict[str, Any]) -> list[dict[str, Any]]:
    """The answers that can be given, what each sets off, and its form."""
    review = page.review
    approved = f"{page.next_stage} opens" if page.next_stage else "this is the last stage"
    if page.confirms:
        approved = "the approval holds again"
    texts = (
        (Decision.Verdict.APPROVE, "Approve", approved),
        (
            Decision.Verdict.CHANGES,
            "Not yet: ask for changes",
            f"goes back to {review.requester.name} with your reason",
        ),
        (Decision.Verdict.REJECT, "Reject", "goes back with your reason; a post-mortem should follow"),
    )
    return [
        {
            "verdict": str(verdict),
            "label": label,
            "effect": effect,
            "is_open": kept.get("verdict") == verdict,
            "form": DecisionForm(
                initial={
                    "reason": kept.get("reason", "") if kept.get("verdict") == verdict else "",
                    "verdict": str(verdict),
                    "digest": review.digest,
                }
            ),
        }
        for verdict, label, effect in texts
    ]


@require_POST
def decide(request: HttpRequest, round_id: int) -> HttpResponse:
    """Take an answer; a refusal leads back to the page with its reason, and the text typed is kept."""
    person = signed_in(request)
    get_object_or_404(Round.objects.visible_to(person), pk=round_id)
    decision = services.decide(
        actor=person,
        round_id=round_id,
        verdict=request.POST.get("verdict", ""),
        reason=request.POST.get("reason", ""),
        password=request.POST.get("password", ""),
        digest=request.POST.get("digest", ""),
    )
    messages.success(request, _DONE[Decision.Verdict(decision.verdict)])
    return redirect("signoff:round", round_id)


@require_POST
def withdraw(request: HttpRequest, round_id: int) -> HttpResponse:
    """Take the request back."""
    person = signed_in(request)
    get_object_or_404(Round.objects.visible_to(person), pk=round_id)
    services.withdraw_round(actor=person, round_id=round_id, reason=request.POST.get("reason", "")[:2000])
    messages.success(request, "Withdrawn. The stage is in work again.")
    return redirect("signoff:round", round_id)


@require_http_methods(["GET", "POST"])
def submit(request: HttpRequest, key: str, stage_key: str) -> HttpResponse:
    """Put a stage to a decision."""
    person = signed_in(request)
    page = selectors.submit_page(_project(person, key), stage_key, person)
    if page is None:
        raise Http404
    if request.method == "POST":
        form = SubmitForm(request.POST)
        if form.is_valid():
            review = services.submit_round(
                actor=person,
                stage=page.stage,
                title=form.cleaned_data["title"],
                comment=form.cleaned_data["comment"],
                due_on=form.cleaned_data["due_on"],
            )
            messages.success(request, "Submitted. Those who may decide have been told.")
            return redirect("signoff:round", review.pk)
    else:
        form = SubmitForm(initial=initial_from_kept(request))
    context = {"page": page, "stage": page.stage, "project": page.stage.project, "form": form}
    return render(request, "lifecycle/signoff/submit.html", context)


@require_http_methods(["GET", "POST"])
def go_back(request: HttpRequest, key: str, stage_key: str) -> HttpResponse:
    """Take the project back to an earlier stage."""
    person = signed_in(request)
    page = selectors.go_back_page(_project(person, key), stage_key, person)
    if page is None:
        raise Http404
    names = {target.key: target.name for target in page.targets}
    choices = [(f"{loop['to']}|{loop['key']}", f"{names[loop['to']]}: {loop['trigger']}") for loop in page.loops]
    choices += [(target.key, f"{target.name}, for another reason") for target in page.targets]
    if request.method == "POST":
        form = GoBackForm(request.POST, choices=choices)
        if form.is_valid():
            to, _, loop = form.cleaned_data["to"].partition("|")
            event = services.go_back(
                actor=person, stage=page.stage, to_key=to, reason=form.cleaned_data["reason"], loop_key=loop
            )
            messages.success(request, f"{event.to_stage.name} is open again, as iteration {event.to_stage.iteration}.")
            return redirect(event.to_stage.get_absolute_url())
    else:
        form = GoBackForm(choices=choices, initial=initial_from_kept(request))
    context = {
        "page": page,
        "stage": page.stage,
        "project": page.stage.project,
        "form": form,
        "cost": actual_cost(page.stage.project, until=timezone.localdate()),
    }
    return render(request, "lifecycle/signoff/go_back.html", context)


def _project(person: User, key: str) -> Project:
    project: Project = get_object_or_404(Project.objects.visible_to(person).select_related("methodology"), key=key)
    return project
