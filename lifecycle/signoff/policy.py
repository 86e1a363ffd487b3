"""Who must say yes: a policy as plain JSON, copied into each round. Pure functions, no database.

A quorum is a tree: `{"role": "sponsor", "need": 1}`, `{"and": [...]}`, `{"or": [...]}`. `need` is a number of different
people who hold that role, or "all" of those who may answer; submission turns "all" into their number, so that nobody
lowers it by leaving. Rounds of the first version hold `{"any": [roles]}`: any one holder of one of them. Until "all" is
counted, two rules that hold at once are `{"both": [...]}`: the same people may serve both. No round holds that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

VERSION = 2
YES = frozenset({"approve", "approve_with_conditions"})
ALL = "all"
NEED_LIMIT, DEPTH_LIMIT = 20, 6
DECIDING_ROLES = ("sponsor", "customer", "reviewer", "risk_officer")
Node = Mapping[str, Any]
Way = dict[str, int]


@dataclass(frozen=True)
class Answer:
    """One person's answer, given in a role."""

    role: str
    verdict: str


def seat(role: str, need: int | str = 1) -> dict[str, Any]:
    """A leaf of a quorum."""
    return {"role": role, "need": need}


_QUORUMS: dict[str, dict[str, Any]] = {
    "low": seat("sponsor"),
    "medium": {"and": [seat("sponsor"), seat("reviewer")]},
    "high": {"and": [seat("sponsor"), seat("reviewer"), seat("risk_officer")]},
}
_NAMES = {
    "low": "A sponsor",
    "medium": "A sponsor and an independent reviewer",
    "high": "A sponsor, an independent reviewer and a risk officer",
}


def shipped_policy(tier: str) -> dict[str, Any]:
    """What holds for a risk tier until somebody changes it. All times are in working days.

    `days`: to the decision; `remind`: after how many of them the deciders are reminded; `escalate`: how many after the
    due day a named person is told; `feedback`: for advice before the decision, from `advisers`; `grace`: that an
    approval holds on after a condition fell due; `emergency_days`: that an emergency approval holds without a regular
    one; `months`: that an approval holds at all, 0 for ever; `ends_on`: triggers that end it.
    """
    return {
        "version": VERSION,
        "name": _NAMES[tier],
        "quorum": _QUORUMS[tier],
        "self_approval": False,
        "days": 5,
        "remind": [3, 5],
        "escalate": 2,
        "advisers": [],
        "feedback": 0,
        "grace": 3,
        "emergency": {"or": [seat("sponsor"), seat("risk_officer")]},
        "emergency_days": 10,
        "months": 0,
        "ends_on": ["drift_above_limit", "rollback"],
    }


def quorum_of(policy: Mapping[str, Any]) -> Node | None:
    """The tree of a policy; None where it names nobody or is not understood: such a round is never approved."""
    quorum = policy.get("quorum")
    if not isinstance(quorum, dict):
        return None
    if isinstance(quorum.get("any"), list):
        return {"or": [seat(str(role)) for role in quorum["any"]]} if quorum["any"] else None
    return quorum if is_tree(quorum) else None


def is_tree(node: Any, depth: int = 0) -> bool:
    """Whether this is a quorum: each leaf names a role and at least one person, and no branch is empty."""
    if not isinstance(node, dict) or depth > DEPTH_LIMIT:
        return False
    if set(node) == {"role", "need"}:
        need = node["need"]
        # No upper limit: where "all" was written, it may stand for more people than anybody may write as a number.
        counted = isinstance(need, int) and not isinstance(need, bool) and need >= 1
        return isinstance(node["role"], str) and bool(node["role"]) and (counted or need == ALL)
    if set(node) not in ({"and"}, {"or"}, {"both"}):
        return False
    branches = next(iter(node.values()))
    # Rules that hold at once stand beside each other: that makes none of them deeper.
    below = depth if "both" in node else depth + 1
    return isinstance(branches, list) and bool(branches) and all(is_tree(branch, below) for branch in branches)


def roles_in(node: Node | None) -> list[str]:
    """Roles that a quorum speaks of, in its order, each once."""
    if node is None:
        return []
    if "role" in node:
        return [str(node["role"])]
    found: dict[str, None] = {}
    for branch in _branches(node):
        found.update(dict.fromkeys(roles_in(branch)))
    return list(found)


def _branches(node: Node) -> Sequence[Node]:
    return node.get("and") or node.get("or") or node.get("both") or []


def approver_roles(policy: Mapping[str, Any]) -> list[str]:
    """Roles whose holders may answer; empty when the policy names none or is not understood."""
    return roles_in(quorum_of(policy))


def eligible(policy: Mapping[str, Any], roles: Iterable[str]) -> str | None:
    """The first role in which a person with `roles` may answer, or None."""
    held = set(roles)
    return next((role for role in approver_roles(policy) if role in held), None)


def ways(node: Node) -> list[Way]:
    """Every way in which a quorum can be met: how many different people are needed in each role."""
    if "role" in node:
        # "all" stands for nobody in particular before submission counted them: one at least.
        return [{str(node["role"]): node["need"] if isinstance(node["need"], int) else 1}]
    if "or" in node:
        return _unlike(way for branch in node["or"] for way in ways(branch))
    join = _sum if "and" in node else _most
    found: list[Way] = [{}]
    for branch in _branches(node):
        found = _unlike(join(one, other) for one in found for other in ways(branch))
    return found


def _sum(one: Way, other: Way) -> Way:
    return {role: one.get(role, 0) + other.get(role, 0) for role in {**one, **other}}


