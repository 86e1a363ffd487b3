"""Deeds on the own tokens for scripts."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.people.models import ApiToken, User
from foundation.web.refused import Refused

TOKEN_DAYS = 365


@transaction.atomic
def make_token(*, actor: User, name: str, days: int = TOKEN_DAYS) -> tuple[ApiToken, str]:
    """A token for scripts and its text, which is shown this once. `days`: 1 to 365 until it expires."""
    if not name.strip():
        raise Refused(
            "A token needs a name, so that you know later what it is for.",
            code="name_missing",
            status=400,
            field="name",
        )
    if not 1 <= days <= TOKEN_DAYS:
        raise Refused(
            f"A token lives for 1 to {TOKEN_DAYS} days. Choose a number between.",
            code="days_out_of_range",
            status=400,
            field="days",
        )
    token, text = ApiToken.make(user=actor, name=name.strip()[:80], expires_at=timezone.now() + timedelta(days=days))
    record(
        actor=actor, verb="make_token", thing=token, kind="token", after={"name": token.name, "prefix": token.prefix}
    )
    return token, text


@transaction.atomic
def revoke_token(*, actor: User, token: ApiToken) -> ApiToken:
    """End one of the person's own tokens."""
    row = ApiToken.objects.select_for_update().get(pk=token.pk)
    if row.user_id != actor.pk:
        raise Refused("Only the owner of a token may revoke it.", code="not_permitted", status=403)
    if row.revoked_at is not None:
        raise Refused("This token is revoked already.", code="token_revoked")
    row.revoked_at = timezone.now()
    row.save(update_fields=["revoked_at"])
    record(actor=actor, verb="revoke_token", thing=row, kind="token", after={"name": row.name, "prefix": row.prefix})
    return row
