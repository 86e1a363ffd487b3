"""What the deeds on a condition share: the locked row, sound words, its event and its entry of the trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.services import lock_project
from lifecycle.signoff.models import Condition, ConditionEvent

NOTE_LIMIT, LINK_LIMIT = 20_000, 500  # characters
_is_address = URLValidator(schemes=["http", "https"])


def lock_condition(condition_id: int) -> Condition:
    """The condition as it is now, locked after its project, with its people, its round and its decision."""
    project = lock_project(Condition.objects.values_list("project_id", flat=True).get(pk=condition_id))
    condition: Condition = (
        Condition.objects.select_for_update(of=("self",))
        .select_related("owner", "verifier", "round__stage", "decision__decider")
        .get(pk=condition_id)
    )
    condition.project = condition.round.project = condition.round.stage.project = project
    return condition


def sound_text(given: str, field: str, why: str, *, may_be_empty: bool = False) -> str:
    """The text without blanks around it. Raises Refused: note_missing (with `why`), note_too_long."""
    text = given.strip()
    if not text and not may_be_empty:
        raise Refused(why, code="note_missing", status=400, field=field)
    if len(text) > NOTE_LIMIT or "\x00" in text:
        raise Refused(f"Write at most {NOTE_LIMIT} characters.", code="note_too_long", status=400, field=field)
    return text


def sound_link(given: str) -> str:
    """An address, a path of this portal, or nothing. Raises Refused(evidence_unreadable)."""
    link = given.strip()
    if not link or (link.startswith("/") and not link.startswith(("//", "/\\")) and len(link) <= LINK_LIMIT):
        return link
    try:
        if len(link) > LINK_LIMIT:
            raise ValidationError("too long")
        _is_address(link)
    except ValidationError:
        raise Refused(
            f"Where can it be seen? Give an address that begins with https://, of at most {LINK_LIMIT} characters, or "
            "leave it empty.",
            code="evidence_unreadable",
            status=400,
            field="evidence",
        ) from None
    return link


def note_event(
    condition: Condition,
    kind: str,
    by: User | None,
    note: str,
    evidence: str = "",
    facts: Mapping[str, Any] | None = None,
) -> ConditionEvent:
    """Write what happened."""
    return ConditionEvent.objects.create(
        condition=condition, kind=kind, by=by, note=note, evidence=evidence, facts=dict(facts or {})
    )


def recorded(
    actor: User,
    verb: str,
    condition: Condition,
    reason: str,
    after: Mapping[str, Any] | None = None,
    before: Mapping[str, Any] | None = None,
) -> Condition:
    """Record the deed, last of all."""
    record(
        actor=actor,
        verb=verb,
        thing=condition,
        kind="condition",
        project_id=condition.project_id,
        before=dict(before or {}),
        after={"state": condition.state, **(after or {})},
        reason=reason,
    )
    return condition
