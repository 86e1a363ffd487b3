"""Pages of conditions, and asking the deciders again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from foundation.people.models import User
from foundation.people.signing_fields import ask_for_code
from foundation.web.kept import initial_from_kept
from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.projects.models import Project
from lifecycle.signoff.forms.conditions import ClaimForm, DropForm, MoveForm, SendBackForm, VerifyForm
from lifecycle.signoff.models import Round
from lifecycle.signoff.selectors.conditions import ConditionPage, condition_page, conditions_of
from lifecycle.signoff.services.asking_again import remind
from lifecycle.signoff.services.condition_deeds import (
    claim_condition,
    drop_condition,
    send_back_condition,
    verify_condition,
)
from lifecycle.signoff.services.condition_terms import move_condition

# Deed, its path, what its button opens, and the button that does it.
_OFFERED = (
    ("claim", "claim", "It is done", "Say that it is done"),
    ("verify", "verify", "Verify it", "Sign: it is met"),
    ("send_back", "send-back", "Send it back", "Send it back"),
    ("move", "move", "Give it another day or other people", "Move it"),
    ("drop", "drop", "No longer ask for it", "Sign: no longer asked"),
)
_FORMS: dict[str, type[forms.Form]] = {
    "claim": ClaimForm,
    "verify": VerifyForm,
    "send_back": SendBackForm,
    "move": MoveForm,
    "drop": DropForm,
}
_DONE = {
    "claim": "Noted. Its verifier has been told.",
    "verify": "Verified and signed.",
    "send_back": "Sent back with your reason.",
    "move": "Moved. Those concerned have been told.",
    "drop": "No longer asked; signed.",
}


@require_GET
def show_condition(request: HttpRequest, condition_id: int) -> HttpResponse:
    """What must be done, by whom, until when, what happened, and what the person may do about it."""
    page = _page(request, condition_id)
    return render(
        request,
        "lifecycle/signoff/condition.html",
        {"page": page, "condition": page.condition, "project": page.condition.project, "deeds": _deeds(request, page)},
    )


def _page(request: HttpRequest, condition_id: int) -> ConditionPage:
    page = condition_page(condition_id, signed_in(request))
    if page is None:
        raise Http404
    return page


def _deeds(request: HttpRequest, page: ConditionPage) -> list[dict[str, Any]]:
    """What can be done now, each with its form; what was typed before a refusal stands in it again."""
    found: list[dict[str, Any]] = []
    for deed, path, label, button in _OFFERED:
        if not page.verdicts[deed]:
            continue
        url = f"{page.condition.get_absolute_url()}{path}/"
        kept = initial_from_kept(request, url)
        found.append(
            {
                "url": url,
                "label": label,
                "button": button,
                "is_open": bool(kept),
                "form": _form(deed, page, initial={**kept, "digest": page.digest}, auto_id=f"id_{deed}_%s"),
            }
        )
    signed = [deed["form"] for deed in found if "password" in deed["form"].fields]
    if signed:
        ask_for_code(signed_in(request), *signed)
    return found


def _form(deed: str, page: ConditionPage, **given: Any) -> forms.Form:
    if deed == "move":
        return MoveForm(owners=page.owners, verifiers=page.verifiers, **given)
    return _FORMS[deed](**given)


@require_POST
def act_on_condition(request: HttpRequest, condition_id: int, deed: str) -> HttpResponse:
    """Do one of the deeds; a refusal leads back to the page with its reason, and the text typed is kept."""
    person = signed_in(request)
    page = _page(request, condition_id)
    page.verdicts[deed].demand()
    form = _form(deed, page, data=request.POST)
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        label = form.fields[name].label if name in form.fields else ""
        raise Refused(f"{label}: {errors[0]}" if label else str(errors[0]), code="invalid", status=400, field=name)
    _do(person, condition_id, deed, form.cleaned_data, request.POST.get("code", ""))
    messages.success(request, _DONE[deed])
    return redirect("signoff:condition", condition_id)


def _do(person: User, condition_id: int, deed: str, given: dict[str, Any], code: str) -> None:
    if deed == "claim":
        claim_condition(actor=person, condition_id=condition_id, note=given["note"], evidence=given["evidence"])
    elif deed == "send_back":
        send_back_condition(actor=person, condition_id=condition_id, reason=given["reason"])
    elif deed == "verify":
        verify_condition(
            actor=person,
            condition_id=condition_id,
            password=given["password"],
            code=code,
            digest=given["digest"],
            note=given["note"],
        )
    elif deed == "drop":
        drop_condition(
            actor=person,
            condition_id=condition_id,
            password=given["password"],
            code=code,
            digest=given["digest"],
            reason=given["reason"],
        )
    else:
        move_condition(
            actor=person,
            condition_id=condition_id,
            reason=given["reason"],
            due_on=given["due_on"],
            owner_id=given["owner_id"],
            verifier_id=given["verifier_id"],
        )


@require_GET
def project_conditions(request: HttpRequest, key: str) -> HttpResponse:
    """All conditions of a project's approvals."""
    person = signed_in(request)
    project = get_object_or_404(Project.objects.visible_to(person), key=key)
    still_open, closed = conditions_of(project, person)
    return render(
        request,
        "lifecycle/signoff/conditions.html",
        {"project": project, "still_open": still_open, "closed": closed},
    )


@require_POST
def remind_deciders(request: HttpRequest, round_id: int) -> HttpResponse:
    """Ask those again whose answer is still needed."""
    person = signed_in(request)
    get_object_or_404(Round.objects.visible_to(person).only("pk"), pk=round_id)
    people = remind(actor=person, round_id=round_id)
    messages.success(request, f"Asked again: {', '.join(each.name for each in people)}.")
    return redirect("signoff:round", round_id)
