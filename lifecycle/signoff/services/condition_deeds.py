"""What happens to a condition until it is met: claimed, sent back, verified, dropped. Events are the record."""

from __future__ import annotations

from django.db import transaction

from foundation.people.models import User
from foundation.people.services import prove_signer
from foundation.web.formats import day_text
from foundation.web.refused import Refused
from lifecycle.projects.models import Role, people_in
from lifecycle.projects.permits import roles_of
from lifecycle.signoff.condition_content import digest_of_condition
from lifecycle.signoff.models import Condition, ConditionEvent, Signature
from lifecycle.signoff.permits.conditions import may
from lifecycle.signoff.services.condition_rows import lock_condition, note_event, recorded, sound_link, sound_text
from lifecycle.signoff.services.conditions import apply, close, short, tell_people
from lifecycle.signoff.signing import write_signature


@transaction.atomic
def claim_condition(*, actor: User, condition_id: int, note: str, evidence: str = "") -> Condition:
    """Its owner says that it is done, how, and where that can be seen (an address, or a path of this portal).

    Raises Refused: not_permitted, project_closed, condition_not_binding, condition_closed, condition_state,
    note_missing, evidence_unreadable.
    """
    condition = lock_condition(condition_id)
    may(actor, "claim", condition).demand()
    note = sound_text(note, "note", "Say what was done, so that it can be verified.")
    evidence = sound_link(evidence)
    apply(condition, "claim")
    condition.save(update_fields=["state"])
    event = note_event(condition, ConditionEvent.Kind.CLAIMED, actor, note, evidence)
    tell_people(
        condition,
        actor=actor,
        kind="condition_claimed",
        subject=f"To be verified: {short(condition)}",
        body=f"{actor.name} says that it is done. Look at it, and verify it or send it back.\n\n{note}"
        + (f"\n\n{evidence}" if evidence else ""),
        key=f"event:{event.pk}",
        people=[condition.verifier],
    )
    return recorded(actor, "claim_condition", condition, note, {"evidence": evidence})


@transaction.atomic
def send_back_condition(*, actor: User, condition_id: int, reason: str) -> Condition:
    """Its verifier says what is still missing; it is open again, and its day stays.

    Raises Refused: not_permitted, owner_cannot_verify, project_closed, condition_closed, condition_state, note_missing.
    """
    condition = lock_condition(condition_id)
    may(actor, "send_back", condition).demand()
    reason = sound_text(reason, "reason", "Say what is still missing.")
    apply(condition, "send_back")
    condition.save(update_fields=["state"])
    event = note_event(condition, ConditionEvent.Kind.RETURNED, actor, reason)
    tell_people(
        condition,
        actor=actor,
        kind="condition_returned",
        subject=f"Not done yet: {short(condition)}",
        body=f"{actor.name} sent it back. It is due on {day_text(condition.due_on)}.\n\n{reason}",
        key=f"event:{event.pk}",
        people=[condition.owner],
    )
    return recorded(actor, "send_back_condition", condition, reason)


def verify_condition(
    *, actor: User, condition_id: int, password: str, digest: str, note: str = "", code: str = ""
) -> Condition:
    """Its verifier signs that it is met. `digest`: the fingerprint of terms and history that they saw.

    Raises Refused: those of `prove_signer`, not_permitted, owner_cannot_verify, project_closed, condition_closed,
    condition_state, digest_mismatch. Password and code are checked outside the transaction: a failed try stays counted.
    """
    note = sound_text(note, "note", "", may_be_empty=True)
    authenticated_by = prove_signer(actor=actor, password=password, code=code)
    return _signed(actor, condition_id, "verify", digest, note, authenticated_by)


def drop_condition(
    *, actor: User, condition_id: int, password: str, digest: str, reason: str, code: str = ""
) -> Condition:
    """Somebody who decided the round signs that the condition is no longer asked, and why.

    Raises Refused: note_missing, and those of `verify_condition`.
    """
    reason = sound_text(reason, "reason", "Say why it is no longer asked: the approval was given on this condition.")
    authenticated_by = prove_signer(actor=actor, password=password, code=code)
    return _signed(actor, condition_id, "drop", digest, reason, authenticated_by)


@transaction.atomic
def _signed(actor: User, condition_id: int, deed: str, digest: str, note: str, authenticated_by: str) -> Condition:
    condition = lock_condition(condition_id)
    may(actor, deed, condition).demand()
    present = digest_of_condition(condition)
    if digest != present:
        raise Refused(
            "The condition has changed since you read it. Load the page again and read what is there now.",
            code="digest_mismatch",
            field="digest",
        )
    is_met = deed == "verify"
    signature = write_signature(
        actor=actor,
        authenticated_by=authenticated_by,
        project=condition.project,
        record_kind="condition",
        record_id=condition.pk,
        record_name=f"{condition.project.name}: {condition}",
        record_version=str(condition.events.count()),
        content_hash=present,
        meaning=Signature.Meaning.VALIDATED if is_met else Signature.Meaning.WITHDRAWN,
        role=_role_words(actor, condition, is_met),
        comment=note,
    )
    close(condition, deed)
    event = note_event(
        condition,
        ConditionEvent.Kind.MET if is_met else ConditionEvent.Kind.DROPPED,
        actor,
        note,
        facts={"signature": signature.pk, "digest": present},
    )
    said = "verified that it is met" if is_met else "no longer asks for it"
    tell_people(
        condition,
        actor=actor,
        kind="condition_met" if is_met else "condition_dropped",
        subject=f"{'Met' if is_met else 'No longer asked'}: {short(condition)}",
        body=f"{actor.name} {said}." + (f"\n\n{note}" if note else ""),
        key=f"event:{event.pk}",
        people=[
            condition.owner,
            condition.verifier,
            condition.decision.decider,
            *people_in(condition.project, Role.LEAD),
        ],
    )
    return recorded(actor, f"{deed}_condition", condition, note, {"digest": present, "signature": signature.pk})


def _role_words(actor: User, condition: Condition, is_met: bool) -> str:
    """As what somebody signs: verifiers as such, deciders in the role in which they decided."""
    held = roles_of(actor, condition.project)
    decided = condition.round.decisions.filter(decider=actor, stands=True).values_list("role", flat=True).first()
    role = decided or next((str(role) for role in Role.values if role in held), "")
    name = str(Role(role).label) if role in Role.values else ""
    return ("verifier" + (f" ({name})" if name else "")) if is_met else name or "decider"
