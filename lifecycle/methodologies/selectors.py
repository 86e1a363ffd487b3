"""Reads of methodologies. Everybody with access may read all of them."""

from __future__ import annotations

from django.db.models import Count, Max, OuterRef, QuerySet, Subquery

from foundation.people.models import User
from lifecycle.methodologies.models import Methodology, MethodologyDraft


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


def drafts() -> QuerySet[MethodologyDraft]:
    """All drafts with who edited them last; one query."""
    return MethodologyDraft.objects.select_related("edited_by", "based_on").defer("based_on__content")


def draft_of(key: str) -> MethodologyDraft | None:
    """The draft of a key, or None."""
    return drafts().filter(key=key).first()


def siblings(methodology: Methodology) -> QuerySet[Methodology]:
    """All versions of the same key, newest first, without their contents; one query."""
    return Methodology.objects.filter(key=methodology.key).defer("content", "source").order_by("-number")


def newest_of(key: str) -> Methodology | None:
    """The newest published version of a key, offered or not, with its content; one query."""
    return Methodology.objects.filter(key=key).order_by("-number").first()


def newer_than(methodology: Methodology) -> QuerySet[Methodology]:
    """Newer versions of the same key that are offered, newest first; one query."""
    return Methodology.objects.filter(
        key=methodology.key, number__gt=methodology.number, retired_at__isnull=True
    ).order_by("-number")


def leads_behind(methodology: Methodology) -> list[User]:
    """Leads of projects in work under an older version of the same key.

    Asked through the reverse relation: this room knows that projects use a version and have people, and no more.
    """
    return list(
        User.objects.filter(
            is_active=True,
            memberships__role="lead",
            memberships__left_at__isnull=True,
            memberships__project__state="active",
            memberships__project__methodology__key=methodology.key,
            memberships__project__methodology__number__lt=methodology.number,
        ).distinct()
    )


def starting_points() -> list[Methodology]:
    """What a new draft may start from: the newest version of each methodology, without its content; one query."""
    newest = Methodology.objects.filter(key=OuterRef("key")).order_by("-number").values("number")[:1]
    return list(Methodology.objects.filter(number=Subquery(newest)).defer("content", "source").order_by("name", "key"))
