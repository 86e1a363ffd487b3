"""The page of the hand-off record."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from foundation.people.models import User
from foundation.people.signing_fields import ask_for_code
from foundation.web.kept import initial_from_kept
from foundation.web.views import signed_in
from lifecycle.acceptance import handoff_permits, permits, selectors, services
from lifecycle.acceptance.forms import HandOffForm, InviteForm, PasswordForm
from lifecycle.acceptance.models import HandOff, Invitation
from lifecycle.acceptance.views.finding import demand_valid, project_of
from lifecycle.projects.models import Project
from lifecycle.projects.permits import roles_of


@require_http_methods(["GET", "HEAD", "POST"])
def handoff(request: HttpRequest, key: str) -> HttpResponse:
    """The newest version with its signatures; POST writes the draft."""
    user = signed_in(request)
    project = project_of(user, key)
    if request.method == "POST":
        form = HandOffForm(request.POST)
        given = demand_valid(form)
        services.write_handoff(
            actor=user,
            project=project,
            receiving_party=given["receiving_party"],
            handed_on=given["handed_on"],
            items=form.items(),
            edits=given["edits"],
        )
        return redirect("acceptance:handoff", key=key)
    roles = roles_of(user, project)
    rows = list(selectors.handoffs_of(project))
    for row in rows:
        row.project = project
    current = rows[0] if rows else None
    may_write = handoff_permits.may_write_handoff(user, project, roles=roles)
    context: dict[str, Any] = {
        "project": project,
        "current": current,
        "former": rows[1:],
        "may_write": may_write,
        "editing": bool(may_write) and (current is None or current.state == "draft" or "edit" in request.GET),
    }
    if context["editing"]:
        kept = initial_from_kept(request)
        start = {} if current else {"handed_on": timezone.localdate()}
        context["form"] = HandOffForm(handoff=current, initial={**start, **kept})
    if current is not None:
        context |= _signing(request, user, project, current, roles)
    return render(request, "lifecycle/acceptance/handoff.html", context)


def _signing(
    request: HttpRequest, user: User, project: Project, current: HandOff, roles: frozenset[str]
) -> dict[str, Any]:
    may_hand_over = handoff_permits.may_hand_over(user, current, roles=roles)
    may_receive = handoff_permits.may_receive(user, current, roles=roles)
    signatures = [signature for signature in (current.author_signature, current.receiver_signature) if signature]
    states = [(signature, selectors.handoff_state(current, signature)) for signature in signatures]
    found: dict[str, Any] = {
        "signatures": [(signature, state, selectors.MARKS[state]) for signature, state in states],
        "may_hand_over": may_hand_over,
        "may_receive": may_receive,
    }
    if may_hand_over:
        found["sign_form"] = PasswordForm(auto_id="id_sign_%s")
    if may_receive:
        kept = initial_from_kept(request, f"{current.get_absolute_url()}{current.number}/receive/")
        found["sign_form"] = PasswordForm(initial={**kept, "digest": current.digest}, auto_id="id_sign_%s")
    if "sign_form" in found:
        ask_for_code(user, found["sign_form"])
    may_invite = permits.may_invite(user, project, roles=roles)
    links = list(selectors.invitations_of(project)) if may_invite or user.sees_all else []
    if may_invite or user.sees_all:
        found |= {"may_invite": may_invite, "links": [row for row in links if row.handoff_id == current.pk]}
    if may_invite and current.state == HandOff.State.HANDED:
        kept = initial_from_kept(request, f"/projects/{project.key}/acceptance/links/")
        # Who was asked for a former version is likely to be asked again.
        former = next((row for row in links if row.purpose == Invitation.Purpose.RECEIPT), None)
        names = ("name", "email", "organisation", "reason", "language")
        asked = {name: getattr(former, name) for name in names} if former is not None and not found["links"] else {}
        found["invite_form"] = InviteForm(
            initial={**asked, **kept, "purpose": Invitation.Purpose.RECEIPT, "handoff": current.pk}
        )
        found["invite_purpose"] = Invitation.Purpose.RECEIPT
    return found


@require_POST
def hand_over(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The lead signs."""
    user = signed_in(request)
    found = _found(user, key, number)
    given = demand_valid(PasswordForm(request.POST))
    services.hand_over(
        actor=user,
        handoff_id=found.pk,
        password=given["password"],
        code=request.POST.get("code", ""),
        comment=given["comment"],
    )
    return redirect("acceptance:handoff", key=key)


@require_POST
def receive(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The receiver counter-signs, or sends it back."""
    user = signed_in(request)
    found = _found(user, key, number)
    if request.POST.get("answer") == "sent_back":
        services.send_handoff_back(actor=user, handoff_id=found.pk, reason=str(request.POST.get("comment", "")))
        return redirect("acceptance:handoff", key=key)
    given = demand_valid(PasswordForm(request.POST))
    services.receive_handoff(
        actor=user,
        handoff_id=found.pk,
        password=given["password"],
        code=request.POST.get("code", ""),
        digest=given["digest"],
        comment=given["comment"],
    )
    return redirect("acceptance:handoff", key=key)


def _found(user: User, key: str, number: int) -> HandOff:
    found = selectors.handoffs_visible_to(user).filter(project__key=key, number=number).first()
    if found is None:
        raise Http404
    return found
