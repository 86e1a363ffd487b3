"""Pages of the room: find, ask, render."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from explain.outcomes.selectors.portfolio import asked, projects_in
from explain.outcomes.shown import chance_text
from explain.steering import moves
from explain.steering.compute import STOP, THRESHOLDS
from explain.steering.forms import DecideForm, OpenForm, ProposeForm, StopForm, WithdrawForm
from explain.steering.models import Proposal
from explain.steering.permits import Signer, may_decide, may_propose, may_withdraw, seats_of, signers_of
from explain.steering.selectors import (
    current_outlook,
    open_lines,
    open_proposals,
    proposal_numbered,
    proposals_of,
    signature_state_of,
)
from explain.steering.services import decide_proposal, propose, withdraw_proposal
from foundation.people.models import User
from foundation.people.signing_fields import ask_for_code
from foundation.web.kept import initial_from_kept
from foundation.web.views import signed_in
from lifecycle.projects.models import Project, Role
from lifecycle.projects.permits import may as may_in_project
from lifecycle.projects.permits import roles_of
from lifecycle.signoff.signing import VALID

OPEN_PAGE = 50


@require_safe
def open_everywhere(request: HttpRequest) -> HttpResponse:
    """Open proposals of all projects that the person may see."""
    person = signed_in(request)
    found = asked(person, request.GET)
    form = OpenForm(request.GET, asked=found)
    given = form.cleaned_data if form.is_valid() else {}
    rows = open_proposals(
        person,
        projects_in(person, found.filters),
        what=given.get("what", ""),
        is_mine=given.get("mine", False),
    )
    page = Paginator(rows, OPEN_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "refused": found.refused,
        "page": page,
        "rows": open_lines(page.object_list),
        "filtered": found.filters.narrows or any(given.values()) or bool(form.errors),
        "query": found.filters.query,
    }
    status = 400 if found.refused or form.errors else 200
    return render(request, "explain/steering/open.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def proposals(request: HttpRequest, key: str) -> HttpResponse:
    """What the figures ahead suggest, the form to propose, and all proposals."""
    person, project = signed_in(request), _project(request, key)
    outlook = current_outlook(project)
    if request.method == "POST":
        form = ProposeForm(request.POST)
        may_propose(person, project).demand()
        if form.is_valid():
            made = propose(actor=person, project=project, **form.cleaned_data)
            messages.success(
                request, f"Proposal {made.number} is made. The sponsors are told, and one of them answers it."
            )
            return redirect(made)
    else:
        first = {} if outlook is None else {"report_hash": outlook.report.content_hash}
        # A form that was kept is bound to the report that is on the page now: the person reads it before sending again.
        first |= {name: text for name, text in initial_from_kept(request).items() if name != "report_hash"}
        form = ProposeForm(initial={"currency": project.currency, **first})
    rows = proposals_of(project)
    context = {
        "project": project,
        "outlook": outlook,
        "thresholds": THRESHOLDS,
        "rows": rows,
        "open": next((row for row in rows if row.is_open), None),
        "may_propose": may_propose(person, project),
        "form": form,
    }
    return render(request, "explain/steering/proposals.html", context, status=400 if form.errors else 200)


@require_safe
def proposal(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """One proposal: what it rests on, its reasons, its answer."""
    person, found = signed_in(request), _proposal(request, key, number)
    return render(request, "explain/steering/proposal.html", _context(request, person, found))


@require_POST
def decide(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Answer and sign."""
    person, found = signed_in(request), _proposal(request, key, number)
    form = DecideForm(request.POST, seats=_seats(person, signers_of(found)))
    ask_for_code(person, form)
    if not form.is_valid():
        may_decide(person, found).demand()
        return _again(request, person, found, decide_form=form)
    done = decide_proposal(actor=person, proposal_id=found.pk, **form.cleaned_data)
    messages.success(request, f"You signed: the proposal is {done.get_state_display()}.")
    return redirect(done)


@require_POST
def withdraw(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Take it back."""
    person, found = signed_in(request), _proposal(request, key, number)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        may_withdraw(person, found).demand()
        return _again(request, person, found, withdraw_form=form)
    done = withdraw_proposal(actor=person, proposal_id=found.pk, **form.cleaned_data)
    messages.success(request, "The proposal is withdrawn.")
    return redirect(done)


def _context(request: HttpRequest, person: User, found: Proposal) -> dict[str, Any]:
    roles = roles_of(person, found.project)
    signers = signers_of(found) if found.is_open else []
    where = {"key": found.project.key, "number": found.number}
    figures = dict(found.content["figures"])
    figures["npv"] = None if figures["npv"] is None else Decimal(figures["npv"])
    context: dict[str, Any] = {
        "project": found.project,
        "proposal": found,
        "figures": figures,
        "chance_shown": chance_text(figures["chance"]),
        "realised_percent": None if figures["realised"] is None else 100 * Decimal(figures["realised"]),
        "signature_state": (state := signature_state_of(found)),
        "signature_mark": "yes" if state == VALID else "no",
        "signers": signers,
        "seats": (seats := _seats(person, signers)),
        "may_decide": may_decide(person, found, signers=signers),
        "may_withdraw": may_withdraw(person, found, roles=roles),
        "may_stop": found.what == STOP
        and found.state == moves.APPROVED
        and may_in_project(person, "stop_project", found.project, roles=roles),
    }
    if context["may_decide"]:
        kept = initial_from_kept(request, reverse("steering:decide", kwargs=where))
        context["decide_form"] = DecideForm(initial={**kept, "content_hash": found.content_hash}, seats=seats)
        ask_for_code(person, context["decide_form"])
    if context["may_withdraw"]:
        kept = initial_from_kept(request, reverse("steering:withdraw", kwargs=where))
        context["withdraw_form"] = WithdrawForm(initial=kept, auto_id="withdraw_%s")
    if context["may_stop"]:
        signed = "" if found.signature is None else found.signature.printed_name
        reason = f"{found.reasons}\n\nApproved as proposal {found.number}, signed by {signed}."
        context["stop_form"] = StopForm(initial={"reason": reason}, auto_id="stop_%s")
    return context


def _seats(person: User, signers: list[Signer]) -> list[tuple[int, str]]:
    """Id of the holder and words of each seat that the person may take, their own first."""
    label = str(Role.SPONSOR.label)
    return [
        (seat.holder.pk, label if seat.cover is None else f"{label} for {seat.holder.name}")
        for seat in seats_of(person, signers)
    ]


def _again(request: HttpRequest, person: User, found: Proposal, **forms: Any) -> HttpResponse:
    return render(request, "explain/steering/proposal.html", {**_context(request, person, found), **forms}, status=400)


def _project(request: HttpRequest, key: str) -> Project:
    found: Project = get_object_or_404(Project.objects.visible_to(request.user), key=key)
    return found


def _proposal(request: HttpRequest, key: str, number: int) -> Proposal:
    found = proposal_numbered(_project(request, key), number)
    if found is None:
        raise Http404
    return found
