"""Deeds on a second factor: set it up, new recovery codes, turn it off, turn it off for somebody who lost it."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import transaction
from django.urls import reverse

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.codes import STEP, step_of
from foundation.people.models import User
from foundation.people.selectors import has_second_factor
from foundation.people.services.accounts import ask_for_administrator, locked
from foundation.people.services.proving import confirm_code, confirm_password, prove_signer
from foundation.web.refused import Refused

REASON_LIMIT = 500  # characters


def new_secret() -> str:
    """What the person's app is to know: 160 random bits in base32. Nothing is kept by it."""
    return str(generate_totp_secret())


def set_up_second_factor(*, actor: User, password: str, secret: str, code: str) -> list[str]:
    """Keep a secret that the person's app knows, as `code` proves. Returns the recovery codes, which are shown once.

    Raises Refused: factor_exists, password_wrong, password_locked, code_missing, code_wrong. A code that does not fit is
    not counted: the person reads the secret on the same page.
    """
    _demand_none(actor)
    confirm_password(actor=actor, password=password)
    if not code.strip():
        raise Refused(
            "Type the code that your app shows, so that it is sure that it works.",
            code="code_missing",
            status=400,
            field="code",
        )
    step = step_of(secret, code)
    if step is None:
        raise Refused(
            "This is not the code for this secret now. Wait for the next one; if none fits, look at your device’s clock.",
            code="code_wrong",
            status=403,
            field="code",
        )
    return _set_up(actor=actor, secret=secret, step=step)


@transaction.atomic
def _set_up(*, actor: User, secret: str, step: int) -> list[str]:
    row = locked(actor)
    _demand_none(row)
    app = TOTP.activate(row, secret).instance
    app.data[STEP] = step
    app.save(update_fields=["data"])
    codes = _new_codes(row)
    _tell(row, "A second factor was set up for your account", "From now on you are asked for a code when you sign in and when you sign.")  # fmt: skip
    record(
        actor=row,
        verb="set_up_second_factor",
        thing=row,
        kind="person",
        before={"second_factor": False},
        after={"second_factor": True, "recovery_codes": len(codes)},
    )
    return codes


def renew_recovery_codes(*, actor: User, password: str, code: str) -> list[str]:
    """New recovery codes instead of the former ones, which no longer count. Returns them; they are shown once.

    Raises Refused: factor_missing, and those of `prove_signer`.
    """
    _demand_one(actor)
    prove_signer(actor=actor, password=password, code=code)
    return _renew(actor=actor)


@transaction.atomic
def _renew(*, actor: User) -> list[str]:
    row = locked(actor)
    _demand_one(row)
    codes = _new_codes(row)
    _tell(row, "New recovery codes were made for your account", "The former ones no longer count.")
    record(actor=row, verb="renew_recovery_codes", thing=row, kind="person", after={"recovery_codes": len(codes)})
    return codes


def turn_off_second_factor(*, actor: User, password: str, code: str) -> None:
    """From now on the password alone is asked. Raises Refused: factor_missing, and those of `prove_signer`."""
    _demand_one(actor)
    confirm_password(actor=actor, password=password)
    confirm_code(actor=actor, code=code)
    _turn_off(actor=actor, person=actor, reason="")


def turn_off_lost_factor(*, actor: User, person: User, reason: str, password: str, code: str = "") -> None:
    """An administrator turns off the second factor of somebody else who lost it; they sign in by their password then.

    Raises Refused: not_permitted, own_factor, reason_missing, factor_missing, and those of `prove_signer` for the
    administrator, whose own second factor is asked as for a signature.
    """
    ask_for_administrator(actor)
    if person.pk == actor.pk:
        raise Refused(
            "This is your own second factor. Turn it off on your profile with a code; if you lost it, ask another "
            "administrator.",
            code="own_factor",
        )
    reason = _sound_reason(reason)
    _demand_one(person)
    prove_signer(actor=actor, password=password, code=code)
    _turn_off(actor=actor, person=person, reason=reason)


def turn_off_factor_at_the_console(*, person: User, reason: str) -> None:
    """For an installation whose only administrator lost theirs. Raises Refused: reason_missing, factor_missing.

    Who has the console has the database too; the trail and the person are told all the same.
    """
    _turn_off(actor=None, person=person, reason=_sound_reason(reason))


@transaction.atomic
def _turn_off(*, actor: User | None, person: User, reason: str) -> None:
    row = locked(person)
    if actor is not None and actor.pk != row.pk:
        ask_for_administrator(locked(actor))
    _demand_one(row)
    Authenticator.objects.filter(user=row).delete()
    name = "Somebody at the console of the portal" if actor is None else actor.name
    by = "" if actor is not None and actor.pk == row.pk else f"{name} did it: {reason}\n\n"
    _tell(
        row,
        "The second factor of your account was turned off",
        f"{by}You sign in and sign by your password alone until you set one up again. If this was not asked by you, "
        "change your password and tell an administrator.",
    )
    record(
        actor=actor,
        verb="turn_off_second_factor",
        thing=row,
        kind="person",
        before={"second_factor": True},
        after={"second_factor": False},
        reason=reason,
    )


def _new_codes(person: User) -> list[str]:
    Authenticator.objects.filter(user=person, type=Authenticator.Type.RECOVERY_CODES).delete()
    return [str(code) for code in RecoveryCodes.activate(person).generate_codes()]


def _sound_reason(reason: str) -> str:
    reason = reason.strip()
    if not reason or len(reason) > REASON_LIMIT:
        raise Refused(
            f"Say why, and how you know that it is them who ask, in at most {REASON_LIMIT} characters.",
            code="reason_missing",
            status=400,
            field="reason",
        )
    return reason


def _demand_none(person: User) -> None:
    if has_second_factor(person):
        raise Refused("A second factor is set up already. Turn it off first.", code="factor_exists")


def _demand_one(person: User) -> None:
    if not has_second_factor(person):
        raise Refused(f"No second factor is set up for {person.name}.", code="factor_missing")


def _tell(person: User, subject: str, body: str) -> None:
    """The person, also of what they did themselves: it may have been somebody else in their name."""
    tell(people=[person], kind="second_factor", subject=subject, body=body, link=reverse("people:second_factor"))
