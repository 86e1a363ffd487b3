"""Seats against every way in which people could sit down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import hypothesis.strategies as st
from hypothesis import example, given, settings

from lifecycle.signoff import policy
from lifecycle.signoff.policy import seat
from lifecycle.signoff.seats import Seat, Table, Taken, can_fill, still_needed

ROLES = ("sponsor", "reviewer", "risk_officer")
quick = settings(max_examples=200, deadline=None, derandomize=True, database=None)

roles = st.sampled_from(ROLES)
people = st.integers(1, 4)
seats = st.builds(Seat, people, people, roles)
chairs = st.lists(seats, max_size=7, unique=True)
needs = st.dictionaries(roles, st.integers(0, 2), max_size=3)
quorums = st.recursive(
    st.builds(seat, roles, st.integers(1, 2)),
    lambda inner: st.lists(inner, min_size=1, max_size=2).flatmap(
        lambda parts: st.sampled_from([{"and": parts}, {"or": parts}])
    ),
    max_leaves=3,
)


def sittings(found: Sequence[Seat], count: int) -> list[tuple[Seat, ...]]:
    """So many seats taken at once, nobody as decider twice and nobody's seat twice."""
    return [
        some
        for some in combinations(found, count)
        if len({one.decider for one in some}) == len({one.holder for one in some}) == count
    ]


def fills(some: Sequence[Seat], wanted: Mapping[str, int]) -> bool:
    return all(sum(one.role == role for one in some) == need for role, need in wanted.items() if need)


@quick
@given(needs, chairs)
@example(
    # 1 holds two roles, and 2 stands in for one of them only; 1 alone could take the other one, or sit for 3.
    {"reviewer": 1, "risk_officer": 1},
    [Seat(1, 1, "sponsor"), Seat(1, 1, "reviewer"), Seat(2, 1, "sponsor"), Seat(1, 3, "risk_officer")],
)
def test_needs_are_filled_when_some_sitting_fills_them(wanted: dict[str, int], found: list[Seat]) -> None:
    by_hand = any(fills(some, wanted) for some in sittings(found, sum(wanted.values())))
    assert can_fill(wanted, found) == by_hand


def test_a_person_with_two_roles_or_two_covers_is_one_person() -> None:
    assert not can_fill({"sponsor": 1, "reviewer": 1}, [Seat(1, 1, "sponsor"), Seat(1, 1, "reviewer")])
    assert not can_fill({"sponsor": 2}, [Seat(9, 1, "sponsor"), Seat(9, 2, "sponsor")])
    assert not can_fill({"sponsor": 2}, [Seat(8, 1, "sponsor"), Seat(9, 1, "sponsor")])
    assert can_fill({"sponsor": 2}, [Seat(8, 1, "sponsor"), Seat(9, 2, "sponsor")])
    assert can_fill({}, [])
    assert not can_fill({"sponsor": 1}, [])


def test_a_large_committee_with_many_covers_is_looked_through_in_time() -> None:
    found = [Seat(one, one, role) for one in range(20) for role in ROLES]
    found += [Seat(100 + one, one, "sponsor") for one in range(20)]
    assert can_fill({"sponsor": 10, "reviewer": 10}, found)
    assert not can_fill({"reviewer": 20, "sponsor": 1}, found)


taken = st.lists(st.builds(Taken, seats, st.sampled_from(["approve", "approve_with_conditions"])), max_size=2)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """A table whose answers come each from another person and another seat, as the database holds them."""
    heard: list[Taken] = []
    for one in draw(taken):
        if all(one.seat.decider != other.seat.decider and one.seat.holder != other.seat.holder for other in heard):
            heard.append(one)
    return Table(rules={"quorum": draw(quorums)}, offered=tuple(draw(chairs)), taken=tuple(heard))


def met_by(table: Table, more: Sequence[Seat]) -> bool:
    answers = [policy.Answer(one.seat.role, "approve") for one in table.taken]
    return policy.is_met(table.rules, [*answers, *(policy.Answer(one.role, "approve") for one in more)])


@quick
@given(tables())
def test_a_seat_is_free_when_neither_its_decider_nor_its_holder_was_heard(table: Table) -> None:
    for one in table.offered:
        heard = any(one.decider == other.seat.decider or one.holder == other.seat.holder for other in table.taken)
        assert (one in table.free) == (not heard)


