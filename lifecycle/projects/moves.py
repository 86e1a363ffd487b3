"""States and transitions of a project and of a stage: frozen data, no database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Move:
    """A transition: from which states, to which state."""

    name: str
    sources: frozenset[str]
    target: str


WAITING, OPEN, IN_REVIEW, APPROVED, SUPERSEDED = "waiting", "open", "in_review", "approved", "superseded"

# States of rounds that approved their stage, whether the approval still holds or not.
ONCE_APPROVED = frozenset({APPROVED, "approved_with_conditions", "stale", "expired", "revoked"})

# What is said of a stage whose newest approval ended, by the state of that round.
LAPSED_WORDS = {"stale": "changed since approval", "expired": "approval expired", "revoked": "approval revoked"}

STAGE_MOVES = {
    move.name: move
    for move in (
        Move("open", frozenset({WAITING}), OPEN),
        Move("submit", frozenset({OPEN}), IN_REVIEW),
        Move("return", frozenset({IN_REVIEW}), OPEN),
        Move("approve", frozenset({IN_REVIEW}), APPROVED),
        Move("reopen", frozenset({APPROVED}), OPEN),
        Move("supersede", frozenset({WAITING, OPEN, IN_REVIEW, APPROVED}), SUPERSEDED),
    )
}

ACTIVE, IN_USE, STOPPED, CLOSED = "active", "in_use", "stopped", "closed"

PROJECT_MOVES = {
    move.name: move
    for move in (
        Move("accept", frozenset({ACTIVE}), IN_USE),
        Move("stop", frozenset({ACTIVE, IN_USE}), STOPPED),
        Move("close", frozenset({ACTIVE, IN_USE, STOPPED}), CLOSED),
        Move("resume", frozenset({IN_USE}), ACTIVE),
    )
}
