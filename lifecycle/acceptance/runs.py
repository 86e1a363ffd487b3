"""The work of the room's jobs: mail a signing link, mail a one-time code.

Both make their secret here and keep only a hash, so that neither the ledger nor the database ever holds it.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import timezone

from foundation.jobs.claims import Claim, work_on
from lifecycle.acceptance.models import Invitation, SignatoryCode, token_digest
from lifecycle.acceptance.services.codes import CODE_MINUTES, code_digest

TOKEN_BYTES = 32  # 256 bits


def mail_link(job_id: int) -> str:
    """Work on the job that mails a link."""
    return work_on(job_id, send_link)


def mail_code(job_id: int) -> str:
    """Work on the job that mails a code."""
    return work_on(job_id, send_code)


def send_link(claim: Claim) -> None:
    """Make the link and mail it. A second attempt makes another link; the newest one holds."""
    invitation = Invitation.objects.select_related("project", "created_by").get(pk=claim.job.args["invitation"])
    if invitation.mailed_at is not None or invitation.state in ("used", "ended"):
        return
    token = secrets.token_urlsafe(TOKEN_BYTES)
    expires_at = timezone.now() + timedelta(days=invitation.days)
    open_one = Invitation.objects.filter(pk=invitation.pk, mailed_at__isnull=True, revoked_at__isnull=True)
    if not open_one.update(token_digest=token_digest(token), expires_at=expires_at):
        return
    invitation.expires_at = expires_at
    text = render_to_string(
        "lifecycle/acceptance/mail_link.txt",
        {"invitation": invitation, "link": f"{settings.BASE_URL}/sign/{token}/"},
    )
    send_mail(
        f"[Tollgate] {invitation.project.name}: your signature is asked for",
        text,
        settings.DEFAULT_FROM_EMAIL,
        [invitation.email],
    )
    with claim.storing():
        Invitation.objects.filter(pk=invitation.pk).update(mailed_at=timezone.now())


def send_code(claim: Claim) -> None:
    """Make the code and mail it; nothing when a newer one was asked for, or when the link is closed."""
    row = SignatoryCode.objects.select_related("invitation__project").get(pk=claim.job.args["code"])
    invitation = row.invitation
    newest = invitation.codes.values_list("pk", flat=True).first()
    if invitation.state != "sent" or newest != row.pk or row.opened_at is not None:
        return
    code = f"{secrets.randbelow(1_000_000):06d}"
    row.digest, row.expires_at = code_digest(row, code), timezone.now() + timedelta(minutes=CODE_MINUTES)
    # Only these: a try that was made in between stays counted.
    row.save(update_fields=["digest", "expires_at"])
    text = render_to_string(
        "lifecycle/acceptance/mail_code.txt", {"invitation": invitation, "code": code, "minutes": CODE_MINUTES}
    )
    send_mail(
        f"[Tollgate] Your code for signing {invitation.project.name}",
        text,
        settings.DEFAULT_FROM_EMAIL,
        [invitation.email],
    )
