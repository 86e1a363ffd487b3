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
ONCE_APPROVED = APPROVALS | LAPSED
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

CONDITION_OPEN, CONDITION_CLAIMED, CONDITION_MET, CONDITION_LAPSED, CONDITION_DROPPED = (
    "open", "claimed", "met", "lapsed", "dropped",
)  # fmt: skip
OPEN_CONDITIONS = frozenset({CONDITION_OPEN, CONDITION_CLAIMED})

CONDITION_MOVES = {
    move.name: move
    for move in (
        Move("claim", frozenset({CONDITION_OPEN}), CONDITION_CLAIMED),
        Move("send_back", frozenset({CONDITION_CLAIMED}), CONDITION_OPEN),
        Move("verify", frozenset({CONDITION_CLAIMED}), CONDITION_MET),
        Move("lapse", OPEN_CONDITIONS, CONDITION_LAPSED),
        Move("drop", OPEN_CONDITIONS, CONDITION_DROPPED),
    )
}
