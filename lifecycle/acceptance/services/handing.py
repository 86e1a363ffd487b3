"""The hand-off record: written by the team, signed by who hands over, counter-signed by who receives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.people.services import prove_signer
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.acceptance import moves
from lifecycle.acceptance.handoff_permits import may_hand_over, may_receive, may_write_handoff
from lifecycle.acceptance.models import ITEMS, HandOff, Invitation
from lifecycle.acceptance.services.deciding import Bound
from lifecycle.acceptance.services.handoff_items import TEXT_LIMIT, Item, checked_items
from lifecycle.acceptance.services.holding import hold_handoff
from lifecycle.acceptance.services.links import end_links
from lifecycle.projects.models import TEAM, Project, Role, people_in
from lifecycle.projects.services import lock_project
from lifecycle.projects.services.texts import sound_text
from lifecycle.signoff.models import Signature
from lifecycle.signoff.signing import write_signature


@transaction.atomic
def write_handoff(
    *,
    actor: User,
    project: Project,
    receiving_party: str,
    handed_on: date,
    items: Mapping[str, Item],
    edits: int | None = None,
) -> HandOff:
    """Write the draft; where the newest version was signed, begin the next one.

    `items`: by key of ITEMS, each with text, link, not_applicable (why). Items that are left out stay empty. `edits`: how
    often the draft had been saved when it was read; refused (`edited_meanwhile`) when somebody saved since. A version
    that waits for its receiver is superseded, and its links end. Raises Refused: not_permitted, item_unknown,
    item_both, link_invalid, empty, text_too_long.
    """
    project = lock_project(project.pk)
    may_write_handoff(actor, project).demand()
    party = sound_text(receiving_party, limit=200, field="receiving_party", what="The receiving party").strip()
    kept = checked_items(items)
    newest = HandOff.objects.select_for_update(of=("self",)).filter(project=project).first()
    is_draft = newest is not None and newest.state == HandOff.State.DRAFT
    if newest is not None and edits is not None and edits != newest.edits:
        raise Refused(
            "Somebody else saved the record while you were writing. Your text is kept: compare, then save again.",
            code="edited_meanwhile",
            field="edits",
        )
    if newest is not None and is_draft:
        handoff = newest
    else:
        if newest is not None:
            newest.project = project
            _supersede(actor, newest)
        last: int | None = HandOff.objects.filter(project=project).aggregate(last=Max("number"))["last"]
        handoff = HandOff(project=project, number=(last or 0) + 1, created_by=actor)
    handoff.project = project
    handoff.receiving_party, handoff.handed_on, handoff.items = party, handed_on, kept
    handoff.edits += 1
    handoff.save()
    record(
        actor=actor,
        verb="write_handoff",
        thing=handoff,
        kind="handoff",
        project_id=project.pk,
        after={"number": handoff.number, "receiving_party": party, "content": digest_of(handoff.content)},
    )
    return handoff


def hand_over(*, actor: User, handoff_id: int, password: str, comment: str = "", code: str = "") -> HandOff:
    """The project lead signs the record ("authored") and asks the receiver. Every item must be answered.

    Raises Refused: not_permitted, wrong_state, items_missing, those of `prove_signer`.
    """
    authenticated_by = prove_signer(actor=actor, password=password, code=code)
    return _hand_over(actor=actor, handoff_id=handoff_id, comment=comment.strip(), authenticated_by=authenticated_by)


@transaction.atomic
def _hand_over(*, actor: User, handoff_id: int, comment: str, authenticated_by: str) -> HandOff:
    handoff = hold_handoff(handoff_id)
    may_hand_over(actor, handoff).demand()
    missing = [
        ITEMS[item["key"]] for item in handoff.items if not (item["text"] or item["link"] or item["not_applicable"])
    ]
    if missing:
        raise Refused(
            f"{', '.join(missing)}: write what is handed over, give a link, or say why it is not applicable.",
            code="items_missing",
            field="items",
            details=missing,
        )
    handoff.digest = digest_of(handoff.content)
    handoff.author_signature = write_signature(
        actor=actor,
        authenticated_by=authenticated_by,
        role=str(Role.LEAD.label),
        comment=comment,
        **_bound_to(handoff, Signature.Meaning.AUTHORED),
    )
    handoff.state = moves.HANDOFF_MOVES["hand_over"].target
    handoff.save()
    _tell(handoff, actor, "waits for your counter-signature", comment, Role.CUSTOMER)
    _note("hand_over", handoff, actor, actor.name, "draft", comment)
    return handoff


def receive_handoff(
    *, actor: User, handoff_id: int, password: str, digest: str, comment: str = "", code: str = ""
) -> HandOff:
    """A customer of the project counter-signs ("received"). `digest`: of the record that was read.

    Raises Refused: not_permitted, lead_cannot_receive, author_cannot_receive, wrong_state, digest_mismatch,
    those of `prove_signer`.
    """
    authenticated_by = prove_signer(actor=actor, password=password, code=code)
    return _receive(
        actor=actor, handoff_id=handoff_id, digest=digest, comment=comment, authenticated_by=authenticated_by
    )


@transaction.atomic
def _receive(*, actor: User, handoff_id: int, digest: str, comment: str, authenticated_by: str) -> HandOff:
    handoff = hold_handoff(handoff_id)
    may_receive(actor, handoff).demand()

    def sign(said: str) -> Signature:
        return write_signature(
            actor=actor,
            authenticated_by=authenticated_by,
            role=f"receiver, {Role.CUSTOMER.label}",
            comment=said,
            **receipt_bound_to(handoff),
        )

    return receive(handoff=handoff, digest=digest, comment=comment, sign=sign, actor=actor, name=actor.name)


def receive(
    *,
    handoff: HandOff,
    digest: str,
    comment: str,
    sign: Callable[[str], Signature],
    actor: User | None,
    name: str,
    through: Invitation | None = None,
) -> HandOff:
    """Counter-sign a record that is held and waits, whoever signs. Raises Refused: wrong_state, digest_mismatch."""
    _demand_as_read(handoff, digest, "receive")
    said = sound_text(comment, limit=TEXT_LIMIT, field="comment", what="The comment", may_be_empty=True).strip()
    handoff.receiver_signature = sign(said)
    handoff.state = moves.HANDOFF_MOVES["receive"].target
    handoff.save()
    end_links(handoff, by=actor, but=through)
    _tell(handoff, actor, f"was received by {name}", said, *TEAM, Role.SPONSOR)
    _note("receive_handoff", handoff, actor, name, "handed", said)
    return handoff


@transaction.atomic
def send_handoff_back(*, actor: User, handoff_id: int, reason: str) -> HandOff:
    """The receiver does not sign: what is missing goes back to the team, which begins the next version."""
    handoff = hold_handoff(handoff_id)
    may_receive(actor, handoff).demand()
    return _send_back(handoff=handoff, reason=checked_reason(reason), actor=actor, name=actor.name)


def checked_reason(reason: str) -> str:
    """Why it is sent back, without blanks around it. Raises Refused: empty, text_too_long."""
    if not reason.strip():
        raise Refused(
            "Say in your words what is missing: the team works from them.", code="empty", status=400, field="comment"
        )
    return sound_text(reason, limit=TEXT_LIMIT, field="comment", what="The reason").strip()


def send_back_signed(
    *, handoff: HandOff, digest: str, reason: str, sign: Callable[[], Signature], name: str, through: Invitation
) -> HandOff:
    """Somebody from outside, whom only a signature names, sends back a record that is held and waits.

    Raises Refused: wrong_state, digest_mismatch.
    """
    _demand_as_read(handoff, digest, "send_back")
    handoff.receiver_signature = sign()
    return _send_back(handoff=handoff, reason=reason, actor=None, name=name, through=through)


def _send_back(
    *, handoff: HandOff, reason: str, actor: User | None, name: str, through: Invitation | None = None
) -> HandOff:
    handoff.sent_back = reason
    handoff.state = moves.HANDOFF_MOVES["send_back"].target
    handoff.save()
    end_links(handoff, by=actor, but=through)
    _tell(handoff, actor, f"was sent back by {name}", reason, *TEAM)
    _note("send_back_handoff", handoff, actor, name, "handed", reason)
    return handoff


def _demand_as_read(handoff: HandOff, digest: str, move: str) -> None:
    if handoff.state not in moves.HANDOFF_MOVES[move].sources:
        raise Refused(f"This record is {handoff.get_state_display()}, so nothing was signed.", code="wrong_state")
    if digest != handoff.digest or digest_of(handoff.content) != handoff.digest:
        raise Refused(
            "The fingerprint that you saw is not that of this record. Load the page again and read it anew.",
            code="digest_mismatch",
            field="digest",
        )


def receipt_bound_to(handoff: HandOff, meaning: str = Signature.Meaning.RECEIVED) -> Bound:
    """What a receiver's signature is bound to, inside and outside; `meaning`: received, or rejected."""
    return _bound_to(handoff, meaning)


