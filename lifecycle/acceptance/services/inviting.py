"""Inviting a person from outside to sign once: a link by mail, which the project lead may end and send anew."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Lower
from django.utils import timezone

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.acceptance import moves
from lifecycle.acceptance.models import Acceptance, HandOff, Invitation
from lifecycle.acceptance.permits import may_invite
from lifecycle.acceptance.services.holding import hold, hold_handoff
from lifecycle.acceptance.services.links import mail_link
from lifecycle.projects.models import Member, Project
from lifecycle.projects.services import lock_project
from lifecycle.projects.services.texts import sound_text

DAYS = 14
MOST_DAYS = 60
MOST_LINKS = 5  # open at a time for one thing

Purpose = Invitation.Purpose


@transaction.atomic
def invite_signatory(
    *,
    actor: User,
    name: str,
    email: str,
    organisation: str,
    acceptance_id: int | None = None,
    handoff_id: int | None = None,
    purpose: str = Purpose.VERDICT,
    reason: str = "",
    language: str = "English",
    days: int = DAYS,
) -> Invitation:
    """Ask one outside person for one signature: on an acceptance (verdict, or its withdrawal) or a hand-off (receipt).

    `days`: how long the link holds, 1 to 60. While an acceptance is being prepared the invitation is kept, and mailed
    when it is offered. Raises Refused: not_permitted, wrong_state, email_invalid, signatory_in_team,
    signatory_has_account, signatory_invited, too_many_links, other_signatory, days_out_of_range, empty, text_too_long.
    """
    if purpose == Purpose.RECEIPT:
        thing: Acceptance | HandOff = hold_handoff(handoff_id)
    else:
        thing = hold(acceptance_id)
    may_invite(actor, thing.project).demand()
    if purpose not in Purpose.values:
        raise Refused("Ask for a verdict, a withdrawal or a receipt.", code="purpose_unknown", status=400)
    address = _checked_address(email)
    invitation = Invitation(
        project=thing.project,
        purpose=purpose,
        acceptance=thing if isinstance(thing, Acceptance) else None,
        handoff=thing if isinstance(thing, HandOff) else None,
        name=" ".join(_short(name, 120, "name", "The name").split()),
        email=address,
        organisation=_short(organisation, 120, "organisation", "The organisation"),
        reason=_short(reason, 300, "reason", "The reason", may_be_empty=True),
        language=_short(language, 40, "language", "The language"),
        days=days,
        created_by=actor,
    )
    if not 1 <= days <= MOST_DAYS:
        raise Refused(
            f"A link holds for 1 to {MOST_DAYS} days. Choose a number between.",
            code="days_out_of_range",
            status=400,
            field="days",
        )
    demand_outside(thing.project, address)
    _demand_askable(invitation, thing)
    invitation.save(force_insert=True)
    if not isinstance(thing, Acceptance) or thing.state != moves.OPEN:
        mail_link(actor, invitation)
    _note(actor, "invite_signatory", invitation)
    return invitation


@transaction.atomic
def end_link(*, actor: User, invitation_id: int) -> Invitation:
    """End a link that was not used; it opens nothing from now on. Raises Refused: not_permitted, link_used, link_ended."""
    invitation = hold_invitation(invitation_id)
    may_invite(actor, invitation.project).demand()
    if invitation.state == "used":
        raise Refused("It was signed through this link already, and the signature stays.", code="link_used")
    if invitation.state == "ended":
        raise Refused("This link is ended already.", code="link_ended")
    invitation.revoked_at, invitation.revoked_by = timezone.now(), actor
    invitation.save(update_fields=["revoked_at", "revoked_by"])
    _note(actor, "end_signing_link", invitation)
    return invitation


@transaction.atomic
def send_new_link(*, actor: User, invitation_id: int) -> Invitation:
    """End the link if it is open, and ask the same person by a new one."""
    former = hold_invitation(invitation_id)
    may_invite(actor, former.project).demand()
    if former.state == "used":
        raise Refused("It was signed through this link already. Nothing more is asked.", code="link_used")
    if former.state != "ended":
        end_link(actor=actor, invitation_id=former.pk)
    return invite_signatory(
        actor=actor,
        name=former.name,
        email=former.email,
        organisation=former.organisation,
        acceptance_id=former.acceptance_id,
        handoff_id=former.handoff_id,
        purpose=former.purpose,
        reason=former.reason,
        language=former.language,
        days=former.days,
    )


def hold_invitation(invitation_id: int) -> Invitation:
    """An invitation under its lock, after its project's."""
    project_id = Invitation.objects.filter(pk=invitation_id).values_list("project", flat=True).first()
    if project_id is None:
        raise Refused("There is no such link. Load the page again.", code="link_gone")
    project = lock_project(project_id)
    invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation_id)
    invitation.project = project
    return invitation


