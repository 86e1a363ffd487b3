"""Reads of post-mortems, always of what the person may see."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from django.db.models import (
    Count,
    Prefetch,
    QuerySet,
    prefetch_related_objects,
)

from foundation.people.models import User
from lifecycle.postmortems import moves
from lifecycle.postmortems import taxonomy as causes
from lifecycle.postmortems.models import (
    ActionItem,
    ContributingFactor,
    PostMortem,
    Tag,
    TextVersion,
    TimelineEvent,
    WhyNode,
)
from lifecycle.postmortems.words import Remark, remarks_on
from lifecycle.projects.models import Project

TAGS_SUGGESTED = 8  # of each kind
RUN = 3  # decisions from the trail in a row that stand together


def find(user: User, reference: str) -> PostMortem | None:
    """One visible post-mortem with what its page names; None when there is nothing to see."""
    found: PostMortem | None = (
        PostMortem.objects.visible_to(user)
        .select_related("project", "stage", "taxonomy", "template", "owner", "facilitator", "published_by")
        .filter(reference=reference)
        .first()
    )
    return found


def with_parts(postmortem: PostMortem) -> PostMortem:
    """The same row with all its parts read; thirteen queries, however many rows."""
    prefetch_related_objects(
        [postmortem],
        "timeline",
        "impacts",
        "factors",
        "lessons",
        "attachments",
        Prefetch("whys", WhyNode.objects.select_related("factor")),
        "tags",
        Prefetch(
            "actions",
            ActionItem.objects.select_related("owner", "factor", "verified_by", "effect_by").prefetch_related(
                "events__by"
            ),
        ),
        "revisions__author",
        "reviews__reviewer",
    )
    return postmortem


def tags_in_use(user: User) -> dict[str, list[str]]:
    """The tags that stand most often in what the person may see, by kind; one query."""
    rows = (
        Tag.objects.filter(postmortem__in=PostMortem.objects.visible_to(user).values("pk"))
        .values("kind", "text")
        .annotate(times=Count("pk"))
        .order_by("-times", "text")
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        texts = found.setdefault(row["kind"], [])
        if len(texts) < TAGS_SUGGESTED:
            texts.append(row["text"])
    return found


def my_actions(user: User) -> QuerySet[ActionItem]:
    """Accepted actions of this person that are not done, those due first; only where they may read."""
    return (
        ActionItem.objects.filter(
            owner=user,
            disposition=ActionItem.Disposition.ACCEPTED,
            status__in=moves.UNFINISHED,
            postmortem__in=PostMortem.objects.visible_to(user).exclude(state=moves.CLOSED).values("pk"),
        )
        .select_related("postmortem__project")
        .order_by("due_on", "pk")
    )


def people_of(project: Project) -> QuerySet[User]:
    """Active people with a role in the project."""
    return User.objects.filter(
        memberships__project=project, memberships__left_at__isnull=True, is_active=True
    ).distinct()


def remarks_for(postmortem: PostMortem) -> list[Remark]:
    """What the word check finds in all texts; one query for names, and the rows."""
    names = list(people_of(postmortem.project).values_list("name", flat=True))
    texts: list[tuple[str, str]] = [
        ("title", postmortem.title),
        ("summary", postmortem.summary),
        ("background", postmortem.background),
        ("summary for readers outside", postmortem.outward_summary),
        *(("timeline", f"{event.text} {event.role}") for event in postmortem.timeline.all()),
        *(("impact", impact.text) for impact in postmortem.impacts.all()),
        *(("factors", f"{factor.text} {factor.why_unnoticed}") for factor in postmortem.factors.all()),
        *(("whys", f"{why.question} {why.answer}") for why in postmortem.whys.all()),
        *(("lessons", lesson.text) for lesson in postmortem.lessons.all()),
        *(("actions", action.title) for action in postmortem.actions.all()),
    ]
    found: dict[tuple[str, str], Remark] = {}
    for where, text in texts:
        for remark in remarks_on(text, names, where):
            found.setdefault((where, remark.word), remark)
    return list(found.values())


@dataclass(frozen=True)
class Stretch:
    """One moment of the timeline, or a run of decisions of the portal that followed each other."""

    events: list[TimelineEvent]

    @property
    def is_run(self) -> bool:
        return len(self.events) > 1

    @property
    def is_own(self) -> bool:
        """Whether the team wrote it; the others were taken from the trail."""
        return self.events[0].audit_seq is None

    @property
    def first(self) -> TimelineEvent:
        return self.events[0]

    @property
    def last(self) -> TimelineEvent:
        return self.events[-1]


def timeline(postmortem: PostMortem) -> list[Stretch]:
    """The timeline in order; runs of routine decisions from the trail stand together, so that own moments are seen."""
    runs = groupby(
        enumerate(postmortem.timeline.all()),
        key=lambda pair: -1 if pair[1].audit_seq and pair[1].marker == TimelineEvent.Marker.DECISION else pair[0],
    )
    stretches: list[Stretch] = []
    for _, pairs in runs:
        events = [event for _, event in pairs]
        stretches += [Stretch(events)] if len(events) >= RUN else [Stretch([event]) for event in events]
    return stretches


@dataclass(frozen=True)
class FactorGroup:
    """Factors of one group, with the labels of their causes."""

    name: str
    factors: list[tuple[ContributingFactor, str, str]]


def factor_groups(postmortem: PostMortem) -> list[FactorGroup]:
    """Factors by group, in the order of the taxonomy; main ones first."""
    nodes = causes.nodes(postmortem.taxonomy.content)
    order = {key: number for number, key in enumerate(nodes)}
    strengths = {"main": 0, "contributing": 1, "possible": 2}
    rows = sorted(postmortem.factors.all(), key=lambda row: (strengths.get(row.strength, 3), order.get(row.node, 999)))
    groups: dict[str, list[tuple[ContributingFactor, str, str]]] = {}
    for factor in rows:
        node = nodes.get(factor.node)
        groups.setdefault(factor.group, []).append((factor, causes.title(factor.node), node.label if node else ""))
    return [FactorGroup(causes.title(group), factors) for group, factors in groups.items()]


def changes_since(postmortem: PostMortem, lock: int) -> list[tuple[str, str, str]]:
    """(label, before, now) of each field that was changed after the state that had `lock`. One query."""
    held: dict[tuple[str, str], str] = {}
    now: dict[tuple[str, str], str] = {}
    for version in TextVersion.objects.filter(postmortem=postmortem).order_by("lock", "pk"):
        place = (version.part, version.field)
        if version.lock <= lock:
            held[place] = version.text
        else:
            now[place] = version.text
    return [
        (
            f"{'' if part == 'text' else part.partition(':')[0] + ': '}{causes.words(name)}",
            held.get((part, name), ""),
            text,
        )
        for (part, name), text in now.items()
        if held.get((part, name), "") != text
    ]