def _most(one: Way, other: Way) -> Way:
    return {role: max(one.get(role, 0), other.get(role, 0)) for role in {**one, **other}}


def _unlike(found: Iterable[Way]) -> list[Way]:
    """Each way once, in its first place: the shares of "2 of these roles" come up again and again."""
    return list({frozenset(way.items()): way for way in reversed(list(found))}.values())[::-1]


def is_met(policy: Mapping[str, Any], answers: Sequence[Answer]) -> bool:
    """Whether the answers approve. One no blocks, silence blocks, and an empty list of approvers never approves.

    Each answer is that of another person and fills one seat.
    """
    node = quorum_of(policy)
    if node is None or any(answer.verdict not in YES for answer in answers):
        return False
    given: dict[str, int] = {}
    for answer in answers:
        given[answer.role] = given.get(answer.role, 0) + 1
    return any(all(given.get(role, 0) >= need for role, need in way.items()) for way in ways(node))


def counted(node: Node, holders: Mapping[str, int]) -> dict[str, Any]:
    """The quorum with "all" turned into the number of people who may answer in that role, at least one."""
    if "role" in node:
        need = node["need"]
        return seat(str(node["role"]), max(1, holders.get(str(node["role"]), 0)) if need == ALL else need)
    parts: list[Node] = [counted(branch, holders) for branch in _branches(node)]
    if "both" in node:
        return dict(_all_joined(parts))
    return {"and" if "and" in node else "or": parts}


def joined(node: Node, other: Node) -> Node:
    """Both quorums at once, where the same people may serve both.

    Of each role as many are needed as the more demanding of the two asks for: a gate that wants a reviewer adds none
    where the tier has one. Where "all" are asked for, which is more shows only when they are counted.
    """
    # "all" are one at least, so who meets `node` then meets `other` too; what `other` calls "all" nobody knows yet.
    if node == other or (not _counts_all(other) and all(_covers(way, ways(other)) for way in ways(node))):
        return node
    if _counts_all(node) or _counts_all(other):
        return {"both": [node, other]}
    branches = [_all_of(way) for way in ways({"both": [node, other]})]
    return branches[0] if len(branches) == 1 else {"or": branches}


def merged(node: Node) -> Node:
    """Rules that hold at once as one quorum, as far as "all" allows; any other as it is."""
    return _all_joined(node["both"]) if "both" in node else node


def _all_joined(nodes: Sequence[Node]) -> Node:
    both = nodes[0]
    for node in nodes[1:]:
        both = joined(both, node)
    return both


def _counts_all(node: Node) -> bool:
    """Whether "all" of a role are asked for, which nobody has counted yet."""
    if "role" in node:
        return bool(node["need"] == ALL)
    return any(_counts_all(branch) for branch in _branches(node))


def _all_of(way: Way) -> dict[str, Any]:
    """The quorum that this one way meets."""
    seats = [seat(role, need) for role, need in way.items()]
    return seats[0] if len(seats) == 1 else {"and": seats}


def _covers(way: Way, others: Iterable[Way]) -> bool:
    """Whether people who meet `way` meet one of the others too."""
    return any(all(way.get(role, 0) >= need for role, need in other.items()) for other in others)


def of_gate(gate: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a methodology's gate adds to the quorum of the tier: its `independent_reviewer`, `roles` and `quorum`.

    Its rules are {any: roles}, {all: roles}, {at_least: n, of: roles}, {and: rules}, {or: rules}; `at_least` n people of
    some roles is every way to share n seats among the roles.
    """
    found: list[dict[str, Any]] = [seat(str(role)) for role in gate.get("roles", [])]
    if gate.get("independent_reviewer"):
        found.append(seat("reviewer"))
    if gate.get("quorum"):
        found.append(_of_rule(gate["quorum"]))
    return found


def _of_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    if "any" in rule:
        return {"or": [seat(role) for role in rule["any"]]}
    if "all" in rule:
        return {"and": [seat(role) for role in rule["all"]]}
    if "at_least" in rule:
        roles: list[str] = rule["of"]
        shares: list[Way] = [dict(Counter(share)) for share in combinations_with_replacement(roles, rule["at_least"])]
        return {"or": [_all_of(share) for share in shares]}
    word = "and" if "and" in rule else "or"
    return {word: [_of_rule(part) for part in rule[word]]}


def without_role(node: Node, role: str) -> Node | None:
    """The quorum without the leaves of `role`; None where nothing would be left."""
    if "role" in node:
        return None if node["role"] == role else node
    (word,) = node
    left = [branch for branch in (without_role(branch, role) for branch in node[word]) if branch is not None]
    if not left:
        return None
    return left[0] if len(left) == 1 else {word: left}


def in_words(node: Node | None, names: Mapping[str, str]) -> str:
    """`one sponsor and 2 independent reviewers`; `names`: how people call the roles."""
    if node is None:
        return "nobody"
    if "role" in node:
        name = names.get(str(node["role"]), str(node["role"]))
        if node["need"] == ALL:
            return f"every {name}"
        return f"one {name}" if node["need"] == 1 else f"{node['need']} {name}s"
    word = "or" if "or" in node else "and"
    branches = _branches(node)
    parts = [in_words(branch, names) for branch in branches]
    parts = [f"({part})" if "role" not in branch and len(parts) > 1 else part
             for part, branch in zip(parts, branches, strict=True)]  # fmt: skip
    return f" {word} ".join(parts)


def standing_apart(policy: Mapping[str, Any], person_id: int) -> bool:
    """Whether four eyes are asked of this person: not where the policy or a signed exception lets them decide."""
    return not policy.get("self_approval") and person_id not in policy.get("self_approval_of", [])
