"""The page of a round, and what can be done on it: decide, take a signature back, withdraw."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from foundation.people.signing_fields import ask_for_code
from foundation.web.kept import initial_from_kept
from foundation.web.nouns import house_noun
from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.projects.beside import origins_of
from lifecycle.projects.models import TEAM
from lifecycle.signoff import selectors, services
from lifecycle.signoff.forms.rounds import ConditionForm, DecisionForm, TakeBackForm, WithdrawForm
from lifecycle.signoff.models import Decision, Round
from lifecycle.signoff.services.asking_again import may_remind
from lifecycle.signoff.views.feedback import feedback_section

CONDITION_ROWS = 4
_DONE = {
    Decision.Verdict.APPROVE: "Approved and signed.",
    Decision.Verdict.CONDITIONS: "Approved with conditions, and signed.",
    Decision.Verdict.CHANGES: "Sent back with your reason.",
    Decision.Verdict.REJECT: "Rejected and signed. {} should follow.",
}


@require_GET
def show_round(request: HttpRequest, round_id: int) -> HttpResponse:
    """The page on which a round is decided."""
    person = signed_in(request)
    page = selectors.page_of(round_id, person)
    if page is None:
        raise Http404
    path = f"/rounds/{round_id}/decide/"
    kept = initial_from_kept(request, path) if page.may_decide else {}
    choices = _choices(page, kept) if page.may_decide else []
    take_back_form = TakeBackForm(auto_id="id_back_%s")
    if choices or any(signed.may_withdraw for signed in page.signed):
        ask_for_code(person, take_back_form, *(choice["form"] for choice in choices))
    return render(
        request,
        "lifecycle/signoff/round.html",
        {
            "page": page,
            "review": page.review,
            "stage": page.review.stage,
            "project": page.review.project,
            "choices": choices,
            "decide_url": path,
            "withdraw_form": WithdrawForm(auto_id="id_withdraw_%s"),
            "take_back_form": take_back_form,
            "may_remind": may_remind(person, page.review),
            "origins": origins_of(person, page.review.project, page.questions),
            **feedback_section(request, page.review, members=page.members),
        },
    )


def _choices(page: selectors.RoundPage, kept: dict[str, Any]) -> list[dict[str, Any]]:
    """The answers that can be given, what each sets off, and its form."""
    back = f"goes back to {page.review.requester.name} with your reason"
    texts = (
        (Decision.Verdict.APPROVE, "Approve", _effect_of_yes(page)),
        (
            Decision.Verdict.CONDITIONS,
            "Approve with conditions",
            "as above; the approval is revoked if one is overdue",
        ),
        (Decision.Verdict.CHANGES, "Not yet: ask for changes", back),
        (Decision.Verdict.REJECT, "Reject", f"{back}; {house_noun().a} should follow"),
    )
    seats = [(seat.holder, seat.label) for seat in page.my_seats]
    team = _people(page, team_only=True)
    found = []
    for verdict, label, effect in texts:
        is_kept = kept.get("verdict") == verdict
        initial = {
            **({name: kept.get(name, "") for name in ("reason", "override", "on_behalf_of", "returned_to")}
               if is_kept else {}),
            "verdict": str(verdict),
            "digest": page.review.digest,
        }  # fmt: skip
        initial.setdefault("returned_to", page.review.requester_id)
        found.append(
            {
                "verdict": str(verdict),
                "label": label,
                "effect": effect,
                "is_open": is_kept,
                "form": DecisionForm(initial=initial, seats=seats, team=team, has_major=bool(page.majors)),
                "rows": _rows(page, kept if is_kept else {}) if verdict == Decision.Verdict.CONDITIONS else [],
            }
        )
    return found


def _effect_of_yes(page: selectors.RoundPage) -> str:
    others = [need for need in page.needs if not need.is_met]
    if sum(need.need - need.given for need in others) > 1:
        return "others are still to answer"
    if page.confirms:
        return "the approval holds again"
    return f"{page.next_stage} opens" if page.next_stage else "this is the last stage"


def _people(page: selectors.RoundPage, *, team_only: bool = False) -> list[tuple[int, str]]:
    """Present people of the project, each once, by name."""
    found = {
        member.user_id: member.user.name
        for member in page.members
        if member.user.is_active and (not team_only or member.role in TEAM)
    }
    if team_only:
        found.setdefault(page.review.requester_id, page.review.requester.name)
    return sorted(found.items(), key=lambda pair: pair[1])


def _rows(page: selectors.RoundPage, kept: Mapping[str, Any]) -> list[ConditionForm]:
    people = _people(page)
    names = ConditionForm.base_fields
    return [
        ConditionForm(
            prefix=f"c{number}",
            people=people,
            is_first=number == 1,
            initial={name: kept[f"c{number}-{name}"] for name in names if f"c{number}-{name}" in kept},
        )
        for number in range(1, CONDITION_ROWS + 1)
    ]


@require_POST
def decide(request: HttpRequest, round_id: int) -> HttpResponse:
    """Take an answer; a refusal leads back to the page with its reason, and the text typed is kept."""
    person = signed_in(request)
    get_object_or_404(Round.objects.visible_to(person), pk=round_id)
    posted = request.POST
    verdict = posted.get("verdict", "")
    decision = services.decide(
        actor=person,
        round_id=round_id,
        verdict=verdict,
        reason=posted.get("reason", ""),
        password=posted.get("password", ""),
        code=posted.get("code", ""),
        digest=posted.get("digest", ""),
        on_behalf_of=_number(posted.get("on_behalf_of", ""), "on_behalf_of"),
        override=posted.get("override", ""),
        returned_to=_number(posted.get("returned_to", ""), "returned_to"),
        conditions=_conditions(posted) if verdict == Decision.Verdict.CONDITIONS else (),
    )
    messages.success(request, _DONE[Decision.Verdict(decision.verdict)].format(house_noun().a_first))
    return redirect("signoff:round", round_id)


def _conditions(posted: Mapping[str, str]) -> list[dict[str, Any]]:
    """Rows in which anything was written; an empty row is none."""
    rows = []
    for number in range(1, CONDITION_ROWS + 1):
        given = {name: posted.get(f"c{number}-{name}", "").strip() for name in ConditionForm.base_fields}
        if any(value for name, value in given.items() if name != "severity"):
            rows.append(
                {
                    "text": given["text"],
                    "severity": given["severity"] or "minor",
                    "owner_id": _number(given["owner_id"], f"c{number}-owner_id"),
                    "verifier_id": _number(given["verifier_id"], f"c{number}-verifier_id"),
                    "due_on": _day(given["due_on"], f"c{number}-due_on"),
                }
            )
    return rows


def _number(text: str, field: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal():
        raise Refused(f"{text!r} names nobody. Choose from the list.", code="person_unknown", status=400, field=field)
    return int(text)


def _day(text: str, field: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused(
            f"{text!r} is no date. Write it as 2026-12-31.", code="date_invalid", status=400, field=field
        ) from None


@require_POST
def take_back(request: HttpRequest, round_id: int, decision_id: int) -> HttpResponse:
    """Take one's own signature back."""
    person = signed_in(request)
    get_object_or_404(Round.objects.visible_to(person), pk=round_id)
    get_object_or_404(Decision, pk=decision_id, round=round_id)
    services.withdraw_decision(
        actor=person,
        decision_id=decision_id,
        reason=request.POST.get("reason", ""),
        password=request.POST.get("password", ""),
        code=request.POST.get("code", ""),
    )
    messages.success(request, "Your signature is taken back, and that is signed.")
    return redirect("signoff:round", round_id)


@require_POST
def withdraw(request: HttpRequest, round_id: int) -> HttpResponse:
    """Take the request back."""
    person = signed_in(request)
    get_object_or_404(Round.objects.visible_to(person), pk=round_id)
    services.withdraw_round(actor=person, round_id=round_id, reason=request.POST.get("reason", "")[:2000])
    messages.success(request, "Withdrawn. The stage is in work again.")
    return redirect("signoff:round", round_id)
