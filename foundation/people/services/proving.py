"""Proving again who one is: the password, and the code of a second factor where one is set up."""

from __future__ import annotations

from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.utils import decrypt
from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from foundation.audit.models import Entry
from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.codes import STEP, step_of
from foundation.people.models import User
from foundation.people.selectors import has_second_factor
from foundation.web.afterwards import afterwards
from foundation.web.refused import Refused

WRONG_PASSWORD = "fail_password"  # nosec B105
WRONG_CODE = "fail_code"
ATTEMPTS = 5
PAUSE = timedelta(minutes=15)
# As it stands in the signature.
BY_PASSWORD = "password"  # nosec B105
BY_CODE = {
    Authenticator.Type.TOTP: "password and one-time code",
    Authenticator.Type.RECOVERY_CODES: "password and recovery code",
}


def prove_signer(*, actor: User, password: str, code: str = "") -> str:
    """Prove again who signs, by the password and, where a second factor is set up, by a code. Returns by which of them.

    What it returns is what a signature holds as `authenticated_by`. Raises Refused: those of `confirm_password`, and
    then those of `confirm_code`. A code is used up by it, whatever becomes of the deed. Call it outside the deed's
    transaction, so that neither the count of failed tries nor a used code is rolled back.
    """
    confirm_password(actor=actor, password=password)
    if not has_second_factor(actor):
        return BY_PASSWORD
    return BY_CODE[Authenticator.Type(confirm_code(actor=actor, code=code).type)]


def confirm_password(*, actor: User, password: str) -> None:
    """Prove by the password who one is. Returns nothing when it is right.

    Raises Refused `password_wrong`, or `password_locked` after five failures in 15 minutes. Each failure is an entry of
    the trail, written after the request, so that it stays when the caller's transaction is rolled back.
    """
    _demand_not_locked(actor, WRONG_PASSWORD, "password")
    stored = User.objects.filter(pk=actor.pk, is_active=True).values_list("password", flat=True).first()
    # Not `actor.check_password`: it may write a new hash, and the caller decides what is written here.
    if stored is None or not check_password(password, stored):
        afterwards(lambda: _note(actor, WRONG_PASSWORD))
        raise Refused(
            "This is not your password, so nothing was done. Type it again.",
            code="password_wrong",
            status=403,
            field="password",
        )


def confirm_code(*, actor: User, code: str) -> Authenticator:
    """Use up a code of the person's second factor, from their app or a recovery code. Returns what gave the code.

    Raises Refused `code_missing`, `code_wrong`, `code_used`, `factor_unreadable`, or `code_locked` after five wrong
    codes in 15 minutes; wrong codes are noted like wrong passwords. At sign-in and at signing alike.
    """
    if not code.strip():
        raise Refused(
            "Your second factor is set up, so a code is needed too. Type the one that your app shows now.",
            code="code_missing",
            status=403,
            field="code",
        )
    _demand_not_locked(actor, WRONG_CODE, "code")
    used = _use_up(actor, code)
    if used is None:
        afterwards(lambda: _note_wrong_code(actor))
        raise Refused(
            "This is no code of your second factor now. Type the one that your app shows, or a recovery code.",
            code="code_wrong",
            status=403,
            field="code",
        )
    return used


@transaction.atomic
def _use_up(actor: User, code: str) -> Authenticator | None:
    """What gave the code, or None. The rows are locked: of two who bring the same code at once, one comes too late."""
    rows = {row.type: row for row in Authenticator.objects.select_for_update().filter(user=actor).order_by("pk")}
    app = rows.get(Authenticator.Type.TOTP)
    if app is None:
        return None
    step = step_of(decrypt(app.data["secret"]), code)
    if step is not None:
        if step <= app.data[STEP]:
            raise Refused(
                "This code was used already. If you sent the form twice, look first whether all is done; otherwise wait "
                "for the next code.",
                code="code_used",
                status=403,
                field="code",
            )
        app.data[STEP] = step
        app.save(update_fields=["data"])
        app.record_usage()
        return app
    kept = rows.get(Authenticator.Type.RECOVERY_CODES)
    if kept is not None and RecoveryCodes(kept).validate_code(code):
        kept.record_usage()
        return kept
    return None


def _failures(person: User, verb: str, since: datetime) -> list[datetime]:
    """When the last tries failed, the newest first; no more of them than lock."""
    tries = Entry.objects.filter(verb=verb, thing_kind="person", thing_id=str(person.pk), at__gt=since)
    return list(tries.values_list("at", flat=True)[:ATTEMPTS])


def _demand_not_locked(actor: User, verb: str, what: str) -> None:
    since = timezone.now() - PAUSE
    failures = _failures(actor, verb, since)
    if len(failures) >= ATTEMPTS:
        minutes = max(1, -int(-(failures[-1] - since).total_seconds() // 60))
        raise Refused(
            f"The {what} was wrong {ATTEMPTS} times. Wait {minutes} minutes and try again.",
            code=f"{what}_locked",
            status=403,
            field=what,
        )


@transaction.atomic
def _note(person: User, verb: str) -> None:
    record(actor=person, verb=verb, thing=person, kind="person", name=person.name)


@transaction.atomic
def _note_wrong_code(person: User) -> None:
    """Once they lock, the person is told too: whoever typed them had the right password."""
    _note(person, WRONG_CODE)
    if len(_failures(person, WRONG_CODE, timezone.now() - PAUSE)) == ATTEMPTS:
        tell(
            people=[person],
            kind="second_factor",
            subject=f"{ATTEMPTS} wrong codes were typed for your account",
            body="Whoever typed them knew your password. If it was not you, change it, and tell an administrator.",
            link=reverse("account_change_password"),
        )
