"""The gate of a project's end: it is closed only when a post-mortem that others can read is published."""

from __future__ import annotations

from urllib.parse import urlencode

from foundation.people.models import User
from foundation.web.nouns import house_noun
from lifecycle.postmortems import moves
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.permits import may_open
from lifecycle.projects.closing import Unsettled
from lifecycle.projects.models import Project


def missing_postmortem(user: User, project: Project) -> Unsettled | None:
    """No published one, whatever its kind and template. A restricted one teaches nobody else, so it does not count; and
    nobody learns from the answer that there is one."""
    cases = PostMortem.objects.filter(project=project).order_by("-pk")
    if cases.exclude(visibility=PostMortem.Visibility.RESTRICTED).filter(state__in=moves.TOLD).exists():
        return None
    noun = house_noun()
    rule = f"A project is closed once {noun.a} of it is published; a light one will do."
    seen = list(cases.visible_to(user))
    begun = next((case for case in seen if case.visibility != PostMortem.Visibility.RESTRICTED), None)
    if begun is not None:
        is_in_review = begun.state == moves.IN_REVIEW
        todo = "is in review. Have it published." if is_in_review else "is a draft. Finish it and have it published."
        return Unsettled(
            "postmortem_missing",
            f"{rule} {begun.reference} {todo}",
            f"Open {begun.reference}",
            begun.get_absolute_url(),
        )
    hidden = f" {seen[0].reference} is restricted, so it does not count." if seen else ""
    if not may_open(user, project):
        return Unsettled("postmortem_missing", f"{rule}{hidden} Ask somebody of the project to write one.")
    return Unsettled(
        "postmortem_missing",
        f"{rule}{hidden} Open one: most of it is filled in already.",
        f"Open the light {noun}",
        light_one(project),
    )


def light_one(project: Project) -> str:
    """The form of a new one, with what is known of an end."""
    was_stopped = project.state == Project.State.STOPPED
    asked = {
        "kind": PostMortem.Kind.STOPPED if was_stopped else PostMortem.Kind.CLOSURE,
        "title": f"What came of {project.name}"[:200],
        "severity": PostMortem.Severity.LOW,
        "template": "light",
    }
    return f"{project.get_absolute_url()}post-mortems/new/?{urlencode(asked)}"
