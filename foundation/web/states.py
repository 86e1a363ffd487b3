"""Which mark a state carries on a page, by the kind of row and the value of its state."""

from __future__ import annotations

from django.db.models import Model

_WAIT, _YES, _COND, _NO, _STALE, _IDLE = "wait", "yes", "cond", "no", "stale", "idle"

# Names only: the ground floor knows none of these rooms.
_KINDS: dict[str, dict[str, str]] = {
    "project": {"active": _WAIT, "in_use": _YES, "stopped": _NO, "closed": _IDLE},
    "stage": {"waiting": _IDLE, "open": _WAIT, "in_review": _COND, "approved": _YES, "superseded": _STALE},
    "round": {
        "draft": _IDLE,
        "submitted": _WAIT,
        "in_feedback": _WAIT,
        "awaiting_decision": _WAIT,
        "approved": _YES,
        "approved_with_conditions": _COND,
        "changes_requested": _COND,
        "rejected": _NO,
        "withdrawn": _IDLE,
        "stale": _STALE,
        "expired": _STALE,
        "revoked": _NO,
    },
    "job": {"queued": _WAIT, "running": _WAIT, "done": _YES, "failed": _NO, "dead": _NO, "cancelled": _IDLE},
    "delivery": {"sending": _WAIT, "sent": _YES, "failed": _NO, "unknown": _COND},
    "baseline": {"proposed": _WAIT, "frozen": _YES, "withdrawn": _IDLE, "superseded": _STALE},
    "modelversion": {"inspecting": _WAIT, "accepted": _YES, "refused": _NO},
    "explanation": {"waiting": _WAIT, "done": _YES, "refused": _NO},
    "whatif": {"waiting": _WAIT, "done": _YES, "refused": _NO},
    "outcomereport": {"waiting": _WAIT, "done": _YES, "refused": _NO},
    "acceptance": {
        "open": _WAIT,
        "offered": _COND,
        "accepted": _YES,
        "accepted_with_conditions": _COND,
        "rejected": _NO,
        "withdrawn": _IDLE,
    },
    "acceptancecondition": {"open": _WAIT, "closed": _COND, "verified": _YES},
    "criterionchange": {"waiting": _WAIT, "consented": _YES, "refused": _NO, "taken_back": _IDLE},
    "handoff": {"draft": _IDLE, "handed": _WAIT, "received": _YES, "sent_back": _NO, "superseded": _STALE},
    "exitreport": {"draft": _IDLE, "issued": _YES},
    "criterionresult": {"": _IDLE, "met": _YES, "not_met": _NO, "waived": _COND},
    "postmortem": {"draft": _IDLE, "in_review": _WAIT, "published": _YES, "closed": _IDLE},
    "actionitem": {"open": _WAIT, "in_progress": _WAIT, "done": _COND, "verified": _YES, "cancelled": _IDLE},
    "proposal": {
        "open": _WAIT,
        "approved": _YES,
        "rejected": _NO,
        "withdrawn": _IDLE,
        "superseded": _STALE,
    },
    "condition": {"open": _WAIT, "claimed": _COND, "met": _YES, "lapsed": _NO, "dropped": _IDLE},
    "decision": {"approve": _YES, "approve_with_conditions": _COND, "request_changes": _COND, "reject": _NO},
}
_FIELDS = {"actionitem": "status", "criterionresult": "verdict", "decision": "verdict", "delivery": "result"}

_GRADES = {
    "": "no outcome measured",
    "none": "no outcome measured",
    "assumed": "assumed",
    "not_enough_data": "not enough data",
    "indicative": "indicative",
    "measured": "measured",
    "verified": "verified",
}


def kind_of(thing: Model) -> tuple[str, str]:
    """The mark (wait, yes, cond, no, stale, idle) and the word of a row's state.

    A row whose approval no longer holds says so by `is_stale` and `stale_word`, one that builds on such a row by
    `rests_on`.
    """
    name = thing._meta.model_name or ""
    field = _FIELDS.get(name, "state")
    value = str(getattr(thing, field))
    if getattr(thing, "is_stale", False):
        return _STALE, str(getattr(thing, "stale_word", "changed since approval"))
    word = getattr(thing, f"get_{field}_display")()
    if getattr(thing, "rests_on", ""):
        return _STALE, str(word)
    return _KINDS.get(name, {}).get(value, _IDLE), str(word)


def grade_word(value: str) -> str:
    """The word of a grade; an unknown one is shown as it is."""
    return _GRADES.get(value, value.replace("_", " "))
