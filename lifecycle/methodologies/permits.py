"""Who may do what with methodologies.

| move | who |
|---|---|
| read | everybody with access: a project's people want to know what is asked of them |
| author (begin, change, discard, publish a draft; retire a version, offer it again) | manager, administrator |
"""

from __future__ import annotations

from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied


def may(actor: User, move: str) -> Verdict:
    """Whether `actor` may make `move`, with the reason if not. Raises KeyError for a move not in the table above."""
    if move not in ("read", "author"):
        raise KeyError(move)
    if not actor.is_active:
        return denied("Your access has ended. Ask an administrator.", code="person_inactive")
    if move == "read" or actor.is_manager or actor.is_administrator:
        return ALLOWED
    return denied("Only managers and administrators write methodologies. Ask one of them.")
