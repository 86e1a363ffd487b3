"""The page of the acceptance: the newest one with what a person may do now, former ones below."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from foundation.people.models import User
from foundation.people.signing_fields import ask_for_code
from foundation.web.digest import digest_of
from foundation.web.kept import initial_from_kept
from foundation.web.views import signed_in
from lifecycle.acceptance import permits, selectors
from lifecycle.acceptance.clock import AGAIN_DAYS, ESCALATE_DAYS
from lifecycle.acceptance.evidence import shelves_of
from lifecycle.acceptance.forms import DecisionForm, InviteForm, JudgeForm, OfferForm, ProofForm, WithdrawalForm
from lifecycle.acceptance.models import Acceptance, CriterionResult, Invitation
from lifecycle.acceptance.views.finding import project_of
from lifecycle.projects.models import Project
from lifecycle.projects.permits import roles_of
from lifecycle.signoff.clock import SOON_DAYS
from lifecycle.signoff.signing import signature_state

Roles = frozenset[str]
# Working days: before the day of a condition, after it until more people are told, and between reminders from then on.
REMINDS = {"soon": SOON_DAYS, "more": ESCALATE_DAYS, "again": AGAIN_DAYS}


@require_GET
def acceptance(request: HttpRequest, key: str) -> HttpResponse:
    """The newest acceptance, with what the person may do now; former ones below."""
    user = signed_in(request)
    project = project_of(user, key)
    roles = roles_of(user, project)
    rows = list(selectors.acceptances_of(project))
    for row in rows:
        row.project = project
    current = rows[0] if rows else None
    context: dict[str, Any] = {
        "project": project,
        "current": current,
        "may_open": permits.may_open(user, project, roles=roles),
        "criteria_count": selectors.criteria_of(project).count() if current is None else None,
    }
    if current is not None:
        changed = selectors.changed_since(project, rows)
        context |= _signed(rows, current, changed)
        context |= _preparing(request, user, current, roles, changed)
        context |= _deciding(request, user, current, roles)
        context |= _conditions(request, user, current, roles)
        context |= _links(request, user, project, current, roles)
    return render(request, "lifecycle/acceptance/acceptance.html", context)


def _signed(rows: list[Acceptance], current: Acceptance, changed: frozenset[str]) -> dict[str, Any]:
    """How each signature stands."""
    newest = selectors.newest_verdict(rows)
    state = selectors.verdict_state(current, changed, newest)
    former = [(row, selectors.verdict_state(row, changed, newest)) for row in rows[1:]]
    found: dict[str, Any] = {
        "former": [(row, said, selectors.MARKS[said]) for row, said in former],
        "signature_state": state,
        "signature_mark": selectors.MARKS[state],
    }
    if current.withdrawal is not None:
        said = signature_state(current.withdrawal, digest_of(current.manifest))
        found |= {"withdrawal_state": said, "withdrawal_mark": selectors.MARKS[said]}
    return found


def _preparing(
    request: HttpRequest, user: User, current: Acceptance, roles: Roles, changed: frozenset[str]
) -> dict[str, Any]:
    results = list(current.results.all())
    judged = next((row for row in results if str(row.pk) == request.GET.get("judge")), None)
    may_judge = permits.may_judge(user, current, roles=roles)
    may_offer = permits.may_offer(user, current, roles=roles)
    found: dict[str, Any] = {
        "results": [(row, _pieces(row, changed)) for row in results],
        "unjudged": sum(not row.verdict for row in results),
        "judged": judged,
        "may_judge": may_judge,
        "may_offer": may_offer,
        "may_withdraw": permits.may_withdraw(user, current, roles=roles),
        "is_open_to_new": current.state not in ("open", "offered"),
    }
    if judged is not None and may_judge:
        kept = initial_from_kept(request, f"{current.get_absolute_url()}{current.number}/judge/{judged.pk}/")
        facts: dict[str, Any] = {name: getattr(judged, name) for name in ("observed", "evidence", "verdict", "reason")}
        facts["pieces"] = [piece["key"] for piece in judged.pieces]
        found["judge_form"] = JudgeForm(initial={**facts, **kept}, shelves=shelves_of(current))
    if may_offer:
        kept = initial_from_kept(request, f"{current.get_absolute_url()}{current.number}/offer/")
        found["offer_form"] = OfferForm(initial=kept)
    return found


def _pieces(result: CriterionResult, changed: frozenset[str]) -> list[dict[str, Any]]:
    return [{**piece, "changed": piece["key"] in changed} for piece in result.pieces]


def _deciding(request: HttpRequest, user: User, current: Acceptance, roles: Roles) -> dict[str, Any]:
    may_decide = permits.may_decide(user, current, roles=roles)
    may_withdraw = permits.may_withdraw_verdict(user, current)
    found: dict[str, Any] = {"may_decide": may_decide, "may_withdraw_verdict": may_withdraw}
    if may_decide:
        kept = initial_from_kept(request, f"{current.get_absolute_url()}{current.number}/decide/")
        found["decision_form"] = DecisionForm(initial={**kept, "digest": current.digest})
        ask_for_code(user, found["decision_form"])
    if may_withdraw:
        kept = initial_from_kept(request, f"{current.get_absolute_url()}{current.number}/withdraw-verdict/")
        found["withdrawal_form"] = WithdrawalForm(initial=kept, auto_id="id_withdrawal_%s")
        ask_for_code(user, found["withdrawal_form"])
    return found


def _conditions(request: HttpRequest, user: User, current: Acceptance, roles: Roles) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    for condition in current.conditions.all():
        condition.acceptance = current
        may_close = permits.may_close_condition(user, condition, roles=roles)
        path = f"{current.get_absolute_url()}{current.number}/conditions/{condition.number}/close/"
        kept = initial_from_kept(request, path) if may_close else {}
        rows.append(
            {
                "row": condition,
                "may_close": may_close,
                "may_verify": permits.may_verify_condition(user, condition, roles=roles),
                "form": ProofForm(initial=kept, auto_id=f"id_condition_{condition.number}_%s") if may_close else None,
            }
        )
    return {
        "conditions": rows,
        "conditions_open": sum(row["row"].state != "verified" for row in rows),
        "conditions_overdue": sum(row["row"].is_overdue for row in rows)
        if current.state == "accepted_with_conditions"
        else 0,
        "reminds": REMINDS,
    }


def _links(request: HttpRequest, user: User, project: Project, current: Acceptance, roles: Roles) -> dict[str, Any]:
    """Outside signatories, for the lead and those who read all projects."""
    may_invite = permits.may_invite(user, project, roles=roles)
    if not (may_invite or user.sees_all):
        return {}
    links = [row for row in selectors.invitations_of(project) if row.acceptance_id == current.pk]
    found: dict[str, Any] = {"links": links, "may_invite": may_invite}
    purpose = _purpose(current, links)
    if may_invite and purpose:
        initial: dict[str, Any] = initial_from_kept(request, f"{current.get_absolute_url()}links/")
        signed = next((row for row in links if row.signature_id and row.signature_id == current.signature_id), None)
        if purpose == Invitation.Purpose.WITHDRAWAL and signed is not None:
            initial = {"name": signed.name, "email": signed.email, "organisation": signed.organisation, **initial}
        found["invite_form"] = InviteForm(initial={**initial, "purpose": purpose, "acceptance": current.pk})
        found["invite_purpose"] = purpose
    return found


def _purpose(current: Acceptance, links: list[Invitation]) -> str:
    """What an outside person may be asked for now: a verdict, or to take back the one that they gave."""
    if current.state in ("open", "offered"):
        return Invitation.Purpose.VERDICT
    signed_outside = current.signature_id and any(row.signature_id == current.signature_id for row in links)
    return Invitation.Purpose.WITHDRAWAL if signed_outside and current.state != "withdrawn" else ""
