"""Asking what a model would say of a row that is changed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from django.db import transaction
from django.utils import timezone

from explain.attributions.any_row import exact_values, read_row
from explain.attributions.models import Explanation
from explain.attributions.what_if.models import WhatIf
from explain.attributions.what_if.permits import may_ask
from foundation.audit.services import record
from foundation.jobs.models import Job
from foundation.jobs.services import request_job
from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.projects.services.locks import lock_project

KIND: Final = "what_if"
MOST_WAITING: Final = 5  # of one person
LARGEST: Final = 1e30  # what the libraries' numbers of 32 bits can hold
MOST_PARTS: Final = 20_000  # features times outputs of an answer, which is kept in one row
# What another attempt may get over; the rest lies in model, data or question, and would be refused again.
PASSING: Final = frozenset({"model_crashed", "limit_exceeded", "file_differs", "answer_differs"})


@transaction.atomic
def ask_what_if(*, actor: User, explanation: Explanation, row: int, changes: Mapping[str, object]) -> WhatIf:
    """What the model of a finished explanation would say of `row` (from 1) with `changes`: feature to number, or None.

    The explanation's samples must be loaded. Values that are those of the row already are no changes. The same question
    gives the one that is there; one that was given up, cancelled or refused for a passing cause is started again.
    Raises Refused: not_permitted, project_closed, not_done, bad_method, too_many_parts, no_such_row, unknown_feature,
    bad_number, nothing_changed, too_many_waiting.
    """
    project = lock_project(explanation.project_id)
    may_ask(actor, project).demand()
    _refuse_unfit(explanation)
    wanted = _changes(explanation, row, changes)
    # the person's row is the lock: two pages that ask at once count each other
    User.objects.select_for_update().get(pk=actor.pk)
    changes_hash = digest_of({name: repr(value) for name, value in wanted.items()})
    found = (
        WhatIf.objects.select_for_update(of=("self",))
        .select_related("job")
        .filter(explanation=explanation, row=row, changes_hash=changes_hash)
        .first()
    )
    if found is not None and (found.state == WhatIf.State.DONE or found.is_open or _is_lasting(found)):
        return found
    waiting = WhatIf.objects.filter(asked_by=actor, state=WhatIf.State.WAITING, job__state__in=Job.OPEN)
    if waiting.count() >= MOST_WAITING:
        raise Refused(
            f"{MOST_WAITING} questions of yours wait for a worker already. Look at those first, or ask again in a minute.",
            code="too_many_waiting",
            status=429,
        )
    asked = found or WhatIf(explanation=explanation, row=row, changes=wanted, changes_hash=changes_hash)
    asked.asked_by, asked.created_at, asked.finished_at = actor, timezone.now(), None
    asked.state, asked.refusal_code, asked.refusal = WhatIf.State.WAITING, "", ""
    asked.save()
    asked.job = request_job(
        kind=KIND, args={"what_if": asked.pk}, actor=actor, dedup_key=f"what-if:{asked.pk}", project_id=project.pk
    )
    asked.save(update_fields=["job"])
    record(
        actor=actor,
        verb="ask_what_if",
        thing=asked,
        kind="what_if",
        project_id=project.pk,
        after={"explanation": explanation.pk, "row": row, "changes": _plain(wanted)},
    )
    return asked


def refuses(explanation: Explanation) -> Refused | None:
    """Why nothing can be asked about the explanation, whoever asks; None where it can."""
    try:
        _refuse_unfit(explanation)
    except Refused as refused:
        return refused
    return None


def _refuse_unfit(explanation: Explanation) -> None:
    if explanation.state != Explanation.State.DONE:
        raise Refused(
            "The explanation is not there yet, so there is no answer to compare with. Wait until it is computed.",
            code="not_done",
        )
    if explanation.method != Explanation.Method.SHAP:
        raise Refused(
            "This explanation is by LIME, whose straight lines hold only around the row as it is. Ask about an "
            "explanation by SHAP.",
            code="bad_method",
            status=400,
        )
    parts = len(explanation.summary["features"]) * len(explanation.summary["outputs"])
    if parts > MOST_PARTS:
        raise Refused(
            f"An answer would have {parts:,} parts, features times outputs; at most {MOST_PARTS:,} are kept. "
            "Ask the model itself for so many.",
            code="too_many_parts",
        )


def _changes(explanation: Explanation, row: int, changes: Mapping[str, object]) -> dict[str, float | None]:
    """What differs from the row, by feature in the order of the alphabet."""
    kept = read_row(explanation, row)
    if kept is None:
        raise Refused(
            f"Row {row:,} is not there to ask about. Choose a row that the explanation can show.",
            code="no_such_row",
            status=400,
            field="row",
        )
    features: list[str] = explanation.summary["features"]
    shown = dict(zip(features, kept["values"], strict=True))
    exact = dict(zip(features, exact_values(explanation, row) or kept["values"], strict=True))
    wanted = {}
    for name in sorted(changes):
        if name not in shown:
            raise Refused(
                f"The model takes no feature {name!r}. Use the names of the features as the explanation has them.",
                code="unknown_feature",
                status=400,
                field=name,
            )
        value = _number(name, changes[name])
        if value not in (shown[name], exact[name]):
            wanted[name] = value
    if not wanted:
        raise Refused(
            "Nothing is different from the row as it is. Change at least one value, and ask again.",
            code="nothing_changed",
            status=400,
        )
    return wanted


def _number(name: str, value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not _is_usable(value):
        raise Refused(
            f"The value of {name!r} is not a number that the model can take. Give a number, or nothing for an empty value.",
            code="bad_number",
            status=400,
            field=name,
        )
    return float(value)


def _is_usable(value: float) -> bool:
    return abs(value) <= LARGEST and math.isfinite(value)


def _is_lasting(found: WhatIf) -> bool:
    return found.state == WhatIf.State.REFUSED and found.refusal_code not in PASSING


def _plain(changes: Mapping[str, float | None]) -> dict[str, str]:
    """Numbers as texts, so that the trail's fingerprints need no rule for them."""
    return {name: "empty" if value is None else repr(value) for name, value in changes.items()}
