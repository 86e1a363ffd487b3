"""Projects that have ended, for tests that care about what comes after."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from foundation.people.models import User


def ended(state: str, by: User) -> dict[str, Any]:
    """The state `stopped` or `closed` with all that the database asks of it, for `update` and `create`."""
    if state == "stopped":
        return {"state": state, "stopped_reason": "No effect."}
    return {"state": state, "closing_statement": "It is done.", "closed_at": timezone.now(), "closed_by": by}
