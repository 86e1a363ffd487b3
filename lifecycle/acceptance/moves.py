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
    )
}
