"""Writing down why a model contradicts the business."""

from __future__ import annotations

from django.db import transaction

from explain.attributions.contradictions.models import ContradictionNote
from explain.attributions.contradictions.selectors import against, direction_of
from explain.attributions.models import Explanation
from explain.attributions.permits import may
from explain.attributions.selectors import dictionary_of
from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.services.locks import lock_project

LONGEST = 2_000  # characters of one reason


@transaction.atomic
def explain_contradiction(*, actor: User, explanation: Explanation, feature: str, text: str) -> ContradictionNote:
    """Say why the model acts against expectation in one feature; a new text takes the place of the former.

    Raises Refused: not_permitted, project_closed, reason_missing, reason_too_long, no_contradiction.
    """
    project = lock_project(explanation.project_id)
    may(actor, "explain_contradiction", project).demand()
    text = text.strip()
    if not text:
        raise Refused(
            "Say why the model is right about this feature, or what was done about it. An empty text explains nothing.",
            code="reason_missing",
            status=400,
            field="text",
        )
    if len(text) > LONGEST:
        raise Refused(
            f"The reason has {len(text):,} characters; the limit is {LONGEST:,}. Put the rest into a deliverable.",
            code="reason_too_long",
            status=400,
            field="text",
        )
    found = against(explanation.summary.get("drivers", []), dictionary_of(project))
    driver = next((driver for driver in found if driver["feature"] == feature), None)
    if driver is None:
        raise Refused(
            f"{feature!r} does not act against expectation in this explanation. Load the page again to see what does.",
            code="no_contradiction",
            field="feature",
        )
    former = (
        ContradictionNote.objects.filter(model_version=explanation.model_version, feature=feature)
        .order_by("-pk")
        .values_list("text", flat=True)
        .first()
    )
    note = ContradictionNote.objects.create(
        project=project,
        model_version=explanation.model_version,
        feature=feature,
        direction=direction_of(driver),
        text=text,
        author=actor,
    )
    record(
        actor=actor,
        verb="explain_contradiction",
        thing=note,
        kind="contradiction",
        project_id=project.pk,
        before={"text": former} if former is not None else {},
        after={
            "model": explanation.model_version.number,
            "feature": feature,
            "direction": note.direction,
            "text": text,
        },
    )
    return note
