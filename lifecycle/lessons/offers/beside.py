"""What stands on a project's first page and on that of a stage: the cases that were offered to it."""

from __future__ import annotations

from django.http import HttpRequest

from foundation.people.models import User
from foundation.web.kept import initial_from_kept
from lifecycle.lessons.offers.permits import may_answer
from lifecycle.lessons.offers.selectors import Offered, offered_at, offered_to
from lifecycle.projects.beside import Section
from lifecycle.projects.models import Project, Stage


def offers_section(request: HttpRequest, user: User, stage: Stage) -> Section | None:
    """What was offered for a stage."""
    is_asked = any(row["check"] == "lessons_answered" for row in stage.gate.get("checks") or [])
    return _section(request, user, stage.project, offered_at(stage), is_asked=is_asked)


def offers_of_project(request: HttpRequest, user: User, project: Project) -> Section | None:
    """All that was offered to a project, for its first page."""
    return _section(request, user, project, offered_to(project), is_asked=False)


def _section(
    request: HttpRequest, user: User, project: Project, found: list[Offered], *, is_asked: bool
) -> Section | None:
    """Offers with their answers, the open ones first; nothing where nothing was offered."""
    if not found:
        return None
    may = may_answer(user, project)
    rows = []
    for each in sorted(found, key=lambda each: each.is_answered):
        path = f"{project.get_absolute_url()}case-offers/{each.offer.pk}/"
        rows.append({"offered": each, "path": path, "kept": initial_from_kept(request, path) if may else {}})
    waiting = sum(1 for each in found if not each.is_answered)
    hint = ""
    if waiting:
        count = "One earlier case is" if waiting == 1 else f"{waiting} earlier cases are"
        hint = f"{count} not answered{'' if is_asked else '; that does not hold up the decision'}"
    return Section(
        "lifecycle/lessons/offers.html",
        {
            "project": project,
            "rows": rows,
            "waiting": waiting,
            "may_answer": may,
            "back": request.path,
        },
        hint=hint,
        anchor="lessons",
    )
