"""What stands on the page of a post-mortem: the cases that are like it."""

from __future__ import annotations

from django.http import HttpRequest

from foundation.people.models import User
from lifecycle.lessons.similar.selectors import similar_to
from lifecycle.lessons.similar.services import may_say
from lifecycle.postmortems.beside import Section
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.moves import TOLD


def similar_section(request: HttpRequest, user: User, case: PostMortem) -> Section | None:
    """Up to five cases, each with what both share; nothing for a draft that was never compared."""
    found = similar_to(user, case)
    if case.state not in TOLD and not found.alike:
        return None
    return Section(
        "lifecycle/lessons/similar.html", {"case": case, "found": found, "may_say": may_say(user)}, place="main"
    )
