"""What this room tells in the dossier of a project: each explanation with what its fingerprint binds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings

from explain.attributions.contradictions.models import ContradictionNote
from explain.attributions.models import Explanation
from explain.attributions.runs import bound_content
from explain.attributions.what_if.models import WhatIf
from foundation.web.digest import digest_of_file
from lifecycle.dossier.parts import Part, Row, Seal, register


def register_parts() -> None:
    """Called when the app starts."""
    register(
        Part(
            "explanations",
            "explanation",
            Explanation,
            "project",
            seals=(Seal("bound", "content_hash"),),
            # The values of single rows stay in the portal; their fingerprint is part of what is bound.
            left_out=("job", "samples", "values_file"),
            also=_bound,
        )
    )
    register(Part("contradiction-notes", "reason for a contradiction", ContradictionNote, "project"))
    register(
        Part(
            "what-if-questions",
            "question about a row",
            WhatIf,
            "explanation__project",
            # As with the values of single rows, the parts of an answer stay in the portal.
            left_out=("job", "answer"),
            also=_answers,
        )
    )


def _answers(asked: Any) -> Row:
    """What the model says of the row as it is, and of the changed one, for each output; None until it was asked."""
    sides = {side: asked.answer[side]["predictions"] if asked.answer else None for side in ("before", "after")}
    return {"answers": sides, "is_evidence": False}


def _bound(explanation: Any) -> Row:
    """What the fingerprint of a computed explanation covers; None before, and where the values are not in the store."""
    if explanation.state != Explanation.State.DONE:
        return {"bound": None}
    place = Path(settings.MEDIA_ROOT) / explanation.values_file
    if not explanation.values_file or not place.is_file():
        return {"bound": None}
    with place.open("rb") as values:
        sha256 = digest_of_file(values)
    return {
        "bound": bound_content(
            explanation.summary,
            model_sha256=explanation.model_version.sha256,
            data_sha256=explanation.data_set.sha256,
            values_sha256=sha256,
        )
    }
