"""Propose a claim: its share is given, or worked out by the rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.claims.models import KpiClaim
from lifecycle.kpis.claims.permits import CLAIMANT, KEEPER, may_propose, sides_of
from lifecycle.kpis.claims.services.writing import (
    Deed,
    State,
    keep_consent,
    percent,
    sign,
    take_back,
    tell_owners,
    turn,
    write_entry,
)
from lifecycle.kpis.locking import locked_kpi
from lifecycle.kpis.models import Kpi
from lifecycle.kpis.periods import aligned
from lifecycle.kpis.shares import equal_shares, shapley_shares, shares_by_cases
from lifecycle.projects.models import Project

Rule = KpiClaim.Rule
LARGEST_GAME = 6  # projects of a Shapley split: 63 values to estimate are more than anybody can


def share_of(value: object, field: str = "share") -> Decimal:
    """A share as Decimal with at most five digits. Raises Refused for a float and for what is no share."""
    if isinstance(value, float):
        raise Refused(
            'Shares are exact, and a binary float is not. Send the share as text, such as "0.4".',
            code="share_is_float", status=400, field=field,
        )  # fmt: skip
    if not isinstance(value, Decimal) or not value.is_finite() or not 0 <= value <= 1:
        raise Refused("A share lies between 0 and 1; 0.5 is a half.", code="share_invalid", status=400, field=field)
    if value != value.quantize(Decimal("0.00001")):
        raise Refused(
            "A share has at most five digits after the point. Round it.", code="share_invalid", status=400, field=field
        )
    return value


@transaction.atomic
def propose_claim(
    *,
    actor: User,
    kpi: Kpi,
    project: Project,
    from_month: date,
    share: Decimal | None = None,
    until: date | None = None,
    rule: str = Rule.AGREED,
    coalitions: Mapping[frozenset[str], Decimal] | None = None,
    note: str = "",
) -> KpiClaim:
    """A claim of `project` on the KPI from the month of one day to that of another (None: open).

    The share is given, or worked out: for `shapley` from the worth of every coalition of projects (by key), for
    `segments` from the cases of each project's segment (sets of one key, if any are given), for `equal` from the number of projects that claim in the first month. Who answers for a side agrees to it by proposing;
    on a KPI of its own a project needs no second consent. What would be more than the whole is kept as disputed.
    Raises Refused: not_permitted, project_read_only, rule_unknown, share_invalid, share_is_float, months_backward,
    coalitions_invalid.
    """
    kpi = locked_kpi(kpi.pk)
    may_propose(actor, kpi, project).demand()
    if rule not in Rule.values:
        raise Refused(
            f"{rule!r} is no rule of splitting. Use one of: {', '.join(Rule.values)}.",
            code="rule_unknown", status=400, field="rule",
        )  # fmt: skip
    month, last = aligned(from_month, "month"), None if until is None else aligned(until, "month")
    if last is not None and last < month:
        raise Refused(
            "The last month lies before the first one. Exchange the two.",
            code="months_backward", status=400, field="until",
        )  # fmt: skip
    chosen, basis = _share(kpi, project, rule, share, coalitions, month)
    claim = KpiClaim(
        kpi=kpi, project=project, share=chosen, from_month=month, until=last, rule=rule, basis=basis, note=note[:300],
        proposed_by=actor, proposed_at=timezone.now(),
    )  # fmt: skip
    return _begin(claim, actor, note)


def _begin(claim: KpiClaim, actor: User, note: str) -> KpiClaim:
    claim.save(force_insert=True)
    turn(claim, Deed.PROPOSED, actor, claim.proposed_at, note)
    sides = {CLAIMANT, KEEPER} if claim.is_own else sides_of(actor, claim)
    # Nobody agrees for two projects at once: the side of the one that claims comes first.
    if CLAIMANT in sides:
        sign(claim, CLAIMANT, actor)
    if claim.is_own or (KEEPER in sides and CLAIMANT not in sides):
        sign(claim, KEEPER, actor)
    if sides:
        keep_consent(claim, actor, "")
    tell_owners(claim, actor, f"{claim.project.name} claims {percent(claim.share)} of {claim.kpi.name}", note)
    write_entry(claim, "propose_claim", actor, {}, note)
    return claim


def claim_own(kpi: Kpi, share: Decimal, actor: User) -> KpiClaim:
    """What the KPI's own project counts from its first month on; claims of its own so far are withdrawn.

    A part of a deed on the KPI: the caller has locked it, asked the permit, and writes the entry.
    """
    for former in KpiClaim.objects.select_for_update().filter(kpi=kpi, project_id=kpi.project_id):
        if former.state != State.WITHDRAWN:
            take_back(former, actor, "The share was set anew.")
    claim = KpiClaim(
        kpi=kpi, project=kpi.project, share=share_of(share, "attribution"),
        from_month=aligned(kpi.project.started_on, "month"), proposed_by=actor, proposed_at=timezone.now(),
    )  # fmt: skip
    claim.save(force_insert=True)
    turn(claim, Deed.PROPOSED, actor, claim.proposed_at, "")
    for side in (CLAIMANT, KEEPER):
        sign(claim, side, actor)
    keep_consent(claim, actor, "")
    return claim


def _share(
    kpi: Kpi,
    project: Project,
    rule: str,
    share: Decimal | None,
    coalitions: Mapping[frozenset[str], Decimal] | None,
    month: date,
) -> tuple[Decimal, dict[str, Any]]:
    """The share, and what it was worked out from."""
    if rule == Rule.SHAPLEY:
        return _shapley(project, coalitions or {})
    if rule == Rule.SEGMENTS and coalitions:
        return _by_cases(project, coalitions)
    if rule == Rule.EQUAL and share is None:
        holders = {claim.project_id for claim in _holding(kpi, month)} | {project.pk}
        parts = equal_shares(len(holders))
        return parts[sorted(holders).index(project.pk)], {"projects": len(holders)}
    if share is None and rule == Rule.SEGMENTS:
        raise Refused(
            "Say which share is claimed, or how many cases each project's segment has, such as triage: 400.",
            code="share_invalid", status=400, field="share",
        )  # fmt: skip
    if share is None:
        raise Refused("Say which share is claimed; 0.5 is a half.", code="share_invalid", status=400, field="share")
    return share_of(share), {}


def _shapley(project: Project, coalitions: Mapping[frozenset[str], Decimal]) -> tuple[Decimal, dict[str, Any]]:
    def refuse(sentence: str) -> Refused:
        return Refused(sentence, code="coalitions_invalid", status=400, field="coalitions")

    players = frozenset[str]().union(*coalitions)
    if project.key not in players:
        raise refuse(f"No value names {project.key}. Give what each project brings alone and what they bring together.")
    if len(players) > LARGEST_GAME:
        raise refuse(f"A Shapley split is worked out for at most {LARGEST_GAME} projects. Agree on shares instead.")
    if any(not isinstance(value, Decimal) or not value.is_finite() for value in coalitions.values()):
        raise refuse('Values are sent as text, such as "60".')
    try:
        shares = shapley_shares(coalitions)
    except ValueError as error:
        raise refuse(f"{error} Check the values.") from None
    values = {" + ".join(sorted(names)): format(value, "f") for names, value in coalitions.items() if names}
    return shares[project.key], {"values": dict(sorted(values.items()))}


def _by_cases(project: Project, given: Mapping[frozenset[str], Decimal]) -> tuple[Decimal, dict[str, Any]]:
    def refuse(sentence: str) -> Refused:
        return Refused(sentence, code="coalitions_invalid", status=400, field="coalitions")

    if any(len(names) != 1 for names in given):
        raise refuse("A segment belongs to one project. Give the cases of each by its key, such as triage: 400.")
    cases = {next(iter(names)): value for names, value in given.items()}
    if project.key not in cases:
        raise refuse(f"No line names {project.key}. Give the cases of its segment, and those of the others.")
    if any(not isinstance(value, Decimal) or not value.is_finite() for value in cases.values()):
        raise refuse('Cases are sent as text, such as "400".')
    try:
        shares = shares_by_cases(cases)
    except ValueError as error:
        raise refuse(f"{error} Check the values.") from None
    return shares[project.key], {"cases": {key: format(cases[key], "f") for key in sorted(cases)}}


def _holding(kpi: Kpi, month: date) -> list[KpiClaim]:
    """Claims that ask for a share in the month."""
    rows = KpiClaim.objects.filter(kpi=kpi, from_month__lte=month).exclude(state=State.WITHDRAWN)
    return [claim for claim in rows if claim.until is None or claim.until >= month]
