"""Who must say yes: a policy as plain JSON, copied into each round. Pure functions, no database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

YES = frozenset({"approve", "approve_with_conditions"})


@dataclass(frozen=True)
class Answer:
    """One person's answer, given in a role."""

    role: str
    verdict: str


def standard_policy() -> dict[str, Any]:
    """Any one sponsor, never the requester, within five working days."""
    return {"version": 1, "name": "Any one sponsor", "quorum": {"any": ["sponsor"]}, "self_approval": False, "days": 5}


def approver_roles(policy: dict[str, Any]) -> list[str]:
    """Roles whose holders may answer; empty when the policy names none or is not understood."""
    quorum = policy.get("quorum")
    roles = quorum.get("any") if isinstance(quorum, dict) else None
    return [str(role) for role in roles] if isinstance(roles, list) else []


def eligible(policy: dict[str, Any], roles: Iterable[str]) -> str | None:
    """The role in which a person with `roles` may answer, or None."""
    held = set(roles)
    return next((role for role in approver_roles(policy) if role in held), None)


def is_met(policy: dict[str, Any], answers: Sequence[Answer]) -> bool:
    """Whether the answers approve. One no blocks, silence blocks, and an empty list of approvers never approves."""
    roles = set(approver_roles(policy))
    if any(answer.verdict not in YES for answer in answers):
        return False
    return any(answer.role in roles for answer in answers)


def due_after(policy: dict[str, Any], start: date) -> date:
    """The day by which an answer is asked for: `days` working days (Monday to Friday) after `start`."""
    day, left = start, int(policy.get("days", 5))
    while left > 0:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day
