"""How allauth behaves here: nobody signs up by themselves, and secrets of second factors are kept encrypted."""

from __future__ import annotations

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse

from foundation.web.refused import Refused


class Adapter(DefaultAccountAdapter):
    """Accounts come from invitations only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reauthentication_methods(self, user: AbstractBaseUser | AnonymousUser) -> list[dict[str, Any]]:
        """The password only: a deed that needs more asks for the code itself, in the same form."""
        if not user.is_authenticated:
            return []
        return [{"id": "reauthenticate", "description": "Use your password", "url": reverse("account_reauthenticate")}]


class FactorAdapter(DefaultMFAAdapter):
    """Secrets and seeds of recovery codes are encrypted by a key that is made from the portal's own secret."""

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises Refused `factor_unreadable` after the portal's secret was changed."""
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            raise Refused(
                "Your second factor was kept under a former secret of the portal and cannot be read any more. Ask an "
                "administrator to turn it off, and set it up again.",
                code="factor_unreadable",
                field="code",
            ) from None


def _box() -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"tollgate second factor").derive(
        settings.SECRET_KEY.encode()
    )
    return Fernet(base64.urlsafe_b64encode(key))
