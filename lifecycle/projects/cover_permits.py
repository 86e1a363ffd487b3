"""Who may name a stand-in, and end it; a no comes with its reasons.

| deed | who |
|---|---|
| name | the person who is away; an administrator for somebody who is away, but never with themselves as the stand-in |
| end | both people, who named it, an administrator |
| read | both people, who named it; managers, auditors, administrators |
"""

from __future__ import annotations

from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied
from lifecycle.projects.models import Delegation


def may_delegate(actor: User, *, from_person: User, to_person: User | None = None) -> Verdict:
    """Whether `actor` may name who stands in for `from_person`."""
    if not actor.is_active:
        return denied("Your access has ended. Ask an administrator.", code="person_inactive")
    if actor.pk == from_person.pk:
        return ALLOWED
    if not actor.is_administrator:
        return denied(
            "Only the person themselves names their stand-in, or an administrator while they are away. Ask one of them."
        )
    if to_person is not None and to_person.pk == actor.pk:
        return denied(
            "Nobody names themselves as the stand-in for somebody else. Ask another administrator.", code="own_cover"
        )
    return ALLOWED


def may_end_delegation(actor: User, delegation: Delegation) -> Verdict:
    """Whether `actor` may end it before its day."""
    if actor.is_active and (
        actor.is_administrator
        or actor.pk in (delegation.from_person_id, delegation.to_person_id, delegation.made_by_id)
    ):
        return ALLOWED
    return denied("Only the two people, who named the cover, or an administrator may end it.")
