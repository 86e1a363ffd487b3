"""Sign-in of scripts: `Authorization: Bearer tg_...`."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from foundation.people.models import ApiToken, User


class TokenAuthentication(BaseAuthentication):
    """Looks up the token by its SHA-256; a revoked, expired or disabled person's token is refused at once."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        if len(parts) != 2:
            raise AuthenticationFailed("The Authorization header must read: Bearer TOKEN.")
        text = parts[1].decode("ascii", errors="replace")
        token = ApiToken.objects.select_related("user").filter(digest=ApiToken.digest_of(text)).first()
        if token is None or not token.is_usable or not token.user.is_active:
            raise AuthenticationFailed(
                "This token is unknown, expired or revoked. Make a new one on your profile page."
            )
        now = timezone.now()
        if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=5):
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
