"""Who may take a dossier out of the portal.

| deed | who |
|---|---|
| export a dossier, read the list of exports | members who work in the project or decide on it; managers, auditors, administrators |
| record of a round | whoever may read the project |
A customer and a viewer read in the portal what concerns them; the dossier holds money, post-mortems and source addresses.
"""

from __future__ import annotations

from foundation.people.models import User
from foundation.web.nouns import house_noun
from foundation.web.refused import ALLOWED, Verdict, denied
from lifecycle.projects.models import Project, Role
from lifecycle.projects.permits import roles_of

_READING_ONLY = frozenset({str(Role.CUSTOMER), str(Role.VIEWER)})


def may_export(actor: User, project: Project) -> Verdict:
    """Whether `actor` may have the whole project as a dossier."""
    if not actor.is_active:
        return denied("Your access has ended. Ask an administrator.", code="person_inactive")
    if actor.sees_all or roles_of(actor, project) - _READING_ONLY:
        return ALLOWED
    return denied(
        f"The dossier holds internal parts of the project, such as {house_noun().many} and costs, so it is not handed out to "
        "customers and viewers. Ask the project lead for it; the record of each round and the acceptance are open to you.",
        code="dossier_internal",
    )
