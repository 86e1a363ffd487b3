"""Reads of people."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from foundation.people.models import ApiToken, User


def everybody(search: str = "") -> QuerySet[User]:
    """All people, those with access first; `search` looks in name and address."""
    people = User.objects.order_by("-is_active", "name", "pk")
    return people.filter(Q(name__icontains=search) | Q(email__icontains=search)) if search else people


def tokens_of(person: User) -> QuerySet[ApiToken]:
    """The person's own tokens that are not revoked, newest first."""
    return ApiToken.objects.filter(user=person, revoked_at__isnull=True)
