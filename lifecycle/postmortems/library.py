"""The library of post-mortems: what a person may see, narrowed by choices and by words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.dateparse import parse_date
from django.utils.safestring import SafeString

from foundation.people.models import User
from lifecycle.postmortems import moves
from lifecycle.postmortems.finding import index
from lifecycle.postmortems.models import ActionItem, ContributingFactor, PostMortem, Tag

LONGEST = 200  # signs of what is searched for
HEAD = 100  # of the best matches: the first pages, which are nearly all that is ever read
NEWEST, MATCH = "newest", "match"
_ACCEPTED = Q(actions__disposition=ActionItem.Disposition.ACCEPTED)
_SETTLED = Q(actions__status__in=[moves.VERIFIED, moves.CANCELLED])
_PLAIN = ("kind", "state", "severity", "trigger", "detection")


@dataclass(frozen=True)
class Filters:
    """What the library is narrowed to; empty means all. `factor`: a key of the taxonomy or of a group; `since` and
    `until`: the days on which it was noticed, or opened where nobody wrote that."""

    text: str = ""
    project: str = ""
    kind: str = ""
    state: str = ""
    severity: str = ""
    factor: str = ""
    trigger: str = ""
    detection: str = ""
    tag: str = ""
    since: date | None = None
    until: date | None = None
    own: bool = False
    sort: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Whether more than a project was chosen."""
        return any(getattr(self, field.name) for field in fields(self) if field.name not in ("project", "sort"))

    @property
    def by_match(self) -> bool:
        """The best match first: where there are words, unless the newest were asked for."""
        return bool(self.text) and self.sort != NEWEST


def asked(query: Mapping[str, Any]) -> Filters:
    """The filters of an address; what cannot be read narrows nothing."""

    def text(name: str) -> str:
        return str(query.get(name, "")).replace("\0", "").strip()[:LONGEST]

    return Filters(
        text=text("q"),
        since=_day(text("since")),
        until=_day(text("until")),
        own=query.get("own") == "1",
        sort=text("sort"),
        **{name: text(name) for name in ("project", "factor", "tag", *_PLAIN)},
    )


def narrowed(user: User, filters: Filters) -> QuerySet[PostMortem]:
    """Visible post-mortems that fit the choices, whatever the words."""
    found: QuerySet[PostMortem] = PostMortem.objects.visible_to(user)
    found = found.filter(**{name: value for name in _PLAIN if (value := getattr(filters, name))})
    if filters.project:
        found = found.filter(project__key=filters.project)
    if filters.factor:
        causes = ContributingFactor.objects.filter(Q(node=filters.factor) | Q(group=filters.factor))
        found = found.filter(pk__in=causes.values("postmortem"))
    if filters.tag:
        found = found.filter(pk__in=Tag.objects.filter(text__iexact=filters.tag).values("postmortem"))
    if filters.since:
        found = found.filter(
            Q(detected_on__gte=filters.since) | Q(detected_on__isnull=True, created_at__date__gte=filters.since)
        )
    if filters.until:
        found = found.filter(
            Q(detected_on__lte=filters.until) | Q(detected_on__isnull=True, created_at__date__lte=filters.until)
        )
    if filters.own:
        found = found.filter(Q(owner=user) | Q(facilitator=user))
    return found


class Shelf:
    """Post-mortems of a question in their order, read page by page: two queries a page, and one to count; of words, the
    best HEAD are found and all are counted in one, since going through the index is what takes long."""

    def __init__(self, user: User, filters: Filters) -> None:
        self.filters = filters
        self._all = narrowed(user, filters).order_by("-pk")
        self._found = index().narrow(self._all, filters.text) if filters.text else self._all
        self._count: int | None = None
        self._head: list[int] = []

    def count(self) -> int:
        """How many there are."""
        if self._count is None:
            if self.filters.by_match:
                self._head, self._count = index().best(self._all, self.filters.text, 0, HEAD)
            else:
                self._count = self._found.count()
        return self._count

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, at: slice) -> list[PostMortem]:
        start, stop = at.start or 0, self.count() if at.stop is None else at.stop
        if self.filters.by_match:
            if stop <= min(HEAD, self.count()):
                keys = self._head[start:stop]
            else:
                keys, _ = index().best(self._all, self.filters.text, start, stop)
        else:
            keys = list(self._found.values_list("pk", flat=True)[start:stop])
        rows = {
            row.pk: row
            for row in PostMortem.objects.filter(pk__in=keys)
            .select_related("project", "stage", "owner")
            .annotate(
                actions_accepted=Count("actions", filter=_ACCEPTED, distinct=True),
                actions_open=Count("actions", filter=_ACCEPTED & ~_SETTLED, distinct=True),
            )
        }
        return [rows[key] for key in keys if key in rows]

    def snippets(self, rows: list[PostMortem]) -> dict[int, SafeString]:
        """Where the words stand in these rows; nothing where nothing was searched for."""
        return index().snippets([row.pk for row in rows], self.filters.text) if self.filters.text and rows else {}


def tags_in_use(user: User) -> list[str]:
    """Tags of what the person may see, by name."""
    seen = PostMortem.objects.visible_to(user).values("pk")
    found = Tag.objects.filter(postmortem__in=seen).values_list("text", flat=True).order_by("text").distinct()
    return list(found[:300])


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
