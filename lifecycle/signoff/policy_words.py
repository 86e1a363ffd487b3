"""A policy in words: lines for a page, and the difference of two versions. Pure, no database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lifecycle.projects.models import Role
from lifecycle.signoff import policy
from lifecycle.signoff.manifest import Line
from lifecycle.signoff.triggers import TRIGGERS

ROLE_NAMES = {str(role.value): str(role.label) for role in Role}


def who_decides(node: Mapping[str, Any] | None) -> str:
    """`One sponsor and one independent reviewer`."""
    words = policy.in_words(node, ROLE_NAMES)
    return words[:1].upper() + words[1:]


def said_lines(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(what, in words) for each rule of a policy, in the order in which people ask."""
    months, feedback = content.get("months", 0), content.get("feedback", 0)
    advisers = [ROLE_NAMES.get(role, str(role)) for role in content.get("advisers", [])]
    return [
        ("Who decides", who_decides(policy.quorum_of(content))),
        (
            "On one’s own work",
            "allowed" if content.get("self_approval") else "never, unless a signed exception allows it",
        ),
        (
            "Advice first",
            f"from {_listed(advisers)}, within {_days(feedback)}" if feedback and advisers else "not asked",
        ),
        ("Time to decide", _days(content.get("days", 0))),
        ("Reminders", _reminders(content.get("remind", []))),
        ("Escalation", _escalation(content.get("escalate", 0))),
        ("A condition that is overdue", f"ends the approval {_days(content.get('grace', 0))} after its day"),
        (
            "In an emergency",
            f"{who_decides(content.get('emergency'))}; holds for {_days(content.get('emergency_days', 0))} "
            "without a regular decision",
        ),
        (
            "An approval holds",
            f"for {months} {'month' if months == 1 else 'months'}" if months else "until something ends it",
        ),
        (
            "It ends early when",
            _listed([_trigger_words(one) for one in content.get("ends_on", [])], "or") or "nothing ends it",
        ),
    ]


def difference(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[Line]:
    """Lines of {label, was, now, kind: changed} between two versions, in words."""
    return [
        {"label": label, "was": before, "now": after, "kind": "changed"}
        for (label, before), (_, after) in zip(
            [("Called", str(was.get("name", ""))), *said_lines(was)],
            [("Called", str(now.get("name", ""))), *said_lines(now)],
            strict=True,
        )
        if before != after
    ]


def _trigger_words(name: str) -> str:
    return TRIGGERS[name].label if name in TRIGGERS else str(name)


def _days(count: int) -> str:
    return f"{count} working {'day' if count == 1 else 'days'}"


def _reminders(days: list[int]) -> str:
    return f"after {_listed([str(day) for day in days])} working days" if days else "none"


def _escalation(days: int) -> str:
    if not days:
        return "a named person is told on the day it is late"
    return f"a named person is told {_days(days)} after it was due"


def _listed(words: list[str], joint: str = "and") -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {joint} {words[-1]}" if words else ""
