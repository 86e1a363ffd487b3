"""The customer's verdict, signed with the password and bound to exactly what was offered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NotRequired, TypedDict

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.people.services import confirm_password
from foundation.web.digest import digest_of
from foundation.web.formats import day_text
from foundation.web.refused import Refused
from lifecycle.acceptance import moves
from lifecycle.acceptance.models import Acceptance, CriterionResult
from lifecycle.acceptance.permits import may_decide
from lifecycle.acceptance.services.preparing import TEXT_LIMIT, hold
from lifecycle.projects.models import TEAM, Role, people_in
from lifecycle.projects.services import accept_project
from lifecycle.signoff.signing import write_signature

VERDICTS = {moves.ACCEPTED: "accept", moves.CONDITIONS: "accept_with_conditions", moves.REJECTED: "reject"}
MAX_CONDITIONS = 20


class Condition(TypedDict):
    """What must still happen, by when; `owner` as people read it."""

    text: str
    due_on: date
    owner: NotRequired[str]


def decide_acceptance(
    *,
    actor: User,
    acceptance_id: int,
    verdict: str,
    password: str,
    digest: str,
    comment: str = "",
    conditions: Sequence[Condition] = (),
) -> Acceptance:
    """Decide for the customer: check the input and the password, lock, check everything else, sign, move, tell.

    `verdict`: accepted, accepted_with_conditions or rejected. `digest`: the fingerprint that the person saw. A rejection
    needs a comment, and so does accepting while a criterion is not met. Raises Refused: verdict_unknown,
    comment_missing, condition_invalid, password_wrong, password_locked, wrong_state, not_permitted, lead_cannot_decide,
    offerer_cannot_decide, digest_mismatch. The password is checked outside the transaction: failed tries stay counted.
    """
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
    kept = _checked_conditions(verdict, conditions)
    confirm_password(actor=actor, password=password)
    return _decide(
        actor=actor, acceptance_id=acceptance_id, verdict=verdict, digest=digest, comment=comment, conditions=kept
    )


@transaction.atomic
def _decide(
    *, actor: User, acceptance_id: int, verdict: str, digest: str, comment: str, conditions: list[dict[str, str]]
) -> Acceptance:
    acceptance = hold(acceptance_id)
    may_decide(actor, acceptance).demand()
    if digest != acceptance.digest or digest_of(acceptance.manifest) != acceptance.digest:
        raise Refused(
            "The fingerprint that you saw is not that of this offer. Load the page again and read what is offered now.",
            code="digest_mismatch",
            field="digest",
        )
    unmet = acceptance.results.filter(verdict=CriterionResult.Verdict.NOT_MET).count()
    if verdict == moves.ACCEPTED and unmet and not comment:
        raise Refused(
            f"{unmet} criteria are not met. Say why you accept it all the same, or accept with conditions.",
            code="comment_missing",
            status=400,
            field="comment",
        )
    said = "\n".join([comment, *(_line(condition) for condition in conditions)]).strip()
    acceptance.signature = write_signature(
        actor=actor,
        project=acceptance.project,
        record_kind="acceptance",
        record_id=acceptance.pk,
        record_name=f"{acceptance.project.name}: customer acceptance",
        record_version=str(acceptance.number),
        content_hash=acceptance.digest,
        meaning="rejected" if verdict == moves.REJECTED else "accepted",
        role=str(Role.CUSTOMER.label),
        comment=said,
    )
    acceptance.state = moves.ACCEPTANCE_MOVES[VERDICTS[verdict]].target
    acceptance.comment, acceptance.conditions, acceptance.decided_at = comment, conditions, timezone.now()
    acceptance.save()
    if verdict != moves.REJECTED:
        acceptance.project = accept_project(project=acceptance.project)
    _tell_result(actor, acceptance, said)
    record(
        actor=actor,
        verb="decide_acceptance",
        thing=acceptance,
        kind="acceptance",
        project_id=acceptance.project_id,
        before={"state": moves.OFFERED},
        after={
            "state": acceptance.state,
            "digest": acceptance.digest,
            "signature": acceptance.signature.pk,
            "conditions": conditions,
            "project_state": acceptance.project.state,
        },
        reason=comment,
    )
    return acceptance


def _checked_conditions(verdict: str, conditions: Sequence[Condition]) -> list[dict[str, str]]:
    if verdict != moves.CONDITIONS:
        if conditions:
            raise Refused(
                "Conditions belong to 'accepted with conditions'. Choose that verdict, or leave them out.",
                code="condition_invalid",
                status=400,
                field="conditions",
            )
        return []
    if not conditions:
        raise Refused(
            "Write at least one condition, with the day by which it is met.",
            code="condition_invalid",
            status=400,
            field="conditions",
        )
    if len(conditions) > MAX_CONDITIONS:
        raise Refused(
            f"Write at most {MAX_CONDITIONS} conditions.", code="condition_invalid", status=400, field="conditions"
        )
    kept: list[dict[str, str]] = []
    for number, condition in enumerate(conditions, start=1):
        text, due, owner = condition["text"].strip(), condition["due_on"], condition.get("owner", "").strip()
        if not text or len(text) > 500 or len(owner) > 120:
            raise Refused(
                f"Condition {number} needs a text of up to 500 characters, and an owner of up to 120.",
                code="condition_invalid",
                status=400,
                field="conditions",
            )
        if due < timezone.localdate():
            raise Refused(
                f"Condition {number} is due on {day_text(due)}, which has passed. Give a later day.",
                code="condition_invalid",
                status=400,
                field="conditions",
            )
        kept.append({"text": text, "owner": owner, "due_on": due.isoformat()})
    return kept


def _line(condition: dict[str, str]) -> str:
    owner = f", {condition['owner']}" if condition["owner"] else ""
    return f"Condition: {condition['text']} (by {condition['due_on']}{owner})"


def _tell_result(actor: User, acceptance: Acceptance, said: str) -> None:
    is_rejected = acceptance.state == moves.REJECTED
    ending = (
        "Open a post-mortem before more is spent: "
        f"/projects/{acceptance.project.key}/post-mortems/new/?kind=acceptance_refused"
        if is_rejected
        else "The project is in use."
    )
    tell(
        people=people_in(acceptance.project, *TEAM, Role.SPONSOR),
        kind="acceptance_decided",
        subject=f"{acceptance.project.name}: {acceptance.get_state_display()} by the customer",
        body="\n\n".join(part for part in (f"{actor.name} decided.", said, ending) if part),
        link=acceptance.get_absolute_url(),
        actor=actor,
        project_id=acceptance.project_id,
    )
