"""All words of a post-mortem, and writing them down for the index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from foundation.audit.models import Entry
from lifecycle.lessons.models import SearchText
from lifecycle.lessons.search.words import plain
from lifecycle.postmortems import taxonomy as causes
from lifecycle.postmortems.models import ActionItem, PostMortem

PARTS = ("timeline", "impacts", "factors", "lessons", "actions", "tags", "whys", "attachments")
_AT_ONCE = 500


def text_of(postmortem: PostMortem) -> SearchText:
    """The row of the index, not saved. Reads each part once, or what was prefetched. Nobody's name is in it."""
    nodes = causes.nodes(postmortem.taxonomy.content)
    return SearchText(
        postmortem=postmortem,
        title=plain(postmortem.title),
        summary=plain(postmortem.summary),
        body=plain("\n".join(part.strip() for part in _rest(postmortem, nodes) if part and part.strip())),
    )


def _rest(case: PostMortem, nodes: dict[str, causes.Node]) -> Iterator[str]:
    yield case.reference
    yield from (case.background, case.outward_summary, case.no_action_reason)
    for factor in case.factors.all():
        label = nodes[factor.node].label if factor.node in nodes else ""
        yield from (f"{causes.title(factor.node)}. {label}", factor.text, factor.why_unnoticed)
    yield from (lesson.text for lesson in case.lessons.all())
    for action in case.actions.all():
        yield from (action.title, action.test_for_done, action.disposition_reason, action.effect_note)
    for why in case.whys.all():
        yield from (why.question, why.answer)
    yield from (f"{impact.text} {impact.unit}" for impact in case.impacts.all())
    yield from (event.text for event in case.timeline.all())
    yield from (tag.text for tag in case.tags.all())
    yield from (file.name for file in case.attachments.all())


def write_text(postmortem_id: int) -> None:
    """Bring the index of one post-mortem to what it says now."""
    found = PostMortem.objects.select_related("taxonomy").filter(pk=postmortem_id).first()
    if found is None:
        return
    made = text_of(found)
    values = {"title": made.title, "summary": made.summary, "body": made.body}
    if SearchText.objects.filter(postmortem=found, **values).exists():
        return
    SearchText.objects.update_or_create(postmortem=found, defaults={**values, "updated_at": timezone.now()})


def rebuild(postmortems: QuerySet[PostMortem]) -> int:
    """Write the index of these post-mortems anew; how many."""
    count = 0
    everything = list(postmortems.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(everything), _AT_ONCE):
        keys = everything[start : start + _AT_ONCE]
        rows: Iterable[PostMortem] = (
            PostMortem.objects.filter(pk__in=keys).select_related("taxonomy").prefetch_related(*PARTS)
        )
        with transaction.atomic():
            SearchText.objects.filter(postmortem__in=keys).delete()
            count += len(SearchText.objects.bulk_create(text_of(row) for row in rows))
    return count


def on_entry(entry: Entry) -> None:
    """A listener of the trail: each deed on a post-mortem or on one of its actions may have changed its words."""
    if entry.thing_kind == "postmortem":
        if entry.after.get("part") != "state":
            write_text(int(entry.thing_id))
    elif entry.thing_kind == "action":
        for key in ActionItem.objects.filter(pk=int(entry.thing_id)).values_list("postmortem", flat=True):
            write_text(key)
