"""Everybody reads the calendar; administrators change it."""

from __future__ import annotations

from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied


def may_change(actor: User) -> Verdict:
    """Weekend, country and own days."""
    if actor.is_active and actor.is_administrator:
        return ALLOWED
    return denied("Only administrators may change the calendar. Ask one of them.")
