"""What a signature on a condition is bound to: its terms and its history, as canonical JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from foundation.web.digest import digest_of
from lifecycle.signoff.models import Condition, ConditionEvent

CLOSING = frozenset({ConditionEvent.Kind.MET, ConditionEvent.Kind.DROPPED, ConditionEvent.Kind.LAPSED})


def history(condition: Condition) -> list[ConditionEvent]:
    """All that happened, the oldest first, with the people. One query unless it was read ahead."""
    ahead = getattr(condition, "_prefetched_objects_cache", {})
    return list(condition.events.all() if "events" in ahead else condition.events.select_related("by"))


def content_of(condition: Condition, events: Sequence[ConditionEvent]) -> dict[str, Any]:
    """Terms and history up to the event that closes the condition, which a signature cannot contain itself."""
    return {
        "condition": condition.pk,
        "project": condition.project.key,
        "round": condition.round_id,
        "number": condition.number,
        "text": condition.text,
        "severity": condition.severity,
        "owner": [condition.owner_id, condition.owner.name],
        "verifier": [condition.verifier_id, condition.verifier.name],
        "due_on": condition.due_on.isoformat(),
        "grace_days": condition.grace_days,
        "events": [
            {
                "kind": event.kind,
                "by": event.by_id,
                "at": event.at.isoformat(timespec="microseconds"),
                "note": event.note,
                "evidence": event.evidence,
                "facts": event.facts,
            }
            for event in events
            if event.kind not in CLOSING
        ],
    }


def digest_of_condition(condition: Condition, events: Sequence[ConditionEvent] | None = None) -> str:
    """The fingerprint that verifying or dropping is bound to."""
    return digest_of(content_of(condition, history(condition) if events is None else events))
