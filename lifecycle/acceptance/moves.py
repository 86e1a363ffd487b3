"""States and transitions of a customer's acceptance: frozen data, no database."""

from __future__ import annotations

from lifecycle.projects.moves import Move

OPEN, OFFERED, ACCEPTED, CONDITIONS, REJECTED, WITHDRAWN = (
    "open", "offered", "accepted", "accepted_with_conditions", "rejected", "withdrawn",
)  # fmt: skip

ACCEPTANCE_MOVES = {
    move.name: move
    for move in (
        Move("offer", frozenset({OPEN}), OFFERED),
        Move("accept", frozenset({OFFERED}), ACCEPTED),
        Move("accept_with_conditions", frozenset({OFFERED}), CONDITIONS),
        Move("reject", frozenset({OFFERED}), REJECTED),
        Move("withdraw", frozenset({OPEN, OFFERED}), WITHDRAWN),
        Move("withdraw_verdict", frozenset({ACCEPTED, CONDITIONS, REJECTED}), WITHDRAWN),
    )
}

# Conditions of an acceptance: a proof is given, and somebody else looks at it.
CONDITION_MOVES = {
    move.name: move
    for move in (
        Move("close", frozenset({"open"}), "closed"),
        Move("send_back", frozenset({"closed"}), "open"),
        Move("verify", frozenset({"closed"}), "verified"),
    )
}

HANDOFF_MOVES = {
    move.name: move
    for move in (
        Move("hand_over", frozenset({"draft"}), "handed"),
        Move("receive", frozenset({"handed"}), "received"),
        Move("send_back", frozenset({"handed"}), "sent_back"),
        Move("supersede", frozenset({"handed", "received", "sent_back"}), "superseded"),
    )
}
