"""Tags of a post-mortem: what data, which technique, which field of business."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.refused import Refused, Verdict
from lifecycle.postmortems.models import PostMortem, Tag
from lifecycle.postmortems.permits import Standing, may_edit, may_steer
from lifecycle.postmortems.services.writing import hold, note, refuse_if_edited

TAG_LIMIT = 60  # characters of one tag
TAGS_LIMIT = 30  # tags of one post-mortem


def may_tag(actor: User, postmortem: PostMortem, standing: Standing | None = None) -> Verdict:
    """While it is a draft whoever writes in it; once it is published those who steer it, since tags are found late."""
    is_published = postmortem.state == PostMortem.State.PUBLISHED
    return may_steer(actor, postmortem, standing) if is_published else may_edit(actor, postmortem, standing)


@transaction.atomic
def set_tags(*, actor: User, postmortem: PostMortem, tags: Iterable[tuple[str, str]], lock: int) -> PostMortem:
    """Replace all tags by these (kind, text); spelling in capitals makes no second one.

    `lock`: the number that the person read. Raises Refused: not_permitted, not_draft, closed, tag_kind_unknown,
    tag_too_long, too_many_tags, edited_meanwhile.
    """
    held = hold(postmortem.pk)
    may_tag(actor, held).demand()
    refuse_if_edited(held, lock, "tags")
    wanted = _sound(tags)
    former = {(tag.kind, tag.text): tag for tag in Tag.objects.filter(postmortem=held)}
    if set(former) == set(wanted):
        return held
    Tag.objects.filter(pk__in=[tag.pk for pair, tag in former.items() if pair not in wanted]).delete()
    Tag.objects.bulk_create(
        Tag(postmortem=held, kind=kind, text=text) for kind, text in wanted if (kind, text) not in former
    )
    held.lock += 1
    held.save(update_fields=["lock"])
    note(
        actor,
        held,
        "set_postmortem_tags",
        part="tags",
        before={"hash": digest_of(sorted(map(list, former)))[:16]},
        after={"hash": digest_of(sorted(map(list, wanted)))[:16], "state": held.state},
    )
    return held


def _sound(tags: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for kind, text in tags:
        plain = " ".join(str(text).replace("\x00", "").split())
        if kind not in Tag.Kind.values:
            raise Refused(
                f"{kind!r} is no kind of tag. Use one of: {', '.join(Tag.Kind.values)}.",
                code="tag_kind_unknown",
                status=400,
                field="kind",
            )
        if len(plain) > TAG_LIMIT:
            raise Refused(
                f"A tag has up to {TAG_LIMIT} characters: shorten “{plain[:TAG_LIMIT]}…”, or put commas between tags.",
                code="tag_too_long",
                status=400,
                field=kind,
            )
        if plain:
            found.setdefault((kind, plain.lower()), (kind, plain))
    if len(found) > TAGS_LIMIT:
        raise Refused(
            f"These are {len(found)} tags; {TAGS_LIMIT} are the limit. Keep those by which somebody would search.",
            code="too_many_tags",
            status=400,
        )
    return list(found.values())