def demand_outside(project: Project, address: str) -> None:
    """Nobody of the project, and nobody with an account, signs as an outside person.

    Asked when they are invited and again when they sign: people join in between.
    """
    wanted = plain_address(address)
    # Few share a domain: the plain form is compared here, since databases do not know it.
    domain = wanted.partition("@")[2]
    same = [
        person
        for person in User.objects.annotate(lower=Lower("email")).filter(lower__endswith=f"@{domain}")
        if plain_address(person.email) == wanted
    ]
    if not same:
        return
    if Member.objects.filter(project=project, user__in=same).exists():
        raise Refused(
            "This is the address of somebody of the project. Nobody of the project signs for an outside customer.",
            code="signatory_in_team",
            status=400,
            field="email",
        )
    raise Refused(
        "Somebody with this address has an account here. Name them customer of the project: they sign in and sign.",
        code="signatory_has_account",
        status=400,
        field="email",
    )


def plain_address(address: str) -> str:
    """In lower case and without a tag behind `+`: both forms reach the same person."""
    local, _, domain = address.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _demand_askable(invitation: Invitation, thing: Acceptance | HandOff) -> None:
    wanted: tuple[str, ...]
    if isinstance(thing, HandOff):
        wanted = (HandOff.State.HANDED,)
    elif invitation.purpose == Purpose.WITHDRAWAL:
        wanted = (moves.ACCEPTED, moves.CONDITIONS, moves.REJECTED)
        given = Invitation.objects.filter(acceptance=thing, signature=thing.signature_id or 0).first()
        if given is None or plain_address(given.email) != plain_address(invitation.email):
            raise Refused(
                "Only who signed the verdict takes it back, under the address of that time.",
                code="other_signatory",
                field="email",
            )
    else:
        wanted = (moves.OPEN, moves.OFFERED)
    if thing.state not in wanted:
        raise Refused(f"It is {thing.get_state_display()}, so there is nothing to sign now.", code="wrong_state")
    links = thing.invitations.filter(used_at__isnull=True, revoked_at__isnull=True).exclude(
        expires_at__lte=timezone.now()
    )
    if any(plain_address(link.email) == plain_address(invitation.email) for link in links):
        raise Refused(
            f"{invitation.name} has an open link already. End it, or send a new one in its place.",
            code="signatory_invited",
        )
    if len(links) >= MOST_LINKS:
        raise Refused(f"{MOST_LINKS} links are open already. End one first.", code="too_many_links")


def _checked_address(email: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise Refused(
            f"{email[:80]!r} is no e-mail address. Check it for typing errors.",
            code="email_invalid",
            status=400,
            field="email",
        ) from None
    return address


def _short(text: str, limit: int, field: str, what: str, *, may_be_empty: bool = False) -> str:
    words = sound_text(text, limit=limit, field=field, what=what, may_be_empty=may_be_empty)
    return " ".join(words.split())


def _note(actor: User, verb: str, invitation: Invitation) -> None:
    record(
        actor=actor,
        verb=verb,
        thing=invitation,
        kind="signatory_invitation",
        project_id=invitation.project_id,
        after={
            "purpose": invitation.purpose,
            "acceptance": invitation.acceptance_id,
            "handoff": invitation.handoff_id,
            "name": invitation.name,
            "email": invitation.email,
            "organisation": invitation.organisation,
            "days": invitation.days,
        },
        reason=invitation.reason,
    )
