"""Deeds on people: invite, roles, access, profile."""

from __future__ import annotations

import zoneinfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.jobs.services import request_job
from foundation.people.models import ApiToken, MailWish, User
from foundation.web.refused import Refused

INVITATION = "invitation_mail"
ROLES = ("is_manager", "is_auditor", "is_administrator", "is_finance")
_ROLE_NAMES = {
    "is_manager": "manager",
    "is_auditor": "auditor",
    "is_administrator": "administrator",
    "is_finance": "finance",
}


def ask_for_administrator(actor: User) -> None:
    """Raises Refused `not_permitted` for everybody else."""
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


def locked(person: User) -> User:
    """The row of a person, held until the transaction ends."""
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
    is_finance: bool = False,
) -> User:
    """A new person without a password, and a job that mails them a link to set one."""
    ask_for_administrator(actor)
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
                is_finance=is_finance,
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
    ask_for_administrator(actor)
    row = locked(person)
    if row.has_usable_password():
        raise Refused(
            f"{row.name} has set a password already. They can reset it on the sign-in page.", code="already_joined"
        )
    if not row.is_active:
        raise Refused(f"{row.name} has no access. Give it back first.", code="person_inactive")
    request_job(kind=INVITATION, args={"user": row.pk}, actor=actor, dedup_key=f"invitation:{row.pk}")
    record(actor=actor, verb="invite_again", thing=row, kind="person")


@transaction.atomic
def set_roles(
    *, actor: User, person: User, is_manager: bool, is_auditor: bool, is_administrator: bool, is_finance: bool = False
) -> User:
    """Give and take the roles that hold over all projects: what is not named is taken."""
    ask_for_administrator(actor)
    row = locked(person)
    if row.is_administrator and row.is_active and not is_administrator:
        _keep_one_administrator(row)
    before = _roles_of(row)
    row.is_manager, row.is_auditor, row.is_administrator = is_manager, is_auditor, is_administrator
    row.is_finance = is_finance
    after = _roles_of(row)
    if before == after:
        return row
    row.save(update_fields=list(ROLES))
    record(actor=actor, verb="set_roles", thing=row, kind="person", before={"roles": before}, after={"roles": after})
    return row


@transaction.atomic
def deactivate(*, actor: User, person: User, reason: str = "") -> User:
    """Take a person's access; their sessions and tokens end at once, what they did stays."""
    ask_for_administrator(actor)
    row = locked(person)
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
    ask_for_administrator(actor)
    row = locked(person)
    if row.is_active:
        raise Refused(f"{row.name} has access already.", code="person_active")
    row.is_active = True
    row.save(update_fields=["is_active"])
    record(actor=actor, verb="reactivate", thing=row, kind="person", before={"active": False}, after={"active": True})
    return row


@transaction.atomic
def change_profile(*, actor: User, name: str, time_zone: str, mail_wish: str) -> User:
    """The person's own name, time zone (IANA name) and how notices are mailed (a value of `MailWish`)."""
    row = locked(actor)
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
