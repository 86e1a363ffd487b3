"""Everybody reads exchange rates, for everybody's reports count with them; managers and administrators enter them."""

from __future__ import annotations

from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied


def may_enter(actor: User) -> Verdict:
    """New rates, and corrections, which are new rates of the same day."""
    if actor.is_active and not actor.is_auditor and (actor.is_manager or actor.is_administrator):
        return ALLOWED
    return denied("Only managers and administrators enter exchange rates. Ask one of them.")
