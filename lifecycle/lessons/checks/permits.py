"""Who may do what with checks that came from cases.

| move | who |
|---|---|
| propose | whoever may read the case, but no auditor |
| accept, decline | managers and administrators, as for methodologies; never who proposed it |
| say what it caught | everybody with a role in the project, but viewers |
"""

from __future__ import annotations

from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied
from lifecycle.lessons.models import LessonCheck
from lifecycle.methodologies.permits import may as may_author
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.moves import TOLD
from lifecycle.projects.models import Project, Role
from lifecycle.projects.permits import roles_of


def may_propose(actor: User, case: PostMortem) -> Verdict:
    """Of a published case that is not restricted: a question of a methodology is read by everybody."""
    if not actor.is_active or actor.is_auditor:
        return denied("Auditors read everything and change nothing.")
    if case.visibility == PostMortem.Visibility.RESTRICTED:
        return denied(
            "This case is restricted, and a methodology is read by everybody. Its owner can open it to more people first.",
            code="case_restricted",
        )
    if case.state not in TOLD:
        return denied("Checks are made of published cases. Publish it first.", code="case_not_published", status=409)
    return ALLOWED


def may_decide(actor: User, check: LessonCheck) -> Verdict:
    """Two pairs of eyes: one proposes, another one takes it into the methodology."""
    verdict = may_author(actor, "author")
    if not verdict:
        return verdict
    if check.proposed_by_id == actor.pk:
        return denied("You proposed this check. Somebody else decides on it.", code="own_proposal")
    if check.state != LessonCheck.State.PROPOSED:
        return denied(f"It is {check.get_state_display()} already.", code="wrong_state", status=409)
    return ALLOWED


def may_tell_catch(actor: User, project: Project) -> Verdict:
    """Those who work on the project, and those who decide on it."""
    if not roles_of(actor, project) - {Role.VIEWER}:
        return denied("What a check caught is told by those who work in the project or decide on it.")
    return ALLOWED
