"""Seats of a round: who may take which, for whom, and whether the quorum can still be met. No database.

A seat belongs to a holder of a role. Its holder takes it, or somebody who stands in for them, once. A person takes one
seat of a round at most, so a quorum of three is three different people.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lifecycle.signoff import policy

Edges = dict[Any, dict[Any, int]]


@dataclass(frozen=True)
class Seat:
    """A way to answer: `decider` in `role`, in the seat of `holder` (the same person, or whom they stand in for)."""

    decider: int
    holder: int
    role: str

    @property
    def is_own(self) -> bool:
        return self.decider == self.holder


@dataclass(frozen=True)
class Taken:
    """A seat that was answered from."""

    seat: Seat
    verdict: str


@dataclass(frozen=True)
class Table:
    """All seats of a round that people may take now, and those that were taken."""

    rules: Mapping[str, Any]
    offered: tuple[Seat, ...]
    taken: tuple[Taken, ...] = ()

    @cached_property
    def free(self) -> tuple[Seat, ...]:
        """Seats that can still be taken: neither their decider nor their holder has been heard."""
        deciders = {one.seat.decider for one in self.taken}
        holders = {one.seat.holder for one in self.taken}
        return tuple(seat for seat in self.offered if seat.decider not in deciders and seat.holder not in holders)

    @property
    def is_met(self) -> bool:
        """Whether the answers approve."""
        return policy.is_met(self.rules, [policy.Answer(one.seat.role, one.verdict) for one in self.taken])

    @property
    def can_be_met(self) -> bool:
        """Whether yes from everybody who is left would approve. A no has closed the round already."""
        return self._can_be_met(self.free, {})

    def of(self, person: int) -> tuple[Seat, ...]:
        """Free seats that a person may take, their own first, those first whose role is still needed."""
        mine = [seat for seat in self.free if seat.decider == person]
        order = {role: place for place, role in enumerate(policy.approver_roles(self.rules))}
        return tuple(
            sorted(mine, key=lambda seat: (not seat.is_own, self._spoils(seat), order[seat.role], seat.holder))
        )

    def needed(self) -> list[tuple[str, int, int]]:
        """(role, seats filled, seats asked for) of the way that asks for the fewest further people."""
        node = policy.quorum_of(self.rules)
        if node is None:
            return []
        given = self._given()
        way = min(
            policy.ways(node), key=lambda way: sum(max(0, need - given.get(role, 0)) for role, need in way.items())
        )
        return [(role, min(given.get(role, 0), need), need) for role, need in way.items()]

    def _given(self) -> dict[str, int]:
        given: dict[str, int] = {}
        for one in self.taken:
            if one.verdict in policy.YES:
                given[one.seat.role] = given.get(one.seat.role, 0) + 1
        return given

    def _spoils(self, seat: Seat) -> bool:
        """Whether taking this seat leaves a quorum that the others cannot fill any more."""
        rest = [free for free in self.free if free.decider != seat.decider and free.holder != seat.holder]
        return not self._can_be_met(rest, {seat.role: 1})

    def _can_be_met(self, seats: Iterable[Seat], more: Mapping[str, int]) -> bool:
        node = policy.quorum_of(self.rules)
        if node is None or any(one.verdict not in policy.YES for one in self.taken):
            return False
        given = self._given()
        seats = list(seats)
        for way in policy.ways(node):
            open_needs = {role: need - given.get(role, 0) - more.get(role, 0) for role, need in way.items()}
            if can_fill({role: need for role, need in open_needs.items() if need > 0}, seats):
                return True
        return False


def still_needed(rules: Mapping[str, Any], given: Mapping[str, int]) -> frozenset[str]:
    """Roles in which a further yes brings some way of the quorum on. `given`: yes so far by role."""
    node = policy.quorum_of(rules)
    if node is None:
        return frozenset()
    return frozenset(role for way in policy.ways(node) for role, need in way.items() if given.get(role, 0) < need)


def can_fill(needs: Mapping[str, int], seats: Iterable[Seat]) -> bool:
    """Whether different deciders in different holders' seats can fill all needs.

    Each person counts once as decider and once as holder. Where everybody who may sit in a holder's seats may sit in
    all of them, that is a flow. A stand-in for some of them only is tried both ways, in their place and not at all.
    """
    chairs = [seat for seat in dict.fromkeys(seats) if seat.role in needs]
    if not _flows(needs, chairs):
        return False
    narrow = _narrow_stand_in(chairs)
    if narrow is None:
        return True
    if can_fill(needs, [seat for seat in chairs if (seat.decider, seat.holder) != narrow]):
        return True
    decider, holder = narrow
    mine = [seat for seat in chairs if (seat.decider, seat.holder) == narrow]
    others = [seat for seat in chairs if seat.decider != decider and seat.holder != holder]
    return any(can_fill({**needs, seat.role: needs[seat.role] - 1}, others) for seat in mine if needs[seat.role] > 0)


def _narrow_stand_in(seats: Iterable[Seat]) -> tuple[int, int] | None:
    """(decider, holder) where the decider may take some of the holder's seats and not all; None without such a pair."""
    roles_of: dict[int, set[str]] = {}
    pairs: dict[tuple[int, int], set[str]] = {}
    for seat in seats:
        roles_of.setdefault(seat.holder, set()).add(seat.role)
        pairs.setdefault((seat.decider, seat.holder), set()).add(seat.role)
    return next((pair for pair, roles in pairs.items() if roles != roles_of[pair[1]]), None)


def _flows(needs: Mapping[str, int], seats: Iterable[Seat]) -> bool:
    """Whether a flow decider -> holder -> role fills all needs (Edmonds and Karp 1972)."""
    wanted = sum(needs.values())
    edges: Edges = {}

    def join(start: Any, end: Any, capacity: int) -> None:
        edges.setdefault(start, {})[end] = capacity
        edges.setdefault(end, {}).setdefault(start, 0)

    for seat in seats:
        join("source", ("decider", seat.decider), 1)
        # One unit runs through a holder: who has two roles is heard in one of them only.
        join(("decider", seat.decider), ("in", seat.holder), 1)
        join(("in", seat.holder), ("out", seat.holder), 1)
        join(("out", seat.holder), ("role", seat.role), 1)
    for role, need in needs.items():
        join(("role", role), "sink", need)
    flow = 0
    while flow < wanted and _augment(edges):
        flow += 1
    return flow == wanted


def _augment(edges: Edges) -> bool:
    """Push one unit along a shortest way with room left; False when there is none."""
    came: dict[Any, Any] = {"source": None}
    queue = deque(["source"])
    while queue and "sink" not in came:
        here = queue.popleft()
        for there, room in edges.get(here, {}).items():
            if room > 0 and there not in came:
                came[there] = here
                queue.append(there)
    if "sink" not in came:
        return False
    there = "sink"
    while came[there] is not None:
        here = came[there]
        edges[here][there] -= 1
        edges[there][here] += 1
        there = here
    return True
