"""Approvals that no longer fit their evidence: found as soon as the change is recorded."""

from __future__ import annotations

from django.utils import timezone

from foundation.audit.models import Entry
from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from lifecycle.projects.models import Role, people_in
from lifecycle.signoff import moves
from lifecycle.signoff.evidence import EvidenceKind, Item, all_kinds
from lifecycle.signoff.manifest import Line, items_of, lapsed_items, lines_for, present_hashes
from lifecycle.signoff.models import Round
from lifecycle.signoff.permits import deciders_of

_CHECKED = moves.APPROVALS | moves.DECIDABLE


def on_entry(entry: Entry) -> None:
    """Listener on the trail. Its own entries are of kind `round`, which no evidence watches: it cannot call itself.

    Runs in the transaction of the deed that changed something. Queries: one for the rounds, one recheck per kind.
    """
    if entry.project_id is None:
        return
    if entry.thing_kind == "member":
        _tell_when_nobody_may_decide(entry.project_id, entry.seq)
        return
    watching = [kind for kind in all_kinds() if entry.thing_kind in kind.watches]
    if watching:
        _recheck(entry.project_id, entry.actor, watching)


def _recheck(project_id: int, actor: User | None, watching: list[EvidenceKind]) -> None:
    names = {kind.name for kind in watching}
    rounds = list(
        Round.objects.filter(project_id=project_id, stage__is_current=True, state__in=_CHECKED).select_related(
            "stage__project", "project", "requester"
        )
    )
    pinned: dict[int, list[Item]] = {
        review.pk: [item for item in items_of(review.manifest) if item.kind in names] for review in rounds
    }
    every = {item.key: item for items in pinned.values() for item in items}
    if not every:
        return
    present = present_hashes(rounds[0].project, every.values(), watching)
    for review in rounds:
        lapsed = lapsed_items(pinned[review.pk], present)
        if not lapsed:
            continue
        lines = lines_for(review.stage, lapsed, present)
        if review.state in moves.APPROVALS:
            make_stale(review, lines, actor=actor)
        else:
            _tell_asked_in_vain(review)


def make_stale(review: Round, lines: list[Line], *, actor: User | None) -> bool:
    """Mark an approval as stale and tell signers and leads; False when it is no approval any more.

    A row that another deed holds is left to it: only going back locks approvals, and it makes them stale itself.
    """
    locked: Round | None = (
        Round.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk=review.pk, state__in=moves.APPROVALS)
        .first()
    )
    if locked is None:
        return False
    before = locked.state
    locked.apply("go_stale")
    locked.lapsed_at = timezone.now()
    locked.difference = lines
    locked.save(update_fields=["state", "lapsed_at", "difference"])
    signers = [decision.decider for decision in locked.decisions.select_related("decider")]
    tell(
        people=[*signers, *people_in(review.project, Role.LEAD)],
        kind="approval_stale",
        subject=f"Changed since it was approved: {review.title}",
        body="\n".join(
            [
                f"The approval of {review.stage.name} in {review.project.name} no longer fits its evidence.",
                *(said(line) for line in lines),
                "Later stages stay open. The lead may submit the stage again.",
            ]
        ),
        link=review.get_absolute_url(),
        actor=actor,
        project_id=review.project_id,
        event_key=f"approval_stale:{review.pk}",
    )
    record(
        actor=None,
        verb="approval_went_stale",
        thing=review,
        kind="round",
        project_id=review.project_id,
        before={"state": before},
        after={"state": locked.state, "difference": lines},
    )
    review.state, review.lapsed_at, review.difference = locked.state, locked.lapsed_at, locked.difference
    return True


def said(line: Line) -> str:
    """A line of a difference as a sentence."""
    if line["kind"] == "gone":
        return f"{line['label']}: gone (was {line['was']})"
    if line["kind"] == "added":
        return f"{line['label']}: added ({line['now']})"
    if line["kind"] == "returned":
        return line["label"]
    return f"{line['label']}: {line['was']}, now {line['now']}"


def _tell_asked_in_vain(review: Round) -> None:
    """Evidence changed while a decision is awaited: who asked must submit again, and is told even as the author."""
    tell(
        people=[review.requester, *people_in(review.project, Role.LEAD)],
        kind="round_evidence_changed",
        subject=f"The evidence changed while it is being decided: {review.title}",
        body="It can no longer be decided as submitted. Withdraw the round and submit the stage again.",
        link=review.get_absolute_url(),
        project_id=review.project_id,
        event_key=f"round_evidence_changed:{review.pk}",
    )


def _tell_when_nobody_may_decide(project_id: int, seq: int) -> None:
    """Somebody left while a decision is awaited: the leads learn it when nobody is left who may decide."""
    for review in Round.objects.filter(project_id=project_id, state__in=moves.DECIDABLE).select_related(
        "project", "stage"
    ):
        if not deciders_of(review):
            tell(
                people=people_in(review.project, Role.LEAD),
                kind="round_nobody",
                subject=f"Nobody may decide any more: {review.title}",
                body="Name another sponsor who wrote none of the evidence, or withdraw the round.",
                link=review.get_absolute_url(),
                project_id=review.project_id,
                event_key=f"round_nobody:{review.pk}:{seq}",
            )
