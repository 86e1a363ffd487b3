"""Who may do what with criteria and acceptances. The project lead never signs for the customer."""

from __future__ import annotations

from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied
from lifecycle.acceptance import moves
from lifecycle.acceptance.models import Acceptance, AcceptanceCondition, CriterionChange
from lifecycle.projects.models import TEAM, Project, Role, Stage, people_in
from lifecycle.projects.permits import roles_of

JUDGES = frozenset({Role.LEAD, Role.CONTRIBUTOR, Role.REVIEWER, Role.CUSTOMER})
VERIFIERS = frozenset({Role.CUSTOMER, Role.SPONSOR, Role.REVIEWER})
_READS_ONLY = "Auditors read everything and change nothing."


def first_stage_is_approved(project: Project) -> bool:
    """Whether the present iteration of the first stage is approved: from then on criteria need the sponsor."""
    first = Stage.objects.filter(project=project, is_current=True).order_by("order").first()
    return first is not None and first.state == Stage.State.APPROVED


def may_set_criteria(
    actor: User, project: Project, *, roles: frozenset[str] | None = None, agreed: bool | None = None
) -> Verdict:
    """Sponsor or lead, until the first stage is approved (`agreed`); afterwards a change needs consent."""
    verdict = _may_write_criteria(actor, project, _held(actor, project, roles))
    if not verdict:
        return verdict
    if first_stage_is_approved(project) if agreed is None else agreed:
        return denied(
            "The first stage is approved, and its criteria with it. Propose the change: it counts once a sponsor "
            "who did not write it consents.",
            code="consent_needed",
            status=409,
        )
    return ALLOWED


def may_propose_criteria(
    actor: User, project: Project, *, roles: frozenset[str] | None = None, agreed: bool | None = None
) -> Verdict:
    """Sponsor or lead, once the first stage is approved, where another sponsor could consent."""
    verdict = _may_write_criteria(actor, project, _held(actor, project, roles))
    if not verdict:
        return verdict
    if not (first_stage_is_approved(project) if agreed is None else agreed):
        return denied(
            "The first stage is not approved yet, so criteria are simply set. No consent is needed.",
            code="no_consent_needed",
            status=409,
        )
    if not [person for person in people_in(project, Role.SPONSOR) if person.pk != actor.pk]:
        return denied(
            "No other sponsor could consent to what you write. Ask the project lead to propose it, or name a second "
            "sponsor.",
            code="no_other_sponsor",
            status=409,
        )
    return ALLOWED


def may_answer_change(actor: User, change: CriterionChange, *, roles: frozenset[str] | None = None) -> Verdict:
    """A sponsor who is not the author, while it waits."""
    if actor.is_auditor:
        return denied(_READS_ONLY)
    if Role.SPONSOR not in _held(actor, change.project, roles):
        return denied("Only a sponsor consents to changed criteria. Ask the sponsor.")
    if change.author_id == actor.pk:
        return denied("Who wrote the change cannot consent to it. Ask another sponsor.", code="author_cannot_consent")
    return _change_waits(change)


def may_take_back_change(actor: User, change: CriterionChange) -> Verdict:
    """Its author, while it waits."""
    if change.author_id != actor.pk:
        return denied("Only who proposed the change takes it back.")
    return _change_waits(change)


def _change_waits(change: CriterionChange) -> Verdict:
    if change.state != CriterionChange.State.WAITING:
        return denied(
            f"This change is {change.get_state_display()} already. Load the page again.",
            code="change_answered",
            status=409,
        )
    return ALLOWED


def _may_write_criteria(actor: User, project: Project, held: frozenset[str]) -> Verdict:
    if actor.is_auditor:
        return denied(_READS_ONLY)
    if not held & {Role.SPONSOR, Role.LEAD}:
        return denied("Criteria are set by the sponsor or the project lead. Ask one of them.")
    if project.state != Project.State.ACTIVE:
        return denied(
            f"The project is {project.get_state_display()}; its criteria stay as they are.",
            code="project_closed",
            status=409,
        )
    return ALLOWED


def may_open(actor: User, project: Project, *, roles: frozenset[str] | None = None) -> Verdict:
    """The project lead prepares an acceptance."""
    if actor.is_auditor:
        return denied(_READS_ONLY)
    if Role.LEAD not in _held(actor, project, roles):
        return denied("The project lead prepares the acceptance. Ask the lead.")
    if project.state != Project.State.ACTIVE:
        return denied(
            f"The project is {project.get_state_display()}, so there is nothing to accept now.",
            code="project_closed",
            status=409,
        )
    return ALLOWED


def may_judge(actor: User, acceptance: Acceptance, *, roles: frozenset[str] | None = None) -> Verdict:
    """Team, reviewer and customer judge, while it is being prepared."""
    if actor.is_auditor:
        return denied(_READS_ONLY)
    if not _held(actor, acceptance.project, roles) & JUDGES:
        return denied("Criteria are judged by the team, the independent reviewer or the customer.")
    return _state(acceptance, "offer", "It is no longer being prepared, so its results stay as they are.")


