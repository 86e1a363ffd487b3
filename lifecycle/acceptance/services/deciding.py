"""The customer's verdict, signed and bound to exactly what was offered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypedDict

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.people.services import prove_signer
from foundation.web.digest import digest_of
from foundation.web.formats import day_text
from foundation.web.nouns import house_noun
from foundation.web.refused import Refused
from lifecycle.acceptance import moves
from lifecycle.acceptance.models import Acceptance, AcceptanceCondition, CriterionResult, Invitation
from lifecycle.acceptance.permits import may_decide
from lifecycle.acceptance.services.conditions import Condition, checked_conditions, line_of, rows_of
from lifecycle.acceptance.services.holding import hold
from lifecycle.acceptance.services.links import end_links
from lifecycle.projects.models import TEAM, Project, Role, people_in
from lifecycle.projects.services import accept_project
from lifecycle.signoff.models import Signature
from lifecycle.signoff.signing import write_signature

TEXT_LIMIT = 20_000  # characters

VERDICTS = {moves.ACCEPTED: "accept", moves.CONDITIONS: "accept_with_conditions", moves.REJECTED: "reject"}
MEANINGS = {moves.ACCEPTED: "accepted", moves.CONDITIONS: "accepted", moves.REJECTED: "rejected"}


def decide_acceptance(
    *,
    actor: User,
    acceptance_id: int,
    verdict: str,
    password: str,
    digest: str,
    comment: str = "",
    conditions: Sequence[Condition] = (),
    code: str = "",
) -> Acceptance:
    """Decide for the customer: check the input, password and code, lock, check everything else, sign, move, tell.

    `verdict`: accepted, accepted_with_conditions or rejected. `digest`: the fingerprint that the person saw. A rejection
    needs a comment, and so does accepting while a criterion is not met. Raises Refused: verdict_unknown,
    comment_missing, condition_invalid, those of `prove_signer`, wrong_state, not_permitted, lead_cannot_decide,
    team_cannot_decide, offerer_cannot_decide, digest_mismatch. Password and code are checked outside the transaction:
    failed tries stay counted.
    """
    comment = checked_verdict(verdict, comment)
    kept = checked_conditions(verdict, conditions)
    authenticated_by = prove_signer(actor=actor, password=password, code=code)
    return _decide(
        actor=actor,
        acceptance_id=acceptance_id,
        verdict=verdict,
        digest=digest,
        comment=comment,
        conditions=kept,
        authenticated_by=authenticated_by,
    )


def checked_verdict(verdict: str, comment: str) -> str:
    """The comment without blanks around it. Raises Refused: verdict_unknown, comment_missing, comment_too_long."""
    if verdict not in VERDICTS:
        raise Refused(
            f"{verdict!r} is no verdict. Use one of: {', '.join(VERDICTS)}.",
            code="verdict_unknown",
            status=400,
            field="verdict",
        )
    comment = comment.strip()
    if verdict == moves.REJECTED and not comment:
        raise Refused(
            "Say why you reject it: the team works from your words.",
            code="comment_missing",
            status=400,
            field="comment",
        )
    if len(comment) > TEXT_LIMIT:
        raise Refused(f"Write up to {TEXT_LIMIT:,} characters.", code="comment_too_long", status=400, field="comment")
    return comment


@transaction.atomic
def _decide(
    *,
    actor: User,
    acceptance_id: int,
    verdict: str,
    digest: str,
    comment: str,
    conditions: list[Condition],
    authenticated_by: str,
) -> Acceptance:
    acceptance = hold(acceptance_id)
    may_decide(actor, acceptance).demand()

    def sign(said: str) -> Signature:
        return write_signature(
            actor=actor,
            authenticated_by=authenticated_by,
            role=str(Role.CUSTOMER.label),
            comment=said,
            **bound_to(acceptance, verdict),
        )

    return conclude(
        acceptance=acceptance,
        verdict=verdict,
        digest=digest,
        comment=comment,
        conditions=conditions,
        sign=sign,
        actor=actor,
        name=actor.name,
    )


class Bound(TypedDict):
    """What a signature under a verdict is bound to."""

    project: Project
    record_kind: str
    record_id: int
    record_name: str
    record_version: str
    content_hash: str
    meaning: str


def bound_to(acceptance: Acceptance, verdict: str) -> Bound:
    """The same for a customer of the project and for a person from outside."""
    return Bound(
        project=acceptance.project,
        record_kind="acceptance",
        record_id=acceptance.pk,
        record_name=f"{acceptance.project.name}: customer acceptance",
        record_version=str(acceptance.number),
        content_hash=acceptance.digest,
        meaning=MEANINGS[verdict],
    )


def conclude(
    *,
    acceptance: Acceptance,
    verdict: str,
    digest: str,
    comment: str,
    conditions: Sequence[Condition],
    sign: Callable[[str], Signature],
    actor: User | None,
    name: str,
    through: Invitation | None = None,
) -> Acceptance:
    """Give the verdict on an acceptance that is held and waits for it, whoever signs. All other links end with it.

    `sign(said)` writes the signature with these words as its comment. `actor` None: somebody from outside, called
    `name`. Raises Refused: digest_mismatch, comment_missing.
    """
    demand_as_read(acceptance, digest)
    unmet = acceptance.results.filter(verdict=CriterionResult.Verdict.NOT_MET).count()
    if verdict == moves.ACCEPTED and unmet and not comment:
        raise Refused(
            f"{unmet} criteria are not met. Say why you accept it all the same, or accept with conditions.",
            code="comment_missing",
            status=400,
            field="comment",
        )
    rows = rows_of(acceptance, conditions)
    said = "\n".join([comment, *(line_of(row) for row in rows)]).strip()
    acceptance.signature = sign(said)
    acceptance.state = moves.ACCEPTANCE_MOVES[VERDICTS[verdict]].target
    acceptance.comment, acceptance.decided_at = comment, timezone.now()
    acceptance.save()
    AcceptanceCondition.objects.bulk_create(rows)
    end_links(acceptance, by=actor, but=through)
    if verdict != moves.REJECTED:
        acceptance.project = accept_project(project=acceptance.project)
    _tell_result(actor, name, acceptance, said)
    _tell_owners(actor, name, acceptance, rows)
    record(
        actor=actor,
        actor_name=name,
        verb="decide_acceptance",
        thing=acceptance,
        kind="acceptance",
        project_id=acceptance.project_id,
        before={"state": moves.OFFERED},
        after={
            "state": acceptance.state,
            "digest": acceptance.digest,
            "signature": acceptance.signature.pk,
            "conditions": [
                {"text": row.text, "owner": row.owner_name, "due_on": row.due_on.isoformat()} for row in rows
            ],
            "project_state": acceptance.project.state,
        },
        reason=comment,
    )
    return acceptance


def demand_as_read(acceptance: Acceptance, digest: str) -> None:
    """Refuse a signature under another text than the one that was read (`digest_mismatch`)."""
    if digest != acceptance.digest or digest_of(acceptance.manifest) != acceptance.digest:
        raise Refused(
            "The fingerprint that you saw is not that of this offer. Load the page again and read what is offered now.",
            code="digest_mismatch",
            field="digest",
        )


def _tell_result(actor: User | None, name: str, acceptance: Acceptance, said: str) -> None:
    is_rejected = acceptance.state == moves.REJECTED
    ending = (
        f"Open {house_noun().a} before more is spent: "
        f"/projects/{acceptance.project.key}/post-mortems/new/?kind=acceptance_refused"
        if is_rejected
        else "The project is in use."
    )
    tell(
        people=people_in(acceptance.project, *TEAM, Role.SPONSOR, Role.CUSTOMER),
        kind="acceptance_decided",
        subject=f"{acceptance.project.name}: {acceptance.get_state_display()} by the customer",
        body="\n\n".join(part for part in (f"{name} decided.", said, ending) if part),
        link=acceptance.get_absolute_url(),
        actor=actor,
        project_id=acceptance.project_id,
    )


def _tell_owners(actor: User | None, name: str, acceptance: Acceptance, rows: list[AcceptanceCondition]) -> None:
    for row in rows:
        tell(
            people=[row.owner] if row.owner else [],
            kind="acceptance_condition",
            subject=f"{acceptance.project.name}: a condition of the acceptance is yours",
            body=f"{row.text}\n\nDue on {day_text(row.due_on)}. {name} accepted under this condition.",
            link=f"{acceptance.get_absolute_url()}#conditions",
            actor=actor,
            project_id=acceptance.project_id,
        )