@quick
@given(tables())
def test_a_round_can_be_met_when_some_people_who_are_left_could_meet_it(table: Table) -> None:
    most = len(table.free)
    by_hand = any(met_by(table, some) for count in range(most + 1) for some in sittings(table.free, count))
    assert table.can_be_met == by_hand
    assert table.is_met == met_by(table, ())
    assert not table.is_met or table.can_be_met


@quick
@given(tables(), seats, st.sampled_from(["reject", "request_changes"]))
def test_after_a_no_nothing_can_be_met(table: Table, from_seat: Seat, verdict: str) -> None:
    told = Table(rules=table.rules, offered=table.offered, taken=(*table.taken, Taken(from_seat, verdict)))
    assert not told.is_met
    assert not told.can_be_met


@quick
@given(tables(), people)
def test_people_are_offered_their_own_seat_first_and_one_that_spoils_nothing(table: Table, person: int) -> None:
    rules = table.rules
    known = tuple(one for one in table.offered if one.role in policy.approver_roles(rules))
    table = Table(rules=rules, offered=known, taken=table.taken)
    mine = table.of(person)
    assert set(mine) == {one for one in table.free if one.decider == person}
    own = [one.is_own for one in mine]
    assert own == sorted(own, reverse=True)

    def still_possible(one: Seat) -> bool:
        return Table(rules=rules, offered=known, taken=(*table.taken, Taken(one, "approve"))).can_be_met

    for kind in (True, False):
        possible = [still_possible(one) for one in mine if one.is_own is kind]
        assert possible == sorted(possible, reverse=True)


@quick
@given(quorums, st.dictionaries(roles, st.integers(0, 3)))
def test_a_role_is_still_needed_while_some_way_has_too_few_of_it(node: dict[str, Any], given: dict[str, int]) -> None:
    found = still_needed({"quorum": node}, given)
    for role in ROLES:
        assert (role in found) == any(given.get(role, 0) < way.get(role, 0) for way in policy.ways(node))
    assert still_needed({"quorum": None}, given) == frozenset()


@quick
@given(tables())
def test_what_is_said_to_be_needed_is_the_way_that_asks_for_the_fewest(table: Table) -> None:
    lacking = sum(need - filled for _, filled, need in table.needed())
    given = {role: sum(one.seat.role == role for one in table.taken) for role in ROLES}
    node = policy.quorum_of(table.rules)
    assert node is not None
    fewest = min(sum(max(0, need - given[role]) for role, need in way.items()) for way in policy.ways(node))
    assert lacking == fewest
    assert (lacking == 0) == table.is_met
    assert all(0 <= filled <= need for _, filled, need in table.needed())
    assert Table(rules={}, offered=table.offered).needed() == []


def test_a_seat_spoils_the_quorum_where_only_the_same_person_could_fill_the_rest() -> None:
    rules = {"quorum": {"and": [seat("sponsor"), seat("reviewer")]}}
    # 1 has both roles and sits for 3, who cannot; 2 could be the sponsor. So 1 is offered the reviewer's seat first.
    offered = (Seat(1, 1, "sponsor"), Seat(1, 1, "reviewer"), Seat(1, 3, "reviewer"), Seat(2, 2, "sponsor"))
    mine = Table(rules=rules, offered=offered).of(1)
    assert [(one.holder, one.role) for one in mine] == [(1, "reviewer"), (1, "sponsor"), (3, "reviewer")]


def test_the_way_with_the_fewest_missing_is_said_though_it_comes_later() -> None:
    rules = {"quorum": {"or": [seat("risk_officer", 2), {"and": [seat("sponsor"), seat("reviewer")]}]}}
    table = Table(rules=rules, offered=(), taken=(Taken(Seat(1, 1, "sponsor"), "approve"),))
    assert table.needed() == [("sponsor", 1, 1), ("reviewer", 0, 1)]


def test_nobody_is_offered_anything_by_rules_that_are_not_understood() -> None:
    table = Table(rules={"quorum": {"any": []}}, offered=())
    assert (table.is_met, table.can_be_met, table.of(1), table.free) == (False, False, (), ())
