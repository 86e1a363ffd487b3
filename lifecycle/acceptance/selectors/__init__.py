"""Reads of the room: rows for its pages and its API, and what waits for a person."""

from lifecycle.acceptance.selectors.reading import (
    MARKS,
    acceptances_of,
    acceptances_visible_to,
    approved_use_of,
    changed_since,
    changes_of,
    criteria_of,
    former_criteria,
    handoff_state,
    handoffs_of,
    handoffs_visible_to,
    invitation_by_token,
    invitations_of,
    newest_verdict,
    report_shown,
    reports_of,
    verdict_state,
)
from lifecycle.acceptance.selectors.waiting import waiting_for

__all__ = [
    "MARKS",
    "acceptances_of",
    "acceptances_visible_to",
    "approved_use_of",
    "changed_since",
    "changes_of",
    "criteria_of",
    "former_criteria",
    "handoff_state",
    "handoffs_of",
    "handoffs_visible_to",
    "invitation_by_token",
    "invitations_of",
    "newest_verdict",
    "report_shown",
    "reports_of",
    "verdict_state",
    "waiting_for",
]
