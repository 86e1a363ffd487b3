"""Reads of people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.app_settings import RECOVERY_CODE_COUNT
from allauth.mfa.models import Authenticator
from django.db.models import Q, QuerySet

from foundation.people.models import ApiToken, User


def everybody(search: str = "") -> QuerySet[User]:
    """All people, those with access first; `search` looks in name and address."""
    people = User.objects.order_by("-is_active", "name", "pk")
    return people.filter(Q(name__icontains=search) | Q(email__icontains=search)) if search else people


def tokens_of(person: User) -> QuerySet[ApiToken]:
    """The person's own tokens that are not revoked, newest first."""
    return ApiToken.objects.filter(user=person, revoked_at__isnull=True)


def has_second_factor(person: User) -> bool:
    """Whether a code is asked of the person when they sign in and when they sign."""
    return bool(Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists())


@dataclass(frozen=True)
class SecondFactor:
    """A second factor as its page shows it; never its secret."""

    since: datetime
    last_used_at: datetime | None
    codes_left: int


def second_factor_of(person: User) -> SecondFactor | None:
    """The person's second factor, None where there is none."""
    rows = {row.type: row for row in Authenticator.objects.filter(user=person)}
    app, codes = rows.get(Authenticator.Type.TOTP), rows.get(Authenticator.Type.RECOVERY_CODES)
    if app is None:
        return None
    used = [row.last_used_at for row in rows.values() if row.last_used_at]
    left = RECOVERY_CODE_COUNT - int(codes.data["used_mask"]).bit_count() if codes else 0
    return SecondFactor(since=app.created_at, last_used_at=max(used, default=None), codes_left=left)
