"""Codes of an authenticator app (RFC 6238), as the library counts them. No database, no HTTP."""

from __future__ import annotations

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

# Where the row of the app keeps the last step whose code was taken. The library keeps used codes in the cache, which
# forgets; a number that only grows does not, and it stands in the row that is locked anyway.
STEP = "step"


def step_of(secret: str, code: str) -> int | None:
    """The step of time, of those that count now, whose code this is; None if it is none of them."""
    for step in yield_hotp_counters_from_time():
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step))):
            return int(step)
    return None
