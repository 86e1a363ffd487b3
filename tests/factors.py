"""An authenticator app for tests, written from RFC 6238 and not from the portal's code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time
from dataclasses import dataclass, field

from allauth.mfa.models import Authenticator

from foundation.people import services
from foundation.people.models import User
from tests.conftest import PASSWORD


def code_at(secret: str, step: int) -> str:
    """The six digits of one step of half a minute."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


@dataclass
class App:
    """What a person has at hand: the secret in the app, and recovery codes on paper."""

    secret: str
    recovery: list[str] = field(default_factory=list)
    last: int = 0

    def code(self) -> str:
        """A code that was not given before and counts for half a minute at least; there are two of them at a time."""
        self.last = max(int(time.time()) // 30, self.last + 1)
        return code_at(self.secret, self.last)


def set_up(person: User, password: str = PASSWORD) -> App:
    """A second factor for the person, by the same deed as on the page, and as if that had been a while ago."""
    app = App(services.new_secret())
    code = code_at(app.secret, int(time.time()) // 30)
    app.recovery = services.set_up_second_factor(actor=person, password=password, secret=app.secret, code=code)
    row = Authenticator.objects.get(user=person, type=Authenticator.Type.TOTP)
    row.data["step"] -= 10
    row.save()
    return app
