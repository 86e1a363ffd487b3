"""States and transitions of a round of sign-off: frozen data, no database."""

from __future__ import annotations

from lifecycle.projects.moves import Move

DRAFT, SUBMITTED, IN_FEEDBACK, AWAITING = "draft", "submitted", "in_feedback", "awaiting_decision"
APPROVED, CONDITIONS, CHANGES, REJECTED, WITHDRAWN = (
    "approved", "approved_with_conditions", "changes_requested", "rejected", "withdrawn",
)  # fmt: skip
STALE, EXPIRED, REVOKED = "stale", "expired", "revoked"

OPEN_STATES = frozenset({DRAFT, SUBMITTED, IN_FEEDBACK, AWAITING})
APPROVALS = frozenset({APPROVED, CONDITIONS})
LAPSED = frozenset({STALE, EXPIRED, REVOKED})
DECIDABLE = frozenset({AWAITING})

ROUND_MOVES = {
    move.name: move
    for move in (
        Move("submit", frozenset({DRAFT}), SUBMITTED),
        Move("ask_feedback", frozenset({SUBMITTED}), IN_FEEDBACK),
        Move("await_decision", frozenset({SUBMITTED, IN_FEEDBACK}), AWAITING),
        Move("approve", DECIDABLE, APPROVED),
        Move("approve_with_conditions", DECIDABLE, CONDITIONS),
        Move("request_changes", DECIDABLE, CHANGES),
        Move("reject", DECIDABLE, REJECTED),
        Move("withdraw", OPEN_STATES, WITHDRAWN),
        Move("go_stale", APPROVALS, STALE),
        Move("expire", APPROVALS, EXPIRED),
        Move("revoke", APPROVALS, REVOKED),
    )
}
