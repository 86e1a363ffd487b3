"""Deeds on people: invite, roles, access, profile, tokens, and proving who one is at signing."""

from __future__ import annotations

import zoneinfo
from datetime import timedelta

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from foundation.audit.models import Entry
from foundation.audit.services import record
from foundation.jobs.services import request_job
from foundation.people.models import ApiToken, MailWish, User
from foundation.web.afterwards import afterwards
from foundation.web.refused import Refused

INVITATION = "invitation_mail"
WRONG_PASSWORD = "fail_password"  # nosec B105
ATTEMPTS = 5
PAUSE = timedelta(minutes=15)
TOKEN_DAYS = 365
ROLES = ("is_manager", "is_auditor", "is_administrator")
_ROLE_NAMES = {"is_manager": "manager", "is_auditor": "auditor", "is_administrator": "administrator"}


def _ask_for_administrator(actor: User) -> None:
    if not (actor.is_active and actor.is_administrator):
        raise Refused("Only administrators may change people. Ask one of them.", code="not_permitted", status=403)


def _keep_one_administrator(person: User) -> None:
    """The last administrator stays one: without any, nobody could ever give the role again."""
    others = User.objects.select_for_update().filter(is_administrator=True, is_active=True).exclude(pk=person.pk)
    if not others.exists():
        raise Refused(
            f"{person.name} is the last administrator. Make somebody else administrator first.",
            code="last_administrator",
        )


def _locked(person: User) -> User:
    return User.objects.select_for_update().get(pk=person.pk)


def _roles_of(person: User) -> list[str]:
    return [_ROLE_NAMES[field] for field in ROLES if getattr(person, field)]


@transaction.atomic
def invite(
    *,
    actor: User,
    email: str,
    name: str,
    is_manager: bool = False,
    is_auditor: bool = False,
    is_administrator: bool = False,
) -> User:
    """A new person without a password, and a job that mails them a link to set one."""
    _ask_for_administrator(actor)
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise Refused(
            f"{email!r} is no e-mail address. Check it for typing errors.",
            code="email_invalid",
            status=400,
            field="email",
        ) from None
    if not name.strip():
        raise Refused("A person needs a name. Write it as they sign.", code="name_missing", status=400, field="name")
    try:
        with transaction.atomic():
            person = User.objects.create_user(
                address,
                None,
                name=name.strip()[:120],
                is_manager=is_manager,
                is_auditor=is_auditor,
                is_administrator=is_administrator,
            )
    except IntegrityError:
        raise Refused(
            f"{address} is known already. Look for it in the list of people.", code="email_taken", field="email"
        ) from None
    request_job(kind=INVITATION, args={"user": person.pk}, actor=actor, dedup_key=f"invitation:{person.pk}")
    record(
        actor=actor,
        verb="invite",
        thing=person,
        kind="person",
        after={"email": address, "name": person.name, "roles": _roles_of(person)},
    )
    return person


@transaction.atomic
def invite_again(*, actor: User, person: User) -> None:
    """Mail the link once more to somebody who has not set a password yet."""
    _ask_for_administrator(actor)
    row = _locked(person)
    if row.has_usable_password():
        raise Refused(
            f"{row.name} has set a password already. They can reset it on the sign-in page.", code="already_joined"
        )
    if not row.is_active:
        raise Refused(f"{row.name} has no access. Give it back first.", code="person_inactive")
    request_job(kind=INVITATION, args={"user": row.pk}, actor=actor, dedup_key=f"invitation:{row.pk}")
    record(actor=actor, verb="invite_again", thing=row, kind="person")


@transaction.atomic
def set_roles(*, actor: User, person: User, is_manager: bool, is_auditor: bool, is_administrator: bool) -> User:
    """Give and take the three roles that hold over all projects."""
    _ask_for_administrator(actor)
    row = _locked(person)
    if row.is_administrator and row.is_active and not is_administrator:
        _keep_one_administrator(row)
    before = _roles_of(row)
    row.is_manager, row.is_auditor, row.is_administrator = is_manager, is_auditor, is_administrator
    after = _roles_of(row)
    if before == after:
        return row
    row.save(update_fields=list(ROLES))
    record(actor=actor, verb="set_roles", thing=row, kind="person", before={"roles": before}, after={"roles": after})
    return row


