"""Reading the rows of themes: published cases that the person may see, in three queries and one for the names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast, Substr
from django.utils import timezone
from django.utils.dateparse import parse_date

from foundation.people.models import User
from lifecycle.lessons.themes.compute import Themes, themes_of
from lifecycle.lessons.themes.rows import Action, Case, Cause, Rows
from lifecycle.methodologies.models import Methodology
from lifecycle.postmortems import moves
from lifecycle.postmortems import taxonomy as causes
from lifecycle.postmortems.models import ActionItem, ContributingFactor, PostMortem
from lifecycle.postmortems.services import current_taxonomy
from lifecycle.projects.models import Project


@dataclass(frozen=True)
class Filters:
    """Which cases are counted; empty means all. `since` and `until`: days on which they were noticed."""

    since: date | None = None
    until: date | None = None
    methodology: str = ""
    unit: str = ""
    risk: str = ""
    kind: str = ""
    severity: str = ""

    @property
    def query(self) -> str:
        """The filters as the end of an address."""
        chosen = {field.name: getattr(self, field.name) for field in fields(self)}
        return urlencode({name: value for name, value in chosen.items() if value})


def asked(query: Mapping[str, Any]) -> Filters:
    """The filters of an address; what cannot be read narrows nothing."""

    def text(name: str) -> str:
        return str(query.get(name, "")).replace("\0", "").strip()[:120]

    return Filters(
        since=_day(text("since")),
        until=_day(text("until")),
        **{name: text(name) for name in ("methodology", "unit", "risk", "kind", "severity")},
    )


def told_to(user: User, filters: Filters) -> QuerySet[PostMortem]:
    """Published and closed cases that the person may see, under these filters."""
    found: QuerySet[PostMortem] = PostMortem.objects.visible_to(user).filter(state__in=moves.TOLD)
    for name, path in (
        ("methodology", "project__methodology__key"), ("unit", "project__unit"), ("risk", "project__risk"),
        ("kind", "kind"), ("severity", "severity"),
    ):  # fmt: skip
        if value := getattr(filters, name):
            found = found.filter(**{path: value})
    if filters.since:
        found = found.filter(
            Q(detected_on__gte=filters.since) | Q(detected_on__isnull=True, created_at__date__gte=filters.since)
        )
    if filters.until:
        found = found.filter(
            Q(detected_on__lte=filters.until) | Q(detected_on__isnull=True, created_at__date__lte=filters.until)
        )
    return found


def themes_for(user: User, filters: Filters) -> Themes:
    """What these cases have in common."""
    return themes_of(rows_for(user, filters), timezone.localdate())


def rows_for(user: User, filters: Filters) -> Rows:
    """The rows of the cases, and names from the newest taxonomy and the methodologies in use."""
    told = told_to(user, filters).order_by()
    cases = [
        Case(
            key, reference, _read(noticed) or date.fromisoformat(opened), _read(began), _read(noticed), _read(out), trigger,
            detection, origin,
        )
        for key, reference, opened, began, noticed, out, trigger, detection, origin in told.values_list(
            "pk", "reference", _text("created_at"), _text("started_on"), _text("detected_on"), _text("published_at"),
            "trigger", "detection", "origin_phase",
        )
    ]  # fmt: skip
    keys = {case.key for case in cases}
    inside = told.values("pk")
    # A case may have been published between two of these queries; what was not read above is not counted.
    found = [
        Cause(case, node)
        for case, node in ContributingFactor.objects.filter(postmortem__in=inside)
        .order_by("postmortem", "pk")
        .values_list("postmortem", "node")
        if case in keys
    ]
    actions = [
        Action(case, node or "", kind, status, _read(due_on), _read(done), _read(verified), effect)
        for case, node, kind, status, due_on, done, verified, effect in ActionItem.objects.filter(
            postmortem__in=inside, disposition=ActionItem.Disposition.ACCEPTED
        )
        .exclude(status=ActionItem.Status.CANCELLED)
        .order_by("pk")
        .values_list(
            "postmortem", "factor__node", "kind", "status", _text("due_on"), _text("done_at"), _text("verified_at"), "effect",
        )
        if case in keys
    ]  # fmt: skip
    nodes = causes.nodes(current_taxonomy().content)
    return Rows(
        cases,
        found,
        actions,
        phase_names(),
        {key: (causes.title(key), causes.title(node.group)) for key, node in nodes.items()},
    )


def _text(name: str) -> Substr:
    """A day of the database as its ten signs: making a date of each of so many would take longer than counting them."""
    return Substr(Cast(name, CharField()), 1, 10)


def _read(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def phase_names() -> dict[str, str]:
    """Names of phases by key, in the order of the methodologies in use."""
    found: dict[str, str] = {}
    for content in Methodology.objects.filter(retired_at__isnull=True).order_by("pk").values_list("content", flat=True):
        for phase in sorted(content["phases"], key=lambda phase: phase["order"]):
            found.setdefault(phase["key"], phase["name"])
    return found


def choices(user: User) -> dict[str, list[tuple[str, str]]]:
    """What the filters may be, from projects whose cases the person may see."""
    projects = Project.objects.filter(
        pk__in=PostMortem.objects.visible_to(user).filter(state__in=moves.TOLD).order_by().values("project")
    )
    methods, units = {}, set()
    for key, name, unit in projects.order_by().values_list("methodology__key", "methodology__name", "unit").distinct():
        methods[key] = name
        units.add(unit)
    return {
        "methodologies": sorted(methods.items(), key=lambda pair: pair[1]),
        "units": [(unit, unit) for unit in sorted(units - {""})],
        "risks": list(Project.Risk.choices),
        "kinds": list(PostMortem.Kind.choices),
        "severities": list(PostMortem.Severity.choices),
    }


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