def may_offer(actor: User, acceptance: Acceptance, *, roles: frozenset[str] | None = None) -> Verdict:
    """The project lead offers it to the customer."""
    if actor.is_auditor:
        return denied(_READS_ONLY)
    if Role.LEAD not in _held(actor, acceptance.project, roles):
        return denied("The project lead offers the acceptance to the customer. Ask the lead.")
    return _state(acceptance, "offer", "It is not being prepared any more. Open a new one to offer it again.")


def may_withdraw(actor: User, acceptance: Acceptance, *, roles: frozenset[str] | None = None) -> Verdict:
    """The project lead takes it back until the customer has decided."""
    if actor.is_auditor:
        return denied(_READS_ONLY)
    if Role.LEAD not in _held(actor, acceptance.project, roles):
        return denied("The project lead takes an acceptance back. Ask the lead.")
    return _state(acceptance, "withdraw", "It is decided or withdrawn already, and stays as it is.")


def may_decide(actor: User, acceptance: Acceptance, *, roles: frozenset[str] | None = None) -> Verdict:
    """A customer of the project; never somebody of its team, and never the person who offered it."""
    held = _held(actor, acceptance.project, roles)
    if actor.is_auditor:
        return denied(_READS_ONLY)
    if Role.CUSTOMER not in held:
        return denied("Only a customer of the project decides on its acceptance. Ask the lead to name one.")
    if Role.LEAD in held:
        return denied("The project lead cannot sign for the customer. Ask another customer.", code="lead_cannot_decide")
    if held & set(TEAM):
        return denied(
            "Who belongs to the team cannot sign for the customer. Ask another customer.", code="team_cannot_decide"
        )
    if acceptance.offered_by_id == actor.pk:
        return denied("Who offered it cannot accept it. Ask another customer.", code="offerer_cannot_decide")
    return _state(acceptance, "accept", "It is not waiting for the customer now. Load the page again.")


def may_withdraw_verdict(actor: User, acceptance: Acceptance) -> Verdict:
    """Who signed the verdict, by a new signature."""
    if acceptance.signature is None or acceptance.signature.signer_id != actor.pk:
        return denied("Only who signed the verdict takes it back, with a signature of their own.")
    return _state(acceptance, "withdraw_verdict", "There is no verdict to take back.")


def may_invite(actor: User, project: Project, *, roles: frozenset[str] | None = None) -> Verdict:
    """The project lead sends and ends links for outside signatories."""
    if actor.is_auditor:
        return denied(_READS_ONLY)
    if Role.LEAD not in _held(actor, project, roles):
        return denied("The project lead invites people from outside to sign. Ask the lead.")
    return ALLOWED


def may_close_condition(actor: User, condition: AcceptanceCondition, *, roles: frozenset[str] | None = None) -> Verdict:
    """Its owner or the project lead give the proof."""
    if actor.is_auditor:
        return denied(_READS_ONLY)
    if condition.owner_id != actor.pk and Role.LEAD not in _held(actor, condition.acceptance.project, roles):
        return denied("The owner of the condition or the project lead gives the proof. Ask one of them.")
    return _condition_state(condition, "close")


def may_verify_condition(
    actor: User, condition: AcceptanceCondition, *, roles: frozenset[str] | None = None
) -> Verdict:
    """Customer, sponsor or independent reviewer; never the owner, never who gave the proof."""
    if actor.is_auditor:
        return denied(_READS_ONLY)
    held = _held(actor, condition.acceptance.project, roles)
    if not held & VERIFIERS:
        return denied("A customer, a sponsor or the independent reviewer looks at the proof. Ask one of them.")
    if actor.pk in (condition.owner_id, condition.closed_by_id):
        return denied(
            "Who owns the condition or gave its proof cannot verify it. Ask another person.",
            code="owner_cannot_verify",
        )
    return _condition_state(condition, "verify")


def _condition_state(condition: AcceptanceCondition, move: str) -> Verdict:
    if condition.acceptance.state != moves.CONDITIONS:
        return denied(
            f"The acceptance is {condition.acceptance.get_state_display()}, so its conditions no longer move.",
            code="wrong_state",
            status=409,
        )
    if condition.state in moves.CONDITION_MOVES[move].sources:
        return ALLOWED
    return denied(
        f"This condition is {condition.get_state_display()}. Load the page again to see where it stands.",
        code="wrong_state",
        status=409,
    )


def _held(actor: User, project: Project, roles: frozenset[str] | None) -> frozenset[str]:
    return roles_of(actor, project) if roles is None else roles


def _state(acceptance: Acceptance, move: str, why: str) -> Verdict:
    if acceptance.state in moves.ACCEPTANCE_MOVES[move].sources:
        return ALLOWED
    return denied(f"This acceptance is {acceptance.get_state_display()}. {why}", code="wrong_state", status=409)
