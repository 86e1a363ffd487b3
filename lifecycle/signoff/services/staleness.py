"""Approvals that no longer fit their evidence: found as soon as the change is recorded."""

from __future__ import annotations

from foundation.audit.models import Entry
from foundation.notices.services import tell
from foundation.people.models import User
from lifecycle.projects.models import Role, people_in
from lifecycle.signoff import moves
from lifecycle.signoff.evidence import EvidenceKind, Item, all_kinds
from lifecycle.signoff.manifest import items_of, lapsed_items, lines_for, present_hashes
from lifecycle.signoff.models import Round
from lifecycle.signoff.services.lapsing import make_stale
from lifecycle.signoff.services.stuck import look_at_people, withdraw_where_work_ended

_CHECKED = moves.APPROVALS | moves.DECIDABLE | {moves.IN_FEEDBACK}


def on_entry(entry: Entry) -> None:
    """Listener on the trail. Its own entries are of kind `round`, which no evidence watches: it cannot call itself.

    Runs in the transaction of the deed that changed something. Queries: one for the rounds, one recheck per kind.
    """
    if entry.thing_kind in ("member", "delegation") or (entry.thing_kind, entry.verb) == ("person", "deactivate"):
        look_at_people(entry)
        return
    if entry.project_id is None:
        return
    if entry.thing_kind == "project":
        withdraw_where_work_ended(entry)
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