@transaction.atomic
def deactivate(*, actor: User, person: User, reason: str = "") -> User:
    """Take a person's access; their sessions and tokens end at once, what they did stays."""
    _ask_for_administrator(actor)
    row = _locked(person)
    if not row.is_active:
        raise Refused(f"{row.name} has no access already.", code="person_inactive")
    if row.is_administrator:
        _keep_one_administrator(row)
    row.is_active = False
    row.save(update_fields=["is_active"])
    ApiToken.objects.filter(user=row, revoked_at__isnull=True).update(revoked_at=timezone.now())
    record(
        actor=actor,
        verb="deactivate",
        thing=row,
        kind="person",
        before={"active": True},
        after={"active": False},
        reason=reason,
    )
    return row


@transaction.atomic
def reactivate(*, actor: User, person: User) -> User:
    """Give access back. Tokens stay revoked: the person makes new ones."""
    _ask_for_administrator(actor)
    row = _locked(person)
    if row.is_active:
        raise Refused(f"{row.name} has access already.", code="person_active")
    row.is_active = True
    row.save(update_fields=["is_active"])
    record(actor=actor, verb="reactivate", thing=row, kind="person", before={"active": False}, after={"active": True})
    return row


@transaction.atomic
def change_profile(*, actor: User, name: str, time_zone: str, mail_wish: str) -> User:
    """The person's own name, time zone (IANA name) and how notices are mailed (a value of `MailWish`)."""
    row = _locked(actor)
    if not name.strip():
        raise Refused("A person needs a name. Write it as you sign.", code="name_missing", status=400, field="name")
    if time_zone not in zoneinfo.available_timezones():
        raise Refused(
            f"{time_zone!r} is no known time zone. Choose one such as Europe/Berlin.",
            code="time_zone_unknown",
            status=400,
            field="time_zone",
        )
    if mail_wish not in MailWish.values:
        raise Refused(
            f"{mail_wish!r} is no way to mail notices. Choose one of {', '.join(MailWish.values)}.",
            code="mail_wish_unknown",
            status=400,
            field="mail_wish",
        )
    before = {"name": row.name, "time_zone": row.time_zone, "mail_wish": row.mail_wish}
    after = {"name": name.strip()[:120], "time_zone": time_zone, "mail_wish": mail_wish}
    if before == after:
        return row
    row.name, row.time_zone, row.mail_wish = name.strip()[:120], time_zone, mail_wish
    row.save(update_fields=["name", "time_zone", "mail_wish"])
    record(actor=actor, verb="change_profile", thing=row, kind="person", before=before, after=after)
    return row


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


def confirm_password(*, actor: User, password: str) -> None:
    """Prove again who signs. Returns nothing when the password is right.

    Raises Refused `password_wrong`, or `password_locked` after five failures in 15 minutes. Each failure is an entry of
    the trail, written after the request, so that it stays when the caller's transaction is rolled back.
    """
    since = timezone.now() - PAUSE
    failures = list(
        Entry.objects.filter(
            verb=WRONG_PASSWORD, thing_kind="person", thing_id=str(actor.pk), at__gt=since
        ).values_list("at", flat=True)[:ATTEMPTS]
    )
    if len(failures) >= ATTEMPTS:
        minutes = max(1, -int(-(failures[-1] - since).total_seconds() // 60))
        raise Refused(
            f"The password was wrong {ATTEMPTS} times. Wait {minutes} minutes and try again.",
            code="password_locked",
            status=403,
            field="password",
        )
    stored = User.objects.filter(pk=actor.pk, is_active=True).values_list("password", flat=True).first()
    # Not `actor.check_password`: it may write a new hash, and the caller decides what is written here.
    if stored is None or not check_password(password, stored):
        afterwards(lambda: _note_wrong_password(actor))
        raise Refused(
            "This is not your password, so nothing was signed. Type it again.",
            code="password_wrong",
            status=403,
            field="password",
        )


@transaction.atomic
def _note_wrong_password(person: User) -> None:
    record(actor=person, verb=WRONG_PASSWORD, thing=person, kind="person", name=person.name)
