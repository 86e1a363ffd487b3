"""Search over what a person may read."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from foundation.people.models import User
from lifecycle.postmortems.library import Filters, Shelf
from lifecycle.projects.models import Project


def search(user: User, text: str) -> tuple[QuerySet[Project], Shelf]:
    """Visible projects whose name, key or question holds the text, and post-mortems that hold all of its words."""
    projects: QuerySet[Project] = Project.objects.visible_to(user).filter(
        Q(name__icontains=text) | Q(key__icontains=text) | Q(question__icontains=text)
    )
    return projects, Shelf(user, Filters(text=text))
