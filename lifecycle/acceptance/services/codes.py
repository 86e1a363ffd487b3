"""The one-time code that confirms an outside person's address, and the short session that it opens."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from foundation.audit.services import record
from foundation.jobs.services import request_job
from foundation.web.refused import Refused
from lifecycle.acceptance.models import Invitation, SignatoryCode
from lifecycle.acceptance.services.inviting import hold_invitation
from lifecycle.acceptance.services.links import SEND_CODE

CODE_MINUTES = 10
CODES_AN_HOUR = 3
TRIES = 5
SESSION = timedelta(minutes=60)


def code_digest(row: SignatoryCode, text: str) -> str:
    """A keyed hash: six digits alone would be found by trying a million."""
    return salted_hmac("lifecycle.acceptance.code", f"{row.pk}:{text}", algorithm="sha256").hexdigest()


def demand_open(invitation: Invitation) -> None:
    """Refuse a link that is used, ended or expired (`link_closed`)."""
    if invitation.state != "sent":
        raise Refused(
            "This link opens nothing any more. Ask who sent it to you for a new one.", code="link_closed", status=410
        )


@transaction.atomic
def request_code(*, invitation_id: int) -> SignatoryCode:
    """Mail a code to the invited address, at most three in an hour. Raises Refused: link_closed, codes_too_many."""
    invitation = hold_invitation(invitation_id)
    demand_open(invitation)
    now = timezone.now()
    recent = list(
        invitation.codes.filter(asked_at__gt=now - timedelta(hours=1))
        .order_by("asked_at")
        .values_list("asked_at", flat=True)
    )
    if len(recent) >= CODES_AN_HOUR:
        raise Refused(
            f"{CODES_AN_HOUR} codes were sent within the last hour. Use the newest, or ask again in "
            f"{_minutes_until(recent[-CODES_AN_HOUR] + timedelta(hours=1), now)} minutes.",
            code="codes_too_many",
            status=429,
        )
    row = SignatoryCode.objects.create(invitation=invitation, asked_at=now)
    request_job(
        kind=SEND_CODE,
        args={"code": row.pk},
        actor=None,
        dedup_key=f"signing_code:{row.pk}",
        project_id=invitation.project_id,
    )
    _note("request_signing_code", invitation, {"codes_in_the_hour": len(recent) + 1})
    return row


def open_signing(*, invitation_id: int, code: str) -> SignatoryCode:
    """Confirm the address by the newest code, once. The row that comes back carries a session of 60 minutes.

    Raises Refused: link_closed, code_missing, code_expired, code_used, code_spent, code_wrong. A wrong try stays
    counted: the refusal is raised when its transaction is over.
    """
    row, refusal = _try_code(invitation_id, "".join(code.split()))
    if refusal is not None or row is None:
        raise refusal or Refused("Ask for a code first.", code="code_missing")
    return row


@transaction.atomic
def _try_code(invitation_id: int, text: str) -> tuple[SignatoryCode | None, Refused | None]:
    invitation = hold_invitation(invitation_id)
    demand_open(invitation)
    row = SignatoryCode.objects.select_for_update().filter(invitation=invitation).first()
    if row is None or not row.digest or row.expires_at is None:
        return None, _no("No code was sent yet. Ask for one, and look into your mail.", "code_missing", 409)
    if row.opened_at is not None:
        return None, _no("This code was used already. Ask for a new one.", "code_used", 409)
    if row.tries >= TRIES:
        return None, _no(f"The code was wrong {TRIES} times. Ask for a new one.", "code_spent", 403)
    if row.expires_at <= timezone.now():
        return None, _no(f"The code held for {CODE_MINUTES} minutes. Ask for a new one.", "code_expired", 403)
    row.tries += 1
    if not constant_time_compare(code_digest(row, text), row.digest):
        row.save(update_fields=["tries"])
        left = TRIES - row.tries
        _note("fail_signing_code", invitation, {"tries": row.tries})
        advice = f"{left} more tr{'y' if left == 1 else 'ies'}." if left else "Ask for a new one."
        return None, _no(f"This is not the code that was mailed. {advice}", "code_wrong", 403)
    row.opened_at = timezone.now()
    row.save(update_fields=["tries", "opened_at"])
    _note("confirm_signing_code", invitation, {"tries": row.tries})
    return row, None


def session_of(invitation: Invitation, code_id: int) -> SignatoryCode | None:
    """The confirmed code, if it belongs to this link, is its newest confirmed one and opened within the hour."""
    newest = invitation.codes.filter(opened_at__isnull=False).first()
    if newest is None or newest.pk != code_id or newest.opened_at is None:
        return None
    return newest if newest.opened_at + SESSION > timezone.now() else None


def demand_session(invitation: Invitation, code_id: int) -> None:
    """Refuse a signature without a session (`session_over`)."""
    if session_of(invitation, code_id) is None:
        raise Refused(
            "Your time for signing is over. What you wrote is kept: ask for a new code and go on.",
            code="session_over",
            status=403,
        )


def _no(message: str, code: str, status: int) -> Refused:
    return Refused(message, code=code, status=status, field="code")


def _minutes_until(then: datetime, now: datetime) -> int:
    return max(1, -int(-(then - now).total_seconds() // 60))


def _note(verb: str, invitation: Invitation, after: dict[str, int]) -> None:
    record(
        actor=None,
        actor_name=str(invitation),
        verb=verb,
        thing=invitation,
        kind="signatory_invitation",
        project_id=invitation.project_id,
        after=after,
    )