def _bound_to(handoff: HandOff, meaning: str) -> Bound:
    return Bound(
        project=handoff.project,
        record_kind="handoff",
        record_id=handoff.pk,
        record_name=f"{handoff.project.name}: hand-off record",
        record_version=str(handoff.number),
        content_hash=handoff.digest,
        meaning=meaning,
    )


def _supersede(actor: User, former: HandOff) -> None:
    """A signed version stays; one that nobody received yet is not asked for any more."""
    end_links(former, by=actor)
    former.state = moves.HANDOFF_MOVES["supersede"].target
    former.save(update_fields=["state"])


def _tell(handoff: HandOff, actor: User | None, what: str, body: str, *roles: str) -> None:
    tell(
        people=people_in(handoff.project, *roles),
        kind="handoff",
        subject=f"{handoff.project.name}: the hand-off record {what}",
        body=body,
        link=handoff.get_absolute_url(),
        actor=actor,
        project_id=handoff.project_id,
    )


def _note(verb: str, handoff: HandOff, actor: User | None, name: str, before: str, reason: str) -> None:
    after: dict[str, Any] = {"state": handoff.state, "number": handoff.number, "digest": handoff.digest}
    record(
        actor=actor,
        actor_name=name,
        verb=verb,
        thing=handoff,
        kind="handoff",
        project_id=handoff.project_id,
        before={"state": before},
        after=after,
        reason=reason,
    )
