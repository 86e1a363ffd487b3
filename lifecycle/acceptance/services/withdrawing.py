"""Taking a verdict back: never by erasing it, but by a new signature of who gave it."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.people.services import prove_signer
from foundation.web.refused import Refused
from lifecycle.acceptance import moves
from lifecycle.acceptance.models import Acceptance, Invitation
from lifecycle.acceptance.permits import may_withdraw_verdict
from lifecycle.acceptance.services.deciding import Bound
from lifecycle.acceptance.services.holding import hold
from lifecycle.acceptance.services.links import end_links
from lifecycle.projects.models import TEAM, Project, Role, people_in
from lifecycle.projects.services import resume_project
from lifecycle.projects.services.texts import sound_text
from lifecycle.signoff.models import Signature
from lifecycle.signoff.signing import write_signature

REASON_LIMIT = 20_000  # characters


def withdraw_verdict(*, actor: User, acceptance_id: int, password: str, reason: str, code: str = "") -> Acceptance:
    """The customer who signed takes the verdict back, with the reason and a signature.

    A project in use by it is in progress again. Raises Refused: not_permitted, wrong_state, empty, those of
    `prove_signer`. Password and code are checked outside the transaction: failed tries stay counted.
    """
    words = checked_reason(reason)
    authenticated_by = prove_signer(actor=actor, password=password, code=code)
    return _withdraw(actor=actor, acceptance_id=acceptance_id, reason=words, authenticated_by=authenticated_by)


def checked_reason(reason: str) -> str:
    """The reason without blanks around it."""
    return sound_text(reason, limit=REASON_LIMIT, field="reason", what="The reason").strip()


@transaction.atomic
def _withdraw(*, actor: User, acceptance_id: int, reason: str, authenticated_by: str) -> Acceptance:
    acceptance = hold(acceptance_id)
    may_withdraw_verdict(actor, acceptance).demand()

    def sign() -> Signature:
        return write_signature(
            actor=actor,
            authenticated_by=authenticated_by,
            role=str(Role.CUSTOMER.label),
            comment=reason,
            **withdrawal_bound_to(acceptance),
        )

    return take_back(acceptance=acceptance, reason=reason, sign=sign, actor=actor, name=actor.name)


def withdrawal_bound_to(acceptance: Acceptance) -> Bound:
    """The same content as the verdict, with the meaning "withdrawn"."""
    return Bound(
        project=acceptance.project,
        record_kind="acceptance",
        record_id=acceptance.pk,
        record_name=f"{acceptance.project.name}: customer acceptance",
        record_version=str(acceptance.number),
        content_hash=acceptance.digest,
        meaning=Signature.Meaning.WITHDRAWN,
    )


def take_back(
    *,
    acceptance: Acceptance,
    reason: str,
    sign: Callable[[], Signature],
    actor: User | None,
    name: str,
    through: Invitation | None = None,
) -> Acceptance:
    """Take the verdict of an acceptance that is held back, whoever signs. Raises Refused: wrong_state."""
    before = acceptance.state
    if before not in moves.ACCEPTANCE_MOVES["withdraw_verdict"].sources:
        raise Refused("There is no verdict to take back. Load the page again.", code="wrong_state")
    acceptance.withdrawal = sign()
    acceptance.state = moves.ACCEPTANCE_MOVES["withdraw_verdict"].target
    acceptance.save(update_fields=["withdrawal", "state"])
    end_links(acceptance, by=actor, but=through)
    if before != moves.REJECTED and acceptance.project.state == Project.State.IN_USE:
        acceptance.project = resume_project(project=acceptance.project)
    tell(
        people=people_in(acceptance.project, *TEAM, Role.SPONSOR, Role.CUSTOMER),
        kind="acceptance_withdrawn",
        subject=f"{acceptance.project.name}: the customer took the verdict back",
        body=f"{name}: {reason}",
        link=acceptance.get_absolute_url(),
        actor=actor,
        project_id=acceptance.project_id,
    )
    record(
        actor=actor,
        actor_name=name,
        verb="withdraw_verdict",
        thing=acceptance,
        kind="acceptance",
        project_id=acceptance.project_id,
        before={"state": before},
        after={
            "state": acceptance.state,
            "signature": acceptance.withdrawal.pk,
            "project_state": acceptance.project.state,
        },
        reason=reason,
    )
    return acceptance
