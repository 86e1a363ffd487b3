"""Links for outside signatories, as the project lead sends and ends them."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from foundation.people.models import User
from foundation.web.views import signed_in
from lifecycle.acceptance import services
from lifecycle.acceptance.forms import InviteForm
from lifecycle.acceptance.models import Invitation
from lifecycle.acceptance.views.finding import demand_valid, project_of


@require_POST
def invite(request: HttpRequest, key: str) -> HttpResponse:
    """Ask a person from outside."""
    user = signed_in(request)
    project = project_of(user, key)
    given = demand_valid(InviteForm(request.POST))
    asked = {name: given[name] for name in ("acceptance", "handoff")}
    for name, rows in (("acceptance", project.acceptances), ("handoff", project.handoffs)):
        if asked[name] is not None and not rows.filter(pk=asked[name]).exists():
            raise Http404
    made = services.invite_signatory(
        actor=user,
        name=given["name"],
        email=given["email"],
        organisation=given["organisation"],
        acceptance_id=asked["acceptance"],
        handoff_id=asked["handoff"],
        purpose=given["purpose"],
        reason=given["reason"],
        language=given["language"],
        days=given["days"],
    )
    later = made.acceptance is not None and made.acceptance.state == "open"
    messages.success(
        request,
        f"{made.name} gets the link when the acceptance is offered."
        if later
        else f"A link is on its way to {made.email}. It holds for {made.days} days and for one signature.",
    )
    return _back(made)


@require_POST
def end_link(request: HttpRequest, key: str, link_id: int) -> HttpResponse:
    """End a link."""
    user = signed_in(request)
    found = _link(user, key, link_id)
    services.end_link(actor=user, invitation_id=found.pk)
    messages.success(request, f"The link of {found.name} opens nothing any more.")
    return _back(found)


@require_POST
def new_link(request: HttpRequest, key: str, link_id: int) -> HttpResponse:
    """Send a new link in the place of one."""
    user = signed_in(request)
    found = _link(user, key, link_id)
    services.send_new_link(actor=user, invitation_id=found.pk)
    messages.success(request, f"A new link is on its way to {found.email}; the former one opens nothing any more.")
    return _back(found)


def _link(user: User, key: str, link_id: int) -> Invitation:
    found = project_of(user, key).signatory_invitations.select_related("project").filter(pk=link_id).first()
    if found is None:
        raise Http404
    return found


def _back(invitation: Invitation) -> HttpResponse:
    page = "acceptance:handoff" if invitation.handoff_id else "acceptance:acceptance"
    return redirect(page, key=invitation.project.key)
