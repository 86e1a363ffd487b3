"""Links for outside signatories as other deeds of the room need them: have one mailed, end all that are open."""

from __future__ import annotations

from django.utils import timezone

from foundation.jobs.services import request_job
from foundation.people.models import User
from lifecycle.acceptance.models import Acceptance, HandOff, Invitation

SEND_LINK = "signing_link_mail"
SEND_CODE = "signing_code_mail"


def mail_link(actor: User, invitation: Invitation) -> None:
    """A job that makes the link and mails it; the ledger holds the row's id and never the link."""
    request_job(
        kind=SEND_LINK,
        args={"invitation": invitation.pk},
        actor=actor,
        dedup_key=f"signing_link:{invitation.pk}",
        project_id=invitation.project_id,
    )


def end_links(thing: Acceptance | HandOff, *, by: User | None, but: Invitation | None = None) -> int:
    """End every open link for this thing: it was decided, or taken back. Returns how many."""
    links = thing.invitations.filter(used_at__isnull=True, revoked_at__isnull=True)
    if but is not None:
        links = links.exclude(pk=but.pk)
    return links.update(revoked_at=timezone.now(), revoked_by=by)
