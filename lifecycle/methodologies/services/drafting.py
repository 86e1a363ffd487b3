"""Drafts of own methodologies: begun, changed by one after the other, discarded."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.digest import digest_of_text
from foundation.web.refused import Refused
from lifecycle.methodologies.models import Methodology, MethodologyDraft
from lifecycle.methodologies.permits import may
from lifecycle.methodologies.pieces import KEY, KEY_RULE
from lifecycle.methodologies.reading import LIMIT
from lifecycle.methodologies.services.bringing import SHIPPED
from lifecycle.methodologies.wording import named, renamed, skeleton, source_of

# Words that are pages beside the methodologies.
TAKEN = ("new", "drafts", "check")


@transaction.atomic
def begin_draft(
    *, actor: User, key: str = "", name: str = "", based_on: Methodology | None = None, text: str | None = None
) -> MethodologyDraft:
    """A draft of the next version of an own methodology.

    Its text: `text` (with faults if it has some), else a copy of `based_on`, else the newest version of the same key,
    else a small one to begin with. An empty `key` or `name` is taken from the text; a given one is written into a copy.
    Raises Refused: not_permitted, key_unusable, key_shipped, draft_exists, name_missing, empty, text_too_long.
    """
    may(actor, "author").demand()
    if text is None:
        newest = Methodology.objects.filter(key=key).order_by("-number").first()
        based_on = based_on or newest
        own_key, own_name = (based_on.key, based_on.name) if based_on else ("", "")
        key, name = key.strip() or own_key, name.strip() or own_name
        demand_key(key)
        content = renamed(source_of(based_on) if based_on else skeleton(), key=key, name=_sound_name(name or key))
    else:
        content = sound_source(text)
        own_key, own_name = named(content)
        key, name = key.strip() or own_key, name.strip() or own_name
        demand_key(key)
    name = _sound_name(name or key)
    if MethodologyDraft.objects.filter(key=key).exists():
        raise _draft_exists(key)
    try:
        with transaction.atomic():
            draft = MethodologyDraft.objects.create(
                key=key, name=name, text=content, based_on=based_on, created_by=actor, edited_by=actor
            )
    except IntegrityError:
        raise _draft_exists(key) from None
    record(
        actor=actor,
        verb="begin_methodology_draft",
        thing=draft,
        kind="methodology_draft",
        after={"key": key, "name": name, "based_on": str(based_on or ""), "hash": digest_of_text(content)},
    )
    return draft


@transaction.atomic
def change_draft(*, actor: User, draft: MethodologyDraft, text: str, expected_version: int) -> MethodologyDraft:
    """Another text for the draft; it may hold faults. The same text again changes nothing.

    `expected_version`: the one that the person saw. Refused `version_conflict` (409) when somebody changed it
    meanwhile, so that nobody writes over another's work.
    """
    may(actor, "author").demand()
    draft = lock_draft(draft.pk)
    content = sound_source(text)
    if content == draft.text:
        return draft
    demand_seen(draft, expected_version)
    before = {"version": draft.version, "hash": digest_of_text(draft.text)}
    draft.text = content
    draft.name = named(content)[1][:120].strip() or draft.name
    draft.version += 1
    draft.edited_by, draft.edited_at = actor, timezone.now()
    draft.save(update_fields=["text", "name", "version", "edited_by", "edited_at"])
    record(
        actor=actor,
        verb="change_methodology_draft",
        thing=draft,
        kind="methodology_draft",
        before=before,
        after={"version": draft.version, "hash": digest_of_text(content)},
    )
    return draft


@transaction.atomic
def discard_draft(*, actor: User, draft: MethodologyDraft, expected_version: int) -> None:
    """Throw the draft away; published versions stay. Refused `version_conflict` when somebody changed it meanwhile."""
    may(actor, "author").demand()
    draft = lock_draft(draft.pk)
    demand_seen(draft, expected_version)
    record(
        actor=actor,
        verb="discard_methodology_draft",
        thing=draft,
        kind="methodology_draft",
        # The text goes with the draft; the trail keeps what it was.
        before={"key": draft.key, "version": draft.version, "hash": digest_of_text(draft.text), "text": draft.text},
    )
    draft.delete()


def lock_draft(pk: int) -> MethodologyDraft:
    """The draft as it is now, locked until the transaction ends. Raises Refused when it is gone."""
    draft = MethodologyDraft.objects.select_for_update(of=("self",)).select_related("edited_by").filter(pk=pk).first()
    if draft is None:
        raise Refused(
            "The draft is no longer there: somebody published or discarded it. Look at the list of methodologies.",
            code="draft_gone",
        )
    return draft


def demand_seen(draft: MethodologyDraft, expected_version: int) -> None:
    """Raise Refused when the person saw another version of the draft than the present one."""
    if expected_version != draft.version:
        raise Refused(
            f"{draft.edited_by.name} changed the draft while you worked on it. Nothing of yours is lost: compare the "
            "two and save again.",
            code="version_conflict",
            field="text",
        )


def demand_key(key: str) -> None:
    """Raise Refused when a key cannot be one of an own methodology."""
    if key in SHIPPED:
        raise Refused(
            f"{key!r} comes with Tollgate and is kept as its makers describe it. Give your copy a key of its own.",
            code="key_shipped",
            status=400,
            field="key",
        )
    if not KEY.fullmatch(key) or key in TAKEN:
        what = f"{key!r} cannot be the key of a methodology" if key else "The methodology has no key"
        raise Refused(
            f"{what}: a key {KEY_RULE}, and is none of {', '.join(TAKEN)}. Choose another one.",
            code="key_unusable",
            status=400,
            field="key",
        )


def sound_source(text: str) -> str:
    """The text with line ends as `\\n`. Raises Refused when nothing is there, when it is too long or no text."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    if not plain.strip():
        raise Refused("The text is empty. Write or upload a methodology.", code="empty", status=400, field="text")
    if len(plain) > LIMIT:
        raise Refused(
            f"The text has {len(plain)} characters; the limit is {LIMIT}. Shorten its descriptions.",
            code="text_too_long",
            status=400,
            field="text",
        )
    # NUL cannot be stored in PostgreSQL, half a surrogate pair cannot be encoded.
    if "\x00" in plain or any("\ud800" <= sign <= "\udfff" for sign in plain):
        raise Refused(
            "The text holds a sign that is no text. Paste it again as plain text.",
            code="text_unreadable",
            status=400,
            field="text",
        )
    return plain


def _sound_name(name: str) -> str:
    plain = " ".join(name.split())
    if not plain or len(plain) > 120 or "\x00" in plain:
        raise Refused(
            "The methodology needs a name of at most 120 characters.", code="name_missing", status=400, field="name"
        )
    return plain


def _draft_exists(key: str) -> Refused:
    return Refused(
        f"There is a draft of {key!r} already. Open it on the page of methodologies and go on with it.",
        code="draft_exists",
        field="key",
    )
