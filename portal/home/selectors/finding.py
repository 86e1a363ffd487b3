"""Search over what a person may read."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from foundation.people.models import User
from lifecycle.postmortems.models import PostMortem
from lifecycle.projects.models import Project


def search(user: User, text: str) -> tuple[QuerySet[Project], QuerySet[PostMortem]]:
    """Visible projects and post-mortems whose name, key, question or title holds the text."""
    projects: QuerySet[Project] = Project.objects.visible_to(user).filter(
        Q(name__icontains=text) | Q(key__icontains=text) | Q(question__icontains=text)
    )
    postmortems: QuerySet[PostMortem] = (
        PostMortem.objects.visible_to(user)
        .filter(Q(title__icontains=text) | Q(reference__icontains=text))
        .select_related("project")
    )
    return projects, postmortems
