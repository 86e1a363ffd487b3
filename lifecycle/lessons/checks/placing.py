"""Where a check stands: its key, the draft into which it goes, and its entries of the trail."""

from __future__ import annotations

from typing import Any

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.lessons.models import LessonCheck
from lifecycle.methodologies.models import Methodology, MethodologyDraft
from lifecycle.methodologies.selectors import draft_of, newest_of
from lifecycle.methodologies.services import SHIPPED, begin_draft, change_draft
from lifecycle.methodologies.services.drafting import demand_key
from lifecycle.methodologies.wording import with_question
from lifecycle.postmortems.models import PostMortem


def free_key(case: PostMortem, methodology_key: str) -> str:
    """`pm_2026_0007_1`; of a case that not everybody may read `lesson_1`, since a methodology is read by everybody."""
    is_open = case.visibility == PostMortem.Visibility.ORGANISATION
    stem = case.reference.lower().replace("-", "_") if is_open else "lesson"
    taken = set(
        LessonCheck.objects.filter(methodology_key=methodology_key, question_key__startswith=stem).values_list(
            "question_key", flat=True
        )
    )
    newest = newest_of(methodology_key)
    if newest is not None:
        taken |= {question["key"] for phase in newest.phases for question in phase.get("exit_questions") or []}
    number = 1
    while f"{stem}_{number}" in taken:
        number += 1
    return f"{stem}_{number}"


def target_draft(actor: User, key: str, *, source: str, phase: str, name: str = "") -> MethodologyDraft:
    """The draft of an own methodology's next version, begun where there is none.

    `source`: what a new one is copied from; where that is gone, what comes with the portal and has the phase.
    """
    if key in SHIPPED or newest_of(key) is None:
        demand_key(key)
    draft = draft_of(key)
    if draft is not None:
        return draft
    own = newest_of(key)
    based_on = own or newest_of(source) or _shipped_with(phase)
    copied = f"{based_on.name}, our own" if based_on and own is None else ""
    return begin_draft(actor=actor, key=key, name=name.strip() or copied, based_on=based_on)


def _shipped_with(phase: str) -> Methodology | None:
    """A methodology of the portal that has the phase: what a copy was made of whose draft was discarded."""
    versions = (newest_of(key) for key in SHIPPED)
    return next((one for one in versions if one and phase in {each["key"] for each in one.phases}), None)


def place_question(actor: User, check: LessonCheck, draft: MethodologyDraft) -> bool:
    """Write the question into the draft's text; False where it stands there already. Raises Refused `phase_gone`."""
    case = check.postmortem
    text = with_question(
        draft.text,
        phase=check.phase_key,
        key=check.question_key,
        question=check.text,
        case=case.reference if case.visibility == PostMortem.Visibility.ORGANISATION else "",
    )
    if text is None:
        raise Refused(
            f"The draft of {draft.name} has no phase {check.phase_key!r} with exit questions, or cannot be read. Mend "
            "the draft, or decline the check.",
            code="phase_gone",
        )
    if text == draft.text:
        return False
    change_draft(actor=actor, draft=draft, text=text, expected_version=draft.version)
    return True


def note(
    actor: User | None,
    check: LessonCheck,
    verb: str,
    *,
    project_id: int | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    """One entry of the trail, in the part of the case's project if no other is named. Of a case that was restricted
    since, it gets no reason."""
    is_open = check.postmortem.visibility != PostMortem.Visibility.RESTRICTED
    record(
        actor=actor,
        verb=verb,
        thing=check,
        kind="lesson_check",
        name=check.question_key,
        project_id=project_id or (check.postmortem.project_id if is_open else None),
        before={name: str(value) for name, value in (before or {}).items()},
        after={name: str(value) for name, value in (after or {}).items()},
        reason=reason if is_open else "",
    )
