"""States and transitions of a post-mortem and of its actions: frozen data, no database."""

from __future__ import annotations

from lifecycle.projects.moves import Move

DRAFT, IN_REVIEW, PUBLISHED, CLOSED = "draft", "in_review", "published", "closed"
TOLD = (PUBLISHED, CLOSED)  # others may read it, as far as its visibility goes

POSTMORTEM_MOVES = {
    move.name: move
    for move in (
        Move("submit", frozenset({DRAFT}), IN_REVIEW),
        Move("return", frozenset({IN_REVIEW}), DRAFT),
        Move("publish", frozenset({IN_REVIEW}), PUBLISHED),
        Move("revise", frozenset({PUBLISHED}), DRAFT),
        Move("close", frozenset({PUBLISHED}), CLOSED),
        Move("reopen", frozenset({CLOSED}), PUBLISHED),
    )
}

OPEN, IN_PROGRESS, DONE, VERIFIED, CANCELLED = "open", "in_progress", "done", "verified", "cancelled"
UNFINISHED = frozenset({OPEN, IN_PROGRESS})

ACTION_MOVES = {
    move.name: move
    for move in (
        Move("start", frozenset({OPEN}), IN_PROGRESS),
        Move("finish", UNFINISHED, DONE),
        Move("verify", frozenset({DONE}), VERIFIED),
        Move("return", frozenset({DONE}), OPEN),
        Move("cancel", frozenset({OPEN, IN_PROGRESS, DONE}), CANCELLED),
    )
}

# Days until an action is due when nobody names a date, by severity.
DUE_DAYS = {"high": 15, "medium": 30, "low": 60}

# Days from an action's verification until somebody looks whether it worked.
EFFECT_DAYS = 90
