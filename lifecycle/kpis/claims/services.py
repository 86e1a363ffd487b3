"""Deeds on claims: propose, agree to, dispute, settle, end, withdraw. All of them lock the KPI first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.claims import permits
from lifecycle.kpis.claims.models import ClaimEvent, KpiClaim
from lifecycle.kpis.claims.permits import CLAIMANT, KEEPER, OWNERS, may_move, may_propose, sides_of
from lifecycle.kpis.locking import locked_kpi
from lifecycle.kpis.models import Kpi
from lifecycle.kpis.periods import aligned
from lifecycle.kpis.shares import equal_shares, shapley_shares
from lifecycle.projects.models import Project, people_in

KIND = "claim"
State, Deed, Rule = KpiClaim.State, ClaimEvent.Deed, KpiClaim.Rule
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
    `equal` from the number of projects that claim in the first month. Who answers for a side agrees to it by proposing;
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
    _turn(claim, Deed.PROPOSED, actor, claim.proposed_at, note)
    sides = {CLAIMANT, KEEPER} if claim.is_own else sides_of(actor, claim)
    # Nobody agrees for two projects at once: the side of the one that claims comes first.
    if CLAIMANT in sides:
        _sign(claim, CLAIMANT, actor)
    if claim.is_own or (KEEPER in sides and CLAIMANT not in sides):
        _sign(claim, KEEPER, actor)
    if sides:
        _consented(claim, actor, "")
    _told(claim, actor, f"{claim.project.name} claims {_percent(claim.share)} of {claim.kpi.name}", note)
    _record(claim, "propose_claim", actor, {}, note)
    return claim


@transaction.atomic
def consent_to_claim(*, actor: User, claim_id: int, note: str = "") -> KpiClaim:
    """Agree for the side for which the person answers. With both consents it is agreed, or disputed if it is too much.

    Raises Refused: not_permitted, claim_closed, claim_answered, four_eyes.
    """
    claim = _locked(claim_id)
    may_move(actor, permits.CONSENT, claim).demand()
    before = _content(claim)
    _sign(claim, permits.open_side(claim, sides_of(actor, claim)), actor)
    _consented(claim, actor, note)
    said = (
        "is in dispute: together the claims are more than the whole" if claim.state == State.DISPUTED else "is agreed"
    )
    if claim.state != State.PROPOSED:
        _told(claim, actor, f"The claim of {claim.project.name} on {claim.kpi.name} {said}", note)
    _record(claim, "consent_to_claim", actor, before, note)
    return claim


@transaction.atomic
def dispute_claim(*, actor: User, claim_id: int, reason: str) -> KpiClaim:
    """Say that a claim is not right. One that both sides had agreed to goes on counting until it is settled.

    Raises Refused: not_permitted, claim_closed, claim_disputed, reason_missing.
    """
    claim = _locked(claim_id)
    may_move(actor, permits.DISPUTE, claim).demand()
    if not reason.strip():
        raise Refused(
            "Say why you dispute it. The other side has to be able to answer.",
            code="reason_missing", status=400, field="reason",
        )  # fmt: skip
    before = _content(claim)
    claim.state = State.DISPUTED
    claim.save(update_fields=["state"])
    _turn(claim, Deed.DISPUTED, actor, timezone.now(), reason)
    _told(claim, actor, f"The claim of {claim.project.name} on {claim.kpi.name} is disputed", reason)
    _record(claim, "dispute_claim", actor, before, reason)
    return claim


@transaction.atomic
def settle_claim(*, actor: User, claim_id: int, note: str = "") -> KpiClaim:
    """End a dispute: the claim is agreed as it stands, if there is room for it, or open again if a consent is missing.

    Raises Refused: not_permitted, claim_closed, claim_answered, claims_exceed_whole.
    """
    claim = _locked(claim_id)
    may_move(actor, permits.SETTLE, claim).demand()
    before = _content(claim)
    if claim.has_both_consents and (excess := _excess(claim)):
        raise Refused(
            f"Together with the other claims this would be {_percent(1 + excess[1])} in {excess[0]:%B %Y}. "
            "End, withdraw or lower one of them first.",
            code="claims_exceed_whole",
        )
    claim.state = State.AGREED if claim.has_both_consents else State.PROPOSED
    claim.save(update_fields=["state"])
    _turn(claim, Deed.SETTLED, actor, timezone.now(), note)
    _told(claim, actor, f"The dispute about {claim.kpi.name} is settled", note)
    _record(claim, "settle_claim", actor, before, note)
    return claim


@transaction.atomic
def end_claim(*, actor: User, claim_id: int, until: date, note: str = "") -> KpiClaim:
    """Let the claim count up to and with the month of `until`; months before stay as they are.

    Raises Refused: not_permitted, claim_closed, months_backward, end_not_earlier.
    """
    claim = _locked(claim_id)
    may_move(actor, permits.END, claim).demand()
    last = aligned(until, "month")
    if last < claim.from_month:
        raise Refused(
            f"The claim begins in {claim.from_month:%B %Y}. Choose that month or a later one, or withdraw the claim.",
            code="months_backward", status=400, field="until",
        )  # fmt: skip
    if claim.until is not None and last >= claim.until:
        raise Refused(
            f"The claim ends in {claim.until:%B %Y} already. An end can only be made earlier; for more, propose a claim.",
            code="end_not_earlier", status=400, field="until",
        )  # fmt: skip
    before = _content(claim)
    claim.until = last
    claim.save(update_fields=["until"])
    _turn(claim, Deed.ENDED, actor, timezone.now(), note)
    _record(claim, "end_claim", actor, before, note)
    return claim


@transaction.atomic
def withdraw_claim(*, actor: User, claim_id: int, reason: str = "") -> KpiClaim:
    """Take a claim back: new reports count none of it; reports as of earlier days still do.

    Raises Refused: not_permitted, claim_closed.
    """
    claim = _locked(claim_id)
    may_move(actor, permits.WITHDRAW, claim).demand()
    before = _content(claim)
    _withdraw(claim, actor, reason)
    _told(claim, actor, f"{claim.project.name} withdrew its claim on {claim.kpi.name}", reason)
    _record(claim, "withdraw_claim", actor, before, reason)
    return claim


def claim_own(kpi: Kpi, share: Decimal, actor: User) -> KpiClaim:
    """What the KPI's own project counts from its first month on; claims of its own so far are withdrawn.

    A part of a deed on the KPI: the caller has locked it, asked the permit, and writes the entry.
    """
    for former in KpiClaim.objects.select_for_update().filter(kpi=kpi, project_id=kpi.project_id):
        if former.state != State.WITHDRAWN:
            _withdraw(former, actor, "The share was set anew.")
    claim = KpiClaim(
        kpi=kpi, project=kpi.project, share=share_of(share, "attribution"),
        from_month=aligned(kpi.project.started_on, "month"), proposed_by=actor, proposed_at=timezone.now(),
    )  # fmt: skip
    claim.save(force_insert=True)
    _turn(claim, Deed.PROPOSED, actor, claim.proposed_at, "")
    for side in (CLAIMANT, KEEPER):
        _sign(claim, side, actor)
    _consented(claim, actor, "")
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
    if rule == Rule.EQUAL and share is None:
        holders = {claim.project_id for claim in _holding(kpi, month)} | {project.pk}
        parts = equal_shares(len(holders))
        return parts[sorted(holders).index(project.pk)], {"projects": len(holders)}
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


def _holding(kpi: Kpi, month: date) -> list[KpiClaim]:
    """Claims that ask for a share in the month."""
    rows = KpiClaim.objects.filter(kpi=kpi, from_month__lte=month).exclude(state=State.WITHDRAWN)
    return [claim for claim in rows if claim.until is None or claim.until >= month]


def _excess(claim: KpiClaim) -> tuple[date, Decimal] | None:
    """The month in which the agreed claims and this one are most, and by how much more than the whole; None if they fit.

    Sums rise only where a claim begins.
    """
    others = list(KpiClaim.objects.filter(kpi_id=claim.kpi_id, state=State.AGREED).exclude(pk=claim.pk))
    months = {claim.from_month} | {
        other.from_month
        for other in others
        if other.from_month >= claim.from_month and (claim.until is None or other.from_month <= claim.until)
    }
    worst: tuple[date, Decimal] | None = None
    for month in sorted(months):
        held = [one.share for one in others if one.from_month <= month and (one.until is None or one.until >= month)]
        over = sum(held, claim.share) - 1
        if over > 0 and (worst is None or over > worst[1]):
            worst = month, over
    return worst


def _locked(claim_id: int) -> KpiClaim:
    """The claim, with its KPI and their project locked first: deeds on the claims of a KPI queue."""
    kpi = locked_kpi(KpiClaim.objects.values_list("kpi_id", flat=True).get(pk=claim_id))
    claim = KpiClaim.objects.select_for_update(of=("self",)).select_related("project").get(pk=claim_id)
    claim.kpi = kpi
    return claim


def _sign(claim: KpiClaim, side: str, actor: User) -> None:
    setattr(claim, f"{side}_by", actor)
    setattr(claim, f"{side}_at", timezone.now())


def _consented(claim: KpiClaim, actor: User, note: str) -> None:
    """Store the consent; with both, the claim is agreed, or in dispute where it would be more than the whole."""
    if claim.has_both_consents:
        claim.state = State.DISPUTED if _excess(claim) else State.AGREED
    claim.save(update_fields=["state", "claimant_by", "claimant_at", "keeper_by", "keeper_at"])
    _turn(claim, Deed.CONSENTED, actor, timezone.now(), note)


def _withdraw(claim: KpiClaim, actor: User, reason: str) -> None:
    claim.state = State.WITHDRAWN
    claim.save(update_fields=["state"])
    _turn(claim, Deed.WITHDRAWN, actor, timezone.now(), reason)


def _turn(claim: KpiClaim, deed: str, actor: User, at: datetime, note: str) -> None:
    ClaimEvent.objects.create(
        claim=claim, deed=deed, state=claim.state, counts=claim.counts, until=claim.until, by=actor, at=at,
        note=note[:300],
    )  # fmt: skip


def _told(claim: KpiClaim, actor: User, subject: str, comment: str) -> None:
    """Those who answer for the two projects; a project's claim on its own KPI is news to nobody."""
    if claim.is_own and claim.state != State.DISPUTED:
        return
    people = {
        person.pk: person for project in (claim.project, claim.kpi.project) for person in people_in(project, *OWNERS)
    }
    ends = f" to {claim.until:%B %Y}" if claim.until else " on"
    tell(
        people=people.values(),
        kind="kpi_claim",
        subject=subject,
        body=f"{_percent(claim.share)} of the change of {claim.kpi.name}, from {claim.from_month:%B %Y}{ends}.",
        link=f"{claim.kpi.get_absolute_url()}claims/",
        actor=actor,
        project_id=claim.kpi.project_id,
        why="You answer for one of the two projects.",
        comment=comment,
    )


def _record(claim: KpiClaim, verb: str, actor: User, before: dict[str, Any], reason: str) -> None:
    record(
        actor=actor, verb=verb, thing=claim, kind=KIND, project_id=claim.kpi.project_id, before=before,
        after=_content(claim), reason=reason,
    )  # fmt: skip


def _content(claim: KpiClaim) -> dict[str, Any]:
    return {
        "kpi": claim.kpi.key,
        "project": claim.project.key,
        "share": format(claim.share.normalize(), "f"),
        "from_month": claim.from_month.isoformat(),
        "until": claim.until.isoformat() if claim.until else None,
        "rule": str(claim.rule),
        "state": str(claim.state),
        "claimant": claim.claimant_by_id,
        "keeper": claim.keeper_by_id,
    }


def _percent(share: Decimal) -> str:
    return f"{format((100 * share).normalize(), 'f')} %"
