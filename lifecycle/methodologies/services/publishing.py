"""From a draft to a version that is never edited, and taking a version out of what new projects may choose."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.methodologies.models import Methodology, MethodologyDraft
from lifecycle.methodologies.permits import may
from lifecycle.methodologies.reading import read_methodology
from lifecycle.methodologies.selectors import leads_behind
from lifecycle.methodologies.services.bringing import demand_sound, store_version
from lifecycle.methodologies.services.drafting import demand_seen, lock_draft

NOTE_LIMIT = 300  # characters
REASON_LIMIT = 2_000  # characters


@transaction.atomic
def publish_draft(*, actor: User, draft: MethodologyDraft, expected_version: int, note: str = "") -> Methodology:
    """The draft as the next version of its key; the draft is gone then, and the next one starts from this version.

    Raises Refused: not_permitted, draft_gone, version_conflict, methodology_invalid (with all faults),
    methodology_unchanged, note_too_long.
    """
    may(actor, "author").demand()
    draft = lock_draft(draft.pk)
    demand_seen(draft, expected_version)
    note = " ".join(note.replace("\x00", "").split())
    if len(note) > NOTE_LIMIT:
        raise Refused(
            f"The note has {len(note)} characters; the limit is {NOTE_LIMIT}.",
            code="note_too_long",
            status=400,
            field="note",
        )
    reading = read_methodology(draft.text, key=draft.key)
    demand_sound(reading.faults)
    assert reading.content is not None
    content_hash = digest_of(reading.content)
    same = Methodology.objects.filter(key=draft.key, content_hash=content_hash).first()
    if same is not None:
        raise Refused(
            f"The draft says the same as {same}. Change something, or discard the draft.",
            code="methodology_unchanged",
            field="text",
        )
    methodology = store_version(content=reading.content, source=draft.text, author=actor, note=note)
    draft.delete()
    tell(
        people=leads_behind(methodology),
        kind="methodology_published",
        subject=f"A new version of the methodology of your project: {methodology}",
        body=(f"{note}\n\n" if note else "")
        + "Your project keeps its version. Its lead may move it: the stages page of the project shows what would change.",
        link=methodology.get_absolute_url(),
        actor=actor,
        event_key=f"methodology_published:{methodology.pk}",
    )
    record(
        actor=actor,
        verb="publish_methodology",
        thing=methodology,
        kind="methodology",
        after={"key": methodology.key, "number": methodology.number, "hash": content_hash},
        reason=note,
    )
    return methodology


@transaction.atomic
def retire(*, actor: User, methodology: Methodology, reason: str) -> Methodology:
    """No longer offer a version to new projects; those that run keep it. Doing it again changes nothing."""
    may(actor, "author").demand()
    methodology = Methodology.objects.select_for_update(of=("self",)).get(pk=methodology.pk)
    if methodology.retired_at is not None:
        return methodology
    reason = reason.replace("\x00", "").strip()
    if not reason or len(reason) > REASON_LIMIT:
        raise Refused(
            f"Say why it is no longer offered, in at most {REASON_LIMIT} characters: those who run projects under it "
            "will ask.",
            code="reason_missing",
            status=400,
            field="reason",
        )
    methodology.retired_at = timezone.now()
    methodology.retired_reason = reason
    methodology.save(update_fields=["retired_at", "retired_reason"])
    record(
        actor=actor,
        verb="retire_methodology",
        thing=methodology,
        kind="methodology",
        after={"retired": True},
        reason=reason,
    )
    return methodology


@transaction.atomic
def offer_again(*, actor: User, methodology: Methodology) -> Methodology:
    """Offer a retired version to new projects again. Doing it again changes nothing."""
    may(actor, "author").demand()
    methodology = Methodology.objects.select_for_update(of=("self",)).get(pk=methodology.pk)
    if methodology.retired_at is None:
        return methodology
    before = methodology.retired_reason
    methodology.retired_at, methodology.retired_reason = None, ""
    methodology.save(update_fields=["retired_at", "retired_reason"])
    record(
        actor=actor,
        verb="offer_methodology_again",
        thing=methodology,
        kind="methodology",
        before={"retired": True, "reason": before},
        after={"retired": False},
    )
    return methodology
