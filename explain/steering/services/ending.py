"""Proposals that end without an answer: taken back, or overtaken by a newer report or the project's own end."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from explain.steering import moves
from explain.steering.models import Proposal
from explain.steering.permits import may_withdraw, signers_of
from explain.steering.services.deciding import COMMENT_LIMIT, held
from explain.steering.services.proposing import KIND
from foundation.audit.models import Entry
from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from lifecycle.projects.models import Project
from lifecycle.projects.services.texts import sound_text

OVERTAKING = ("complete_outcome_report", "stop_project", "close_project")


@transaction.atomic
def withdraw_proposal(*, actor: User, proposal_id: int, reason: str) -> Proposal:
    """Take a proposal back before it is answered. Raises Refused: empty, text_too_long, not_permitted, proposal_closed."""
    words = sound_text(reason, limit=COMMENT_LIMIT, field="reason", what="The reason").strip()
    proposal = held(proposal_id)
    may_withdraw(actor, proposal).demand()
    _end(proposal, moves.WITHDRAWN, words, actor, "withdraw_proposal")
    return proposal


def on_entry(entry: Entry) -> None:
    """Listener on the trail: in the transaction of the deed that overtakes it, an open proposal is superseded."""
    if entry.verb not in OVERTAKING or entry.project_id is None:
        return
    found = Proposal.objects.select_related("project", "proposed_by", "report").defer(
        "report__inputs", "report__result"
    )
    proposal = found.filter(project_id=entry.project_id, state=moves.OPEN).first()
    if proposal is None:
        return
    if proposal.project.state in (Project.State.STOPPED, Project.State.CLOSED):
        why = f"The project was {proposal.project.get_state_display()} before the answer."
    elif not proposal.report.is_current:
        why = "A newer outcome report came before the answer. Propose anew on that one."
    else:
        return
    _end(proposal, moves.SUPERSEDED, why, None, "supersede_proposal")


def _end(proposal: Proposal, state: str, why: str, actor: User | None, verb: str) -> None:
    proposal.state, proposal.closed_at, proposal.answer = state, timezone.now(), why
    proposal.save(update_fields=["state", "closed_at", "answer"])
    tell(
        people={*(one.person for one in signers_of(proposal)), proposal.proposed_by},
        kind="proposal_ended",
        subject=f"{proposal.project.name}: the proposal to {proposal.get_what_display()} is {proposal.get_state_display()}",
        body=why,
        link=proposal.get_absolute_url(),
        actor=actor,
        project_id=proposal.project_id,
    )
    record(
        actor=actor,
        verb=verb,
        thing=proposal,
        kind=KIND,
        project_id=proposal.project_id,
        before={"state": moves.OPEN},
        after={"state": state},
        reason=why,
    )
