"""What moving a project to another version of its methodology does: pure functions on plain data, no database."""

from lifecycle.projects.moving.planning import apply_plan, plan_move
from lifecycle.projects.moving.shapes import (
    ADD,
    KEEP,
    KINDS,
    REMOVE,
    RETIRE,
    Plan,
    Row,
    RowsPlan,
    StageNow,
    StagePlan,
    Standing,
)

__all__ = [
    "ADD",
    "KEEP",
    "KINDS",
    "REMOVE",
    "RETIRE",
    "Plan",
    "Row",
    "RowsPlan",
    "StageNow",
    "StagePlan",
    "Standing",
    "apply_plan",
    "plan_move",
]
