"""Policies against what they mean, told in another way: people who sit down, and a tree that is read leaf by leaf."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from lifecycle.signoff import policy
from lifecycle.signoff.policy import ALL, Answer, seat

ROLES = ("sponsor", "reviewer", "risk_officer")
quick = settings(max_examples=150, deadline=None, derandomize=True, database=None)

roles = st.sampled_from(ROLES)
numbers = st.integers(1, 3)


def trees(needs: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    leaves = st.builds(seat, roles, needs)
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, min_size=1, max_size=3).flatmap(
            lambda parts: st.sampled_from([{"and": parts}, {"or": parts}])
        ),
        max_leaves=5,
    )


counted_trees = trees(numbers)
open_trees = trees(numbers | st.just(ALL))
tables = st.fixed_dictionaries({role: st.integers(0, 5) for role in ROLES})
gate_rules = st.recursive(
    st.lists(roles, min_size=1, max_size=3, unique=True).flatmap(
        lambda some: st.sampled_from(
            [{"any": some}, {"all": some}, {"at_least": 1, "of": some}, {"at_least": 3, "of": some}]
        )
    ),
    lambda inner: st.lists(inner, min_size=2, max_size=2).flatmap(
        lambda parts: st.sampled_from([{"and": parts}, {"or": parts}])
    ),
    max_leaves=3,
)


def splits(given: Mapping[str, int], parts: int) -> Iterator[list[dict[str, int]]]:
    """Every way to hand the yeses out to so many parts, each yes to one of them."""
    if parts == 1:
        yield [dict(given)]
        return
    for first in product(*(range(given[role] + 1) for role in ROLES)):
        taken = dict(zip(ROLES, first, strict=True))
        for rest in splits({role: given[role] - taken[role] for role in ROLES}, parts - 1):
            yield [taken, *rest]


def means(node: Mapping[str, Any], given: Mapping[str, int]) -> bool:
    """Whether so many yeses meet the tree: parts of an "and" are different people."""
    if "role" in node:
        return given[node["role"]] >= node["need"]
    if "or" in node:
        return any(means(part, given) for part in node["or"])
    parts = node["and"]
    return any(all(map(means, parts, shares)) for shares in splits(given, len(parts)))


def rule_means(rule: Mapping[str, Any], given: Mapping[str, int]) -> bool:
    """The rule of a gate, as its own room explains it."""
    if "any" in rule:
        return any(given[role] for role in rule["any"])
    if "all" in rule:
        return all(given[role] for role in rule["all"])
    if "at_least" in rule:
        return sum(given[role] for role in set(rule["of"])) >= rule["at_least"]
    if "or" in rule:
        return any(rule_means(part, given) for part in rule["or"])
    one, two = rule["and"]
    return any(rule_means(one, first) and rule_means(two, second) for first, second in splits(given, 2))


def yeses(given: Mapping[str, int]) -> list[Answer]:
    return [Answer(role, "approve") for role, count in given.items() for _ in range(count)]


def is_met(node: Any, given: Mapping[str, int]) -> bool:
    return policy.is_met({"quorum": node}, yeses(given))


@quick
@given(counted_trees, tables)
def test_a_quorum_is_met_by_whom_its_tree_names(node: dict[str, Any], table: dict[str, int]) -> None:
    assert is_met(node, table) == means(node, table)


@quick
@given(counted_trees, tables, roles, st.sampled_from(["reject", "request_changes", "", "Approve"]))
def test_anything_but_a_yes_blocks(node: dict[str, Any], table: dict[str, int], role: str, verdict: str) -> None:
    assert not policy.is_met({"quorum": node}, [*yeses(table), Answer(role, verdict)])


@quick
@given(counted_trees, tables, roles)
def test_a_further_yes_never_takes_an_approval_away(node: dict[str, Any], table: dict[str, int], role: str) -> None:
    if is_met(node, table):
        assert is_met(node, {**table, role: table[role] + 1})


@quick
@given(counted_trees)
def test_each_way_is_enough_and_one_person_fewer_is_another_way_or_too_few(node: dict[str, Any]) -> None:
    every = policy.ways(node)
    assert every
    assert len(every) == len({frozenset(way.items()) for way in every})
    for way in every:
        table = {role: way.get(role, 0) for role in ROLES}
        assert means(node, table)
        assert sum(table.values()) >= 1
        for role in way:
            fewer = {**table, role: table[role] - 1}
            assert means(node, fewer) == any(
                all(fewer.get(one, 0) >= need for one, need in other.items()) for other in every
            )


@quick
@given(counted_trees, counted_trees, tables)
def test_joined_asks_for_both_in_either_order(
    one: dict[str, Any], other: dict[str, Any], table: dict[str, int]
) -> None:
    both = means(one, table) and means(other, table)
    assert is_met(policy.joined(one, other), table) == both
    assert is_met(policy.joined(other, one), table) == both


@quick
@given(open_trees, open_trees, open_trees, tables, tables)
def test_joined_keeps_all_until_it_is_counted(
    one: dict[str, Any], other: dict[str, Any], third: dict[str, Any], holders: dict[str, int], table: dict[str, int]
) -> None:
    rules = policy.quorum_of({"quorum": policy.joined(policy.joined(one, other), third)})
    assert rules is not None
    counted = policy.counted(rules, holders)
    assert "both" not in str(counted)
    assert ALL not in str(counted)
    apart = all(means(policy.counted(each, holders), table) for each in (one, other, third))
    assert is_met(counted, table) == apart


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (seat("reviewer"), seat("reviewer", ALL)),
        (seat("reviewer", 2), seat("reviewer", ALL)),
        (seat("reviewer", ALL), seat("reviewer", 2)),
        ({"or": [seat("sponsor"), seat("reviewer", ALL)]}, seat("reviewer", 2)),
    ],
)
def test_of_all_and_a_number_the_larger_one_counts(one: dict[str, Any], other: dict[str, Any]) -> None:
    node = policy.joined(one, other)
    for present, needed in ((1, 2), (4, 4)) if 2 in (one.get("need"), other["need"]) else ((1, 1), (4, 4)):
        counted = policy.counted(node, {"reviewer": present})
        sponsor = 1 if "or" in one else 0
        enough = {"sponsor": sponsor, "reviewer": 2 if sponsor else needed, "risk_officer": 0}
        assert is_met(counted, enough)
        assert not is_met(counted, {**enough, "reviewer": enough["reviewer"] - 1})


def test_joined_leaves_alone_what_covers_the_other() -> None:
    tier = {"and": [seat("sponsor"), seat("reviewer")]}
    assert policy.joined(tier, seat("reviewer")) is tier
    assert policy.joined(seat("reviewer", ALL), seat("reviewer")) == seat("reviewer", ALL)
    assert policy.joined(seat("reviewer", ALL), seat("reviewer", ALL)) == seat("reviewer", ALL)
    assert policy.joined(seat("sponsor"), seat("reviewer")) == {"and": [seat("sponsor"), seat("reviewer")]}
    assert policy.joined({"or": [seat("sponsor"), seat("customer")]}, seat("sponsor")) == {
        "or": [seat("sponsor"), {"and": [seat("customer"), seat("sponsor")]}]
    }


@quick
@given(gate_rules, tables)
def test_the_rule_of_a_gate_means_what_its_words_say(rule: dict[str, Any], table: dict[str, int]) -> None:
    (node,) = policy.of_gate({"quorum": rule})
    assert policy.is_tree(node)
    assert is_met(node, table) == rule_means(rule, table)


def test_a_gate_adds_its_roles_its_reviewer_and_its_quorum() -> None:
    assert policy.of_gate({}) == []
    assert policy.of_gate({"independent_reviewer": False, "roles": [], "quorum": None}) == []
    gate = {"roles": ["customer", "sponsor"], "independent_reviewer": True, "quorum": {"any": ["risk_officer"]}}
    assert policy.of_gate(gate) == [
        seat("customer"),
        seat("sponsor"),
        seat("reviewer"),
        {"or": [seat("risk_officer")]},
    ]


@quick
@given(open_trees, open_trees, roles)
def test_a_waived_role_is_gone_and_the_others_stay(one: dict[str, Any], other: dict[str, Any], role: str) -> None:
    node = policy.joined(one, other)
    named = policy.roles_in(node)
    left = policy.without_role(node, role)
    if left is None:
        assert named == [role]
    else:
        assert policy.is_tree(left)
        assert policy.roles_in(left) == [each for each in named if each != role]


@quick
@given(open_trees, tables)
def test_counting_all_changes_nothing_else(node: dict[str, Any], holders: dict[str, int]) -> None:
    def leaves(tree: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        if "role" in tree:
            return [tree]
        return [leaf for part in tree.get("and") or tree["or"] for leaf in leaves(part)]

    for was, now in zip(leaves(node), leaves(policy.counted(node, holders)), strict=True):
        assert now["role"] == was["role"]
        assert now["need"] == (max(1, holders[was["role"]]) if was["need"] == ALL else was["need"])


def test_all_of_many_people_are_still_understood() -> None:
    counted = policy.counted(seat("reviewer", ALL), {"reviewer": 25})
    assert policy.approver_roles({"quorum": counted}) == ["reviewer"]
    assert not is_met(counted, {"reviewer": 24})
    assert is_met(counted, {"reviewer": 25})


@pytest.mark.parametrize(
    "node",
    [
        None, [], {}, "sponsor", {"role": "", "need": 1}, {"role": 3, "need": 1}, {"role": "sponsor", "need": 0},
        {"role": "sponsor", "need": -1}, {"role": "sponsor", "need": True}, {"role": "sponsor", "need": 1.0},
        {"role": "sponsor", "need": "1"}, {"role": "sponsor"}, {"role": "sponsor", "need": 1, "or": []}, {"and": []},
        {"or": []}, {"both": []}, {"and": [None]}, {"or": {}}, {"and": [seat("sponsor")], "or": [seat("sponsor")]},
        {"any": []}, {"all": ["sponsor"]}, {"and": [{"or": []}]},
    ],
)  # fmt: skip
def test_what_is_no_quorum_never_approves(node: Any) -> None:
    assert not policy.is_tree(node)
    assert policy.quorum_of({"quorum": node}) is None
    assert policy.approver_roles({"quorum": node}) == []
    assert not is_met(node, {"sponsor": 5, "reviewer": 5, "risk_officer": 5})
    assert not policy.is_met({}, [])


def test_a_tree_is_as_deep_as_the_limit_and_no_deeper() -> None:
    def nested(depth: int) -> dict[str, Any]:
        return seat("sponsor") if depth == 0 else {"or": [nested(depth - 1)]}

    assert policy.is_tree(nested(policy.DEPTH_LIMIT))
    assert not policy.is_tree(nested(policy.DEPTH_LIMIT + 1))
    deepest = {"and": [seat("reviewer", ALL), nested(policy.DEPTH_LIMIT - 1)]}
    assert policy.is_tree(policy.joined(deepest, seat("reviewer", 2)))


def test_rounds_of_the_first_version_are_read() -> None:
    old = {"quorum": {"any": ["sponsor", "customer"]}}
    assert policy.approver_roles(old) == ["sponsor", "customer"]
    assert policy.is_met(old, [Answer("customer", "approve_with_conditions")])
    assert not policy.is_met(old, [Answer("reviewer", "approve")])
    assert policy.eligible(old, ["viewer", "customer"]) == "customer"
    assert policy.eligible(old, ["viewer"]) is None


NAMES = {"sponsor": "sponsor", "reviewer": "independent reviewer"}


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (None, "nobody"),
        (seat("sponsor"), "one sponsor"),
        (seat("reviewer", 3), "3 independent reviewers"),
        (seat("reviewer", ALL), "every independent reviewer"),
        (seat("other"), "one other"),
        ({"or": [seat("sponsor"), seat("reviewer", 2)]}, "one sponsor or 2 independent reviewers"),
        (
            {"or": [seat("sponsor"), {"and": [seat("sponsor", 2), seat("reviewer")]}]},
            "one sponsor or (2 sponsors and one independent reviewer)",
        ),
        ({"and": [{"or": [seat("sponsor"), seat("reviewer")]}]}, "one sponsor or one independent reviewer"),
        (
            {"both": [seat("reviewer", ALL), seat("reviewer", 2)]},
            "every independent reviewer and 2 independent reviewers",
        ),
    ],
)
def test_a_quorum_is_said_in_words(node: Any, words: str) -> None:
    assert policy.in_words(node, NAMES) == words


@pytest.mark.parametrize("tier", ["low", "medium", "high"])
def test_the_shipped_policies_ask_for_one_person_of_each_role(tier: str) -> None:
    from lifecycle.signoff.policy_check import problems

    shipped = policy.shipped_policy(tier)
    assert problems(shipped) == []
    wanted = {"low": ["sponsor"], "medium": ["sponsor", "reviewer"], "high": ["sponsor", "reviewer", "risk_officer"]}
    assert policy.ways(shipped["quorum"]) == [Counter(wanted[tier])]
    assert policy.ways(shipped["emergency"]) == [{"sponsor": 1}, {"risk_officer": 1}]
    assert policy.standing_apart(shipped, 1)


def test_what_a_shipped_policy_says_beside_the_quorum() -> None:
    assert {key: value for key, value in policy.shipped_policy("high").items() if key not in ("quorum", "emergency")} == {
        "version": 2, "name": "A sponsor, an independent reviewer and a risk officer", "self_approval": False, "days": 5,
        "remind": [3, 5], "escalate": 2, "advisers": [], "feedback": 0, "grace": 3, "emergency_days": 10, "months": 0,
        "ends_on": ["drift_above_limit", "rollback"],
    }  # fmt: skip


@quick
@given(st.lists(open_trees, min_size=1, max_size=3), tables, tables)
def test_rules_that_hold_at_once_are_merged_to_mean_all_of_them(
    parts: list[dict[str, Any]], holders: dict[str, int], table: dict[str, int]
) -> None:
    merged = policy.merged({"both": parts})
    met = all(means(policy.counted(part, holders), table) for part in parts)
    assert is_met(policy.counted(merged, holders), table) == met
    assert policy.merged(parts[0]) is parts[0]
    if ALL not in str(parts):
        assert "both" not in str(merged)


def test_four_eyes_are_asked_unless_the_rules_name_the_person() -> None:
    assert policy.standing_apart({}, 1)
    assert not policy.standing_apart({"self_approval": True}, 1)
    assert not policy.standing_apart({"self_approval_of": [1]}, 1)
    assert policy.standing_apart({"self_approval_of": [2]}, 1)
