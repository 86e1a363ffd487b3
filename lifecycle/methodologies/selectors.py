"""Reads of methodologies. Everybody with access may read all of them."""

from __future__ import annotations

from django.db.models import Count, Max, OuterRef, QuerySet, Subquery

from lifecycle.methodologies.models import Methodology


def versions() -> QuerySet[Methodology]:
    """All versions, newest of each first, with the number of projects that use them (`.used`); one query."""
    return Methodology.objects.annotate(used=Count("projects")).order_by("name", "key", "-number")


def offered() -> QuerySet[Methodology]:
    """What a new project may choose: the newest version of each that is not retired; one query."""
    newest = (
        Methodology.objects.filter(key=OuterRef("key"), retired_at__isnull=True)
        .order_by()
        .values("key")
        .annotate(newest=Max("number"))
        .values("newest")
    )
    return Methodology.objects.filter(retired_at__isnull=True, number=Subquery(newest)).order_by("name", "key")


def version_of(key: str, number: int) -> Methodology | None:
    """One version, or None."""
    return versions().filter(key=key, number=number).first()


def names() -> list[tuple[str, str]]:
    """(key, name) of each methodology once, for filters; one query."""
    found: dict[str, str] = {}
    for key, name in Methodology.objects.order_by("name", "-number").values_list("key", "name"):
        found.setdefault(key, name)
    return list(found.items())
