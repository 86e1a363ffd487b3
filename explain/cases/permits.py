"""Who may do what with a business case.

| move | who |
|---|---|
| read, try what-ifs | everybody who may read the project |
| write, put_forward, save_scenario, drop_scenario | team (lead, contributor), while the project is in progress or in use |
| take_over | the same, once a case was approved with a gate |
"""

from __future__ import annotations

from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied
from lifecycle.projects.models import TEAM, Project
from lifecycle.projects.permits import roles_of

WRITE, PUT_FORWARD, SAVE_SCENARIO, DROP_SCENARIO, TAKE_OVER = (
    "write", "put_forward", "save_scenario", "drop_scenario", "take_over",
)  # fmt: skip
_WORDS = {
    WRITE: "write the business case",
    PUT_FORWARD: "put the business case forward",
    SAVE_SCENARIO: "keep a scenario",
    DROP_SCENARIO: "remove a scenario",
    TAKE_OVER: "take the business case over as plan",
}


def may(actor: User, move: str, project: Project, *, roles: frozenset[str] | None = None) -> Verdict:
    """Whether the person may; `roles` saves a query where they are known. Raises KeyError for an unknown move."""
    words = _WORDS[move]
    if not actor.is_active:
        return denied("Your access has ended. Ask an administrator.", code="person_inactive")
    held = roles_of(actor, project) if roles is None else roles
    if not held.intersection(TEAM):
        return denied(f"Only the project's team (its lead and contributors) may {words}. Ask one of them.")
    if project.state not in (Project.State.ACTIVE, Project.State.IN_USE):
        return denied(
            f"The project is {project.get_state_display()} and can only be read.", code="project_closed", status=409
        )
    return ALLOWED
