"""What somebody typed and did not save: kept on the server, for that person, until it is saved, thrown away or forgotten.

Forms are kept while they are written, and saved by another request: which of the two arrives last, nobody knows. So each
form has a word of its own from the page that opened it (`opening`), and what comes under the word of a saved form is
let go. Both hold the post-mortem's row, so that one of them is first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.postmortems.models import PostMortem, SavedForm, UnsavedText
from lifecycle.postmortems.naming import noun_of
from lifecycle.postmortems.permits import may_take_part
from lifecycle.postmortems.services.writing import hold

FORM_LIMIT = 200_000  # characters of one form
FORMS = 40  # of one person in one post-mortem
FORGOTTEN_AFTER = timedelta(days=90)  # from the last key
_PLACE = re.compile(r"(add:)?[a-z_]{1,20}(:[0-9]{1,12})?")
_NOT_TYPED = frozenset({"csrfmiddlewaretoken", "lock", "place", "remove", "opening"})
_OPENING = re.compile(r"[\w-]{8,40}", re.ASCII)


@transaction.atomic
def keep_unsaved(
    *,
    actor: User,
    postmortem: PostMortem,
    place: str,
    fields: Mapping[str, list[str]],
    lock: int,
    clashes: list[dict[str, str]] | None = None,
    opening: str = "",
) -> UnsavedText | None:
    """Keep what a form holds, over what was kept of it before; None where this very form was saved already. `lock`: the
    state on which it was written; `opening`: the word of the page that shows it.

    No entry of the trail: it is nobody's deed yet. Refused: who does not take part, an unknown form, too long a text.
    """
    may_take_part(actor, postmortem).demand()
    typed = {name: values for name, values in fields.items() if name not in _NOT_TYPED}
    if not _PLACE.fullmatch(place):
        raise Refused(
            f"No form of the {noun_of(postmortem)} has this name.", code="place_unknown", status=400, field="place"
        )
    if sum(len(value) for values in typed.values() for value in values) > FORM_LIMIT:
        raise Refused(
            f"More than {FORM_LIMIT:,} characters are not kept. Save it in parts.", code="too_long", status=400
        )
    hold(postmortem.pk)
    if SavedForm.objects.filter(postmortem=postmortem, person=actor, opening=opening).exists():
        return None
    others = UnsavedText.objects.filter(postmortem=postmortem, person=actor)
    kept, is_new = others.update_or_create(
        place=place,
        defaults={"fields": typed, "lock": max(1, lock), "clashes": clashes or [], "at": timezone.now()},
        create_defaults={
            "postmortem": postmortem,
            "person": actor,
            "fields": typed,
            "lock": max(1, lock),
            "clashes": clashes or [],
        },
    )
    if is_new:
        oldest = others.order_by("-at", "-pk").values_list("pk", flat=True)[FORMS:]
        UnsavedText.objects.filter(pk__in=list(oldest)).delete()
    return kept


def drop_unsaved(*, actor: User, postmortem: PostMortem, place: str) -> None:
    """The person threw it away."""
    may_take_part(actor, postmortem).demand()
    UnsavedText.objects.filter(postmortem=postmortem, person=actor, place=place).delete()


@transaction.atomic
def form_saved(*, actor: User, postmortem: PostMortem, place: str, opening: str) -> None:
    """It is saved: nothing of it is unsaved any more, and what is on its way under its word comes too late."""
    hold(postmortem.pk)
    drop_unsaved(actor=actor, postmortem=postmortem, place=place)
    if _OPENING.fullmatch(opening):
        SavedForm.objects.get_or_create(postmortem=postmortem, person=actor, opening=opening)


def forget_unsaved(begins_at: datetime) -> None:
    """Let go what nobody touched for FORGOTTEN_AFTER before this instant."""
    before = begins_at - FORGOTTEN_AFTER
    UnsavedText.objects.filter(at__lt=before).delete()
    SavedForm.objects.filter(at__lt=before).delete()


def unsaved_of(actor: User, postmortem: PostMortem) -> list[UnsavedText]:
    """What this person left in this post-mortem, newest first. One query."""
    return list(UnsavedText.objects.filter(postmortem=postmortem, person=actor).order_by("-at"))


def as_initial(kept: UnsavedText) -> dict[str, Any]:
    """Its inputs for a form: one value, or a list where several were sent."""
    return {name: values[0] if len(values) == 1 else values for name, values in kept.fields.items()}
