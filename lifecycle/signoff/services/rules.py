"""Which rules a round is decided by: the policy of the risk tier, the gate of the stage, signed exceptions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Role, Stage
from lifecycle.projects.standing_in import delegations_in_force
from lifecycle.signoff import policy
from lifecycle.signoff.manifest import authors_of
from lifecycle.signoff.permits.rounds import offered_seats, present_members
from lifecycle.signoff.policy_words import who_decides
from lifecycle.signoff.seats import Seat, Table
from lifecycle.signoff.services.policies import policy_in_force
from lifecycle.signoff.services.waivers import apply_waivers, waivers_for


def rules_for(stage: Stage, *, today: date, emergency: bool = False) -> dict[str, Any]:
    """The policy that a round submitted today would copy; "all" is not counted yet. Two queries.

    In an emergency the policy's own short quorum takes the place of the full one. A gate that asks for an independent
    reviewer, or has a quorum of its own, adds to the tier's; a signed exception comes last and takes away.
    """
    rules = dict(policy_in_force(stage.project.risk))
    rules["tier"] = str(stage.project.risk)
    if emergency:
        rules["regular"] = rules["quorum"]
        rules["quorum"] = rules["emergency"]
        rules["name"] = who_decides(policy.quorum_of(rules))
        return rules
    node = policy.quorum_of(rules)
    if node is not None:
        # An exception takes a role out of each of them before they are joined. Of joined ones it would take more away:
        # out of "a reviewer and a risk officer, or two sponsors and a risk officer" it makes a risk officer alone.
        rules["quorum"] = {"both": [node, *policy.of_gate(stage.gate)]}
    name = rules.get("name")
    rules = apply_waivers(rules, waivers_for(stage, today))
    if node is not None:
        rules["quorum"] = policy.merged(rules["quorum"])
        if rules.get("name") != name:
            rules["name"] = who_decides(rules["quorum"])
    return rules


def rules_and_seats(
    stage: Stage, actor: User, manifest: Mapping[str, Any], *, today: date, emergency: bool
) -> tuple[dict[str, Any], tuple[Seat, ...]]:
    """The rules that a round of today copies, and the seats that it would have.

    Raises Refused (nobody_may_decide) where these people could not meet the quorum: a round starts only if it can end.
    """
    rules = rules_for(stage, today=today, emergency=emergency)
    seats = offered_seats(
        rules=rules,
        requester_id=actor.pk,
        authors=authors_of(manifest),
        members=present_members(stage.project),
        delegations=delegations_in_force(stage.project, today),
    )
    rules = with_all_counted(rules, seats)
    if not Table(rules=rules, offered=seats).can_be_met:
        lacking = who_is_missing(rules, seats)
        needed = policy.in_words(policy.quorum_of(rules), dict(Role.choices))
        raise Refused(
            f"Nobody could finish this round: it needs {needed}, who neither ask for the decision nor wrote part of the "
            f"evidence{', and there is no ' + ' and no '.join(lacking) if lacking else ''}. "
            "Name such people, then submit again.",
            code="nobody_may_decide",
        )
    return rules, seats


def with_all_counted(rules: Mapping[str, Any], seats: Iterable[Seat]) -> dict[str, Any]:
    """The rules with "all" turned into the number of people whose own seats these are."""
    node = policy.quorum_of(rules)
    if node is None:
        return dict(rules)
    holders = Counter(role for role, _ in {(seat.role, seat.holder) for seat in seats if seat.is_own})
    return {**rules, "quorum": policy.counted(node, holders)}


def who_is_missing(rules: Mapping[str, Any], seats: Iterable[Seat]) -> list[str]:
    """Roles of the quorum that nobody could answer in, as people call them."""
    filled = {seat.role for seat in seats}
    return [
        str(Role(role).label) for role in policy.approver_roles(rules) if role not in filled and role in Role.values
    ]
