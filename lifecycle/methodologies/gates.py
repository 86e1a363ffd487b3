"""What a gate asks beside its deliverables and questions: who decides, in words. Pure functions on plain data.

A gate may carry `roles` (each of them decides) or `quorum`, a rule of one of these shapes, which may stand inside
each other:

    {any: [sponsor, customer]}              one person of any of these roles
    {all: [sponsor, reviewer]}              one person of each of these roles
    {at_least: 2, of: [sponsor, reviewer]}  so many different people of these roles
    {and: [RULE, RULE]}, {or: [RULE, RULE]}
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from lifecycle.methodologies.checks import check_sentences
from lifecycle.methodologies.pieces import Path

# Roles of a project that decide, in words. The project's own table of roles is above this room; a test compares them.
DECIDING_ROLES = {
    "sponsor": "sponsor",
    "customer": "customer",
    "reviewer": "independent reviewer",
    "risk_officer": "risk officer",
}
DEEPEST = 4  # rules inside each other; more cannot be read by a person
WAYS_LIMIT = (
    64  # ways to meet a quorum; more nobody can follow, and each of them is written down when work is submitted
)
_WORKING = {"lead": "the project lead asks for the decision", "contributor": "contributors wrote the work"}
_SHAPES = "any, all, at_least with of, and, or"


def faults_in_quorum(rule: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """(path, reason) for each fault of the rule of a gate; a sound one can be met in a number of ways that is small."""
    found = list(faults_in_rule(rule, path))
    yield from found
    if not found and count_ways(rule) > WAYS_LIMIT:
        yield (
            path,
            f"can be met in more than {WAYS_LIMIT} ways, which nobody can follow. Ask for fewer people or roles.",
        )


def count_ways(rule: Mapping[str, Any]) -> int:
    """In how many ways a sound rule can be met, without writing them down.

    Of a gate's rule, or of the quorum of a policy, whose smallest part is `{role: sponsor, need: 2}`.
    """
    if "and" in rule:
        return math.prod(count_ways(part) for part in rule["and"])
    if "or" in rule:
        return sum(count_ways(part) for part in rule["or"])
    if "any" in rule:
        return len(rule["any"])
    if "at_least" in rule:
        # Seats that are alike, shared among the roles.
        return math.comb(rule["at_least"] + len(rule["of"]) - 1, rule["at_least"])
    return 1


def faults_in_rule(rule: Any, path: Path, depth: int = 1) -> Iterator[tuple[Path, str]]:
    """(path, reason) for each fault of a rule and of those inside it."""
    if not isinstance(rule, dict) or not rule:
        yield path, f"must be a rule with one of: {_SHAPES}."
        return
    if depth > DEEPEST:
        yield path, f"stands inside too many other rules; {DEEPEST} inside each other are the limit."
        return
    names = set(rule)
    if names == {"at_least", "of"}:
        yield from faults_in_roles(rule["of"], (*path, "of"))
        least, roles = rule["at_least"], rule["of"]
        if isinstance(least, bool) or not isinstance(least, int) or not 1 <= least <= 20:
            yield (*path, "at_least"), "must be a whole number of people from 1 to 20."
        elif isinstance(roles, list) and not roles:
            yield path, "names no role, so nobody could decide."
    elif names in ({"any"}, {"all"}):
        (name,) = names
        yield from faults_in_roles(rule[name], (*path, name))
    elif names in ({"and"}, {"or"}):
        (name,) = names
        parts = rule[name]
        if not isinstance(parts, list) or len(parts) < 2:
            yield (*path, name), "joins at least two rules."
            return
        for number, part in enumerate(parts):
            yield from faults_in_rule(part, (*path, name, number), depth + 1)
    else:
        yield path, f"mixes {', '.join(sorted(map(str, names)))}; a rule is one of: {_SHAPES}."


def faults_in_roles(roles: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """(path, reason) for each fault of a list of roles that decide."""
    if not isinstance(roles, list) or not roles:
        yield path, "must be a list of at least one role; without a role nobody could decide."
        return
    for number, role in enumerate(roles):
        if not isinstance(role, str) or role not in DECIDING_ROLES:
            why = f": {_WORKING[role]}" if isinstance(role, str) and role in _WORKING else ""
            yield (
                (*path, number),
                f"{role!r} is no role that decides{why}. Roles that decide: {', '.join(DECIDING_ROLES)}.",
            )
        elif role in roles[:number]:
            yield (*path, number), f"{role!r} stands there twice."


def rule_words(rule: Mapping[str, Any]) -> str:
    """A sound rule as part of a sentence: `any one of sponsor or customer`."""
    if "any" in rule:
        names = _names(rule["any"])
        return f"one person who is {' or '.join(names)}"
    if "all" in rule:
        return _listed([f"one {name}" for name in _names(rule["all"])])
    if "at_least" in rule:
        count = rule["at_least"]
        people = "one person" if count == 1 else f"{count} different people"
        return f"{people} among {_listed(_names(rule['of']))}"
    if "and" in rule:
        return ", and also ".join(rule_words(part) for part in rule["and"])
    return "either " + ", or ".join(rule_words(part) for part in rule.get("or", []))


def gate_sentences(gate: Mapping[str, Any]) -> list[str]:
    """What the gate asks, one sentence for each rule; the same for a page, a difference and the API."""
    said = ["All required deliverables are written and all exit questions answered."]
    said += check_sentences(gate.get("checks") or [])
    if gate.get("roles"):
        said.append(f"It is decided by {_listed([f'one {name}' for name in _names(gate['roles'])])}.")
    if gate.get("quorum"):
        said.append(f"A yes needs {rule_words(gate['quorum'])}.")
    if gate.get("independent_reviewer"):
        said.append("An independent reviewer, who built none of it, decides too.")
    if gate.get("signatory_roles"):
        said.append(f"It is signed by {_listed([_plain(role) for role in gate['signatory_roles']])}.")
    if gate.get("closes_project"):
        said.append("With it the work ends and the result goes into use.")
    return said


def _names(roles: list[str]) -> list[str]:
    return [DECIDING_ROLES.get(role, _plain(role)) for role in roles]


def _plain(name: Any) -> str:
    return str(name).replace("_", " ")


def _listed(names: list[str]) -> str:
    return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"
