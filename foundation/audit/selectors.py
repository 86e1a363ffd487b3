"""Reads of the trail."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from foundation.audit.models import Entry
from foundation.audit.words import named, phrase_of, sentence_of
from foundation.web.formats import plain_text

NAMES_OFFERED = 300


@dataclass(frozen=True)
class Line:
    """One entry, ready for a page."""

    entry: Entry
    sentence: str
    changes: list[tuple[str, str, str]]


@dataclass(frozen=True)
class NamedProject:
    """A project that the trail speaks of, by the key and the name it began with."""

    number: int
    key: str
    name: str


def entries(
    *,
    person: str = "",
    verb: str = "",
    project_id: int | None = None,
    projects: Collection[int] | None = None,
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[Entry]:
    """Entries newest first; `person` looks in names, `verb` matches a part, days are inclusive and in UTC.

    `projects`: of any of these; a demo project that was loaded twice has two numbers under one key.
    """
    wanted = Q()
    if person:
        wanted &= Q(actor_name__icontains=person)
    if verb:
        wanted &= Q(verb__icontains=verb.replace(" ", "_"))
    if project_id is not None:
        wanted &= Q(project_id=project_id)
    if projects is not None:
        wanted &= Q(project_id__in=projects)
    if since:
        wanted &= Q(at__gte=datetime.combine(since, time.min, UTC))
    if until:
        wanted &= Q(at__lt=datetime.combine(until + timedelta(days=1), time.min, UTC))
    return Entry.objects.filter(wanted)


def named_projects() -> list[NamedProject]:
    """Projects as the trail itself knows them, by the entry of their start; one query."""
    started = Entry.objects.filter(thing_kind="project", verb="start_project", project_id__isnull=False)
    rows = started.order_by("thing_name", "seq").values_list("project_id", "after__key", "thing_name")
    return [NamedProject(number, str(key or ""), name) for number, key, name in rows if number is not None]


def verbs() -> list[tuple[str, str]]:
    """Deeds that the trail holds, with their words, in the order of the words; one query."""
    held = Entry.objects.order_by().values_list("verb", flat=True).distinct()
    return sorted(((verb, phrase_of(verb).rstrip(":")) for verb in held), key=lambda pair: pair[1])


def names() -> list[str]:
    """Names of those who did something; one query."""
    return list(Entry.objects.order_by("actor_name").values_list("actor_name", flat=True).distinct()[:NAMES_OFFERED])


def lines(rows: list[Entry]) -> list[Line]:
    """Entries with their sentence, and what changed as (name, before, after)."""
    return [Line(row, sentence_of(row), _changes(row)) for row in rows]


def _changes(entry: Entry) -> list[tuple[str, str, str]]:
    names = [*entry.before, *(name for name in entry.after if name not in entry.before)]
    return [(named(str(name)), _text(entry.before.get(name)), _text(entry.after.get(name))) for name in names]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str | int | float):
        return plain_text(value)
    if isinstance(value, list) and value and all(isinstance(item, dict) and "label" in item for item in value):
        return "; ".join(_difference(item) for item in value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _difference(line: dict[str, Any]) -> str:
    """A line of a difference: what it is about, what it was and what it is."""
    sides = " → ".join(str(line[side]) for side in ("was", "now") if line.get(side))
    return f"{line['label']}: {sides}" if sides else str(line["label"])
