"""Whether the content of a policy can be used: pure, no database. Each problem is a sentence for whoever wrote it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from lifecycle.methodologies.gates import WAYS_LIMIT, count_ways
from lifecycle.signoff import policy
from lifecycle.signoff.triggers import TRIGGERS

ADVISING_ROLES = (*policy.DECIDING_ROLES, "viewer")
KEYS = (
    "version", "name", "quorum", "self_approval", "days", "remind", "escalate", "advisers", "feedback", "grace",
    "emergency", "emergency_days", "months", "ends_on",
)  # fmt: skip
NAME_LIMIT, REMINDERS_LIMIT, BRANCHES_LIMIT = 200, 5, 40
# Lowest and highest number that a timer may have; working days, months for `months`.
BOUNDS = {
    "days": (1, 60),
    "escalate": (0, 60),
    "feedback": (0, 30),
    "grace": (0, 60),
    "emergency_days": (1, 60),
    "months": (0, 120),
}
_TIMERS = {
    "days": "The days to the decision",
    "escalate": "The days after which a late decision is escalated",
    "feedback": "The days for advice",
    "grace": "The days of grace",
    "emergency_days": "The days that an emergency approval holds",
    "months": "The months that an approval holds",
}


def problems(content: Any) -> list[str]:
    """What keeps this from being a policy, one sentence each; empty when it can be used. Never raises."""
    if not isinstance(content, Mapping):
        return ["A policy is an object with the keys that the present one has."]
    found = [f"{str(key)[:40]!r} is unknown. Take it out." for key in content if key not in KEYS]
    missing = [key for key in KEYS if key not in content]
    if missing:
        return [*found, f"Missing: {', '.join(missing)}. Start from the present policy."]
    if content["version"] != policy.VERSION or isinstance(content["version"], bool):
        found.append(f"The version of the form is {policy.VERSION}; no other is understood.")
    name = content["name"]
    if not isinstance(name, str) or not name.strip() or len(name) > NAME_LIMIT or "\x00" in name:
        found.append(f"The name says in at most {NAME_LIMIT} characters who decides.")
    found += [f"Who decides: {text}" for text in quorum_problems(content["quorum"])]
    found += [f"In an emergency: {text}" for text in quorum_problems(content["emergency"])]
    if not isinstance(content["self_approval"], bool):
        found.append("Deciding on one's own work is either allowed or not: true or false.")
    found += _number_problems(content)
    found += _list_problems(content)
    return found


def quorum_problems(node: Any) -> list[str]:
    """What is wrong with a quorum."""
    found = list(dict.fromkeys(_tree_problems(node, 0)))
    if found:
        return found
    if count_ways(node) > WAYS_LIMIT:
        return [f"it can be met in more than {WAYS_LIMIT} ways, which nobody can follow. Make it simpler."]
    return [] if policy.is_tree(node) else ["it is not understood. See the examples."]


def _tree_problems(node: Any, depth: int) -> list[str]:
    if depth > policy.DEPTH_LIMIT:
        return [f"it is nested deeper than {policy.DEPTH_LIMIT} times. Make it simpler."]
    if not isinstance(node, Mapping) or not node:
        return ["nobody is named. Without anybody who may say yes nothing is ever approved."]
    if set(node) == {"role", "need"}:
        return _leaf_problems(node["role"], node["need"])
    if set(node) not in ({"and"}, {"or"}):
        return ['each part is {"role": …, "need": …}, {"and": […]} or {"or": […]}, and nothing else.']
    branches = next(iter(node.values()))
    if not isinstance(branches, list):
        return ["“and” and “or” hold a list of parts."]
    if not branches:
        return ["nobody is named. Without anybody who may say yes nothing is ever approved."]
    if len(branches) > BRANCHES_LIMIT:
        return [f"a list holds more than {BRANCHES_LIMIT} parts. Make it simpler."]
    return [text for branch in branches for text in _tree_problems(branch, depth + 1)]


def _leaf_problems(role: Any, need: Any) -> list[str]:
    found = []
    if role not in policy.DECIDING_ROLES:
        found.append(f"{str(role)[:40]!r} is no role that decides. Use {', '.join(policy.DECIDING_ROLES)}.")
    if need == policy.ALL:
        return found
    if not _is_number(need) or not 1 <= need <= policy.NEED_LIMIT:
        found.append(f"of each role 1 to {policy.NEED_LIMIT} people are needed, or “{policy.ALL}”.")
    return found


def _number_problems(content: Mapping[str, Any]) -> list[str]:
    found = []
    for key, (low, high) in BOUNDS.items():
        if not _is_number(content[key]) or not low <= content[key] <= high:
            found.append(f"{_TIMERS[key]}: a whole number from {low} to {high}.")
    remind, days = content["remind"], content["days"]
    if (
        not isinstance(remind, list)
        or len(remind) > REMINDERS_LIMIT
        or not all(_is_number(day) and day >= 1 for day in remind)
        or any(later <= earlier for earlier, later in itertools.pairwise(remind))
    ):
        found.append(
            f"Reminders are at most {REMINDERS_LIMIT} whole numbers of working days from 1 on, each larger than the last."
        )
    elif remind and _is_number(days) and remind[-1] > days:
        found.append(
            f"The last reminder comes after {remind[-1]} days, when the decision is late after {days} already."
        )
    return found


def _list_problems(content: Mapping[str, Any]) -> list[str]:
    found = []
    for key, allowed, what in (
        ("advisers", ADVISING_ROLES, "role that gives advice"),
        ("ends_on", tuple(TRIGGERS), "event that ends an approval"),
    ):
        given = content[key]
        if not isinstance(given, list):
            found.append(f"{key} is a list.")
            continue
        found += [f"{str(one)[:40]!r} is no {what}. Use {', '.join(allowed)}." for one in given if one not in allowed]
        if len({str(one) for one in given}) != len(given):
            found.append(f"{key} names something twice.")
    asks = isinstance(content["advisers"], list) and bool(content["advisers"])
    if _is_number(content["feedback"]) and asks != (content["feedback"] > 0):
        found.append("Advice needs both: roles that give it, and days for it. Give both, or neither.")
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
