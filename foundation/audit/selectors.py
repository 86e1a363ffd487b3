"""Reads of the trail."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from foundation.audit.models import Entry
from foundation.audit.words import sentence_of


@dataclass(frozen=True)
class Line:
    """One entry, ready for a page."""

    entry: Entry
    sentence: str
    changes: list[tuple[str, str, str]]


def entries(
    *,
    person: str = "",
    verb: str = "",
    project_id: int | None = None,
    since: date | None = None,
    until: date | None = None,
) -> QuerySet[Entry]:
    """Entries newest first; `person` looks in names, `verb` matches a part, days are inclusive and in UTC."""
    wanted = Q()
    if person:
        wanted &= Q(actor_name__icontains=person)
    if verb:
        wanted &= Q(verb__icontains=verb.replace(" ", "_"))
    if project_id is not None:
        wanted &= Q(project_id=project_id)
    if since:
        wanted &= Q(at__gte=datetime.combine(since, time.min, UTC))
    if until:
        wanted &= Q(at__lt=datetime.combine(until + timedelta(days=1), time.min, UTC))
    return Entry.objects.filter(wanted)


def lines(rows: list[Entry]) -> list[Line]:
    """Entries with their sentence, and what changed as (name, before, after)."""
    return [Line(row, sentence_of(row), _changes(row)) for row in rows]


def _changes(entry: Entry) -> list[tuple[str, str, str]]:
    names = [*entry.before, *(name for name in entry.after if name not in entry.before)]
    return [
        (str(name).replace("_", " "), _text(entry.before.get(name)), _text(entry.after.get(name))) for name in names
    ]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int | float):
        return str(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
