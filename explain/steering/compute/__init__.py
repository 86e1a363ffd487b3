"""Pure: the figures that lie ahead of a report, and what they suggest."""

from explain.steering.compute.ahead import Ahead, ahead_of
from explain.steering.compute.suggestion import (
    CONTINUE,
    EXPAND,
    STOP,
    THRESHOLDS,
    WHATS,
    Reason,
    Suggestion,
    suggested,
)

__all__ = [
    "CONTINUE",
    "EXPAND",
    "STOP",
    "THRESHOLDS",
    "WHATS",
    "Ahead",
    "Reason",
    "Suggestion",
    "ahead_of",
    "suggested",
]
