"""What stands on the page of a case: the checks that were made of it, and how to make one; and whom it reached."""

from __future__ import annotations

from django.http import HttpRequest

from foundation.people.models import User
from lifecycle.lessons.checks.permits import may_propose
from lifecycle.lessons.checks.selectors import origins_of
from lifecycle.lessons.checks.sources import sources_of
from lifecycle.lessons.models import LessonCheck
from lifecycle.lessons.readers import NOBODY, reached_by
from lifecycle.postmortems.beside import Section
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.moves import TOLD


def checks_section(request: HttpRequest, user: User, case: PostMortem) -> Section | None:
    """Only of a case that is or was published."""
    made = list(LessonCheck.objects.filter(postmortem=case).order_by("pk"))
    if case.state not in TOLD and not made:
        return None
    taken = {f"lesson:{check.lesson_id}" for check in made} | {f"factor:{check.factor_node}" for check in made}
    may = may_propose(user, case)
    return Section(
        "lifecycle/lessons/checks_of_case.html",
        {
            "case": case,
            "made": made,
            "may_propose": may,
            "sources": [source for source in sources_of(case) if source.value not in taken] if may else [],
            "reached": reached_by([case.pk]).get(case.pk, NOBODY),
        },
        place="main",
    )


__all__ = ["checks_section", "origins_of"]
