"""Deeds on people, one file for each family."""

from foundation.people.services.accounts import (
    INVITATION,
    ROLES,
    change_profile,
    deactivate,
    invite,
    invite_again,
    reactivate,
    set_roles,
)
from foundation.people.services.proving import (
    ATTEMPTS,
    PAUSE,
    WRONG_CODE,
    WRONG_PASSWORD,
    confirm_code,
    confirm_password,
    prove_signer,
)
from foundation.people.services.second_factor import (
    new_secret,
    renew_recovery_codes,
    set_up_second_factor,
    turn_off_factor_at_the_console,
    turn_off_lost_factor,
    turn_off_second_factor,
)
from foundation.people.services.tokens import TOKEN_DAYS, make_token, revoke_token

__all__ = [
    "ATTEMPTS",
    "INVITATION",
    "PAUSE",
    "ROLES",
    "TOKEN_DAYS",
    "WRONG_CODE",
    "WRONG_PASSWORD",
    "change_profile",
    "confirm_code",
    "confirm_password",
    "deactivate",
    "invite",
    "invite_again",
    "make_token",
    "new_secret",
    "prove_signer",
    "reactivate",
    "renew_recovery_codes",
    "revoke_token",
    "set_roles",
    "set_up_second_factor",
    "turn_off_factor_at_the_console",
    "turn_off_lost_factor",
    "turn_off_second_factor",
]
