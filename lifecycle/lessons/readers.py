"""Whom a case has reached: people outside its project who opened it, counted and never named."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.people.models import User
from lifecycle.lessons.models import Reader
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.moves import TOLD
from lifecycle.projects.models import Member


@dataclass(frozen=True)
class Reached:
    """How many people outside the project read a case, and in how many projects they work."""

    people: int
    projects: int


NOBODY = Reached(0, 0)


def note_reader(user: User, case: PostMortem) -> None:
    """Note once that somebody outside the project opened a published case. Auditors read by office and do not count."""
    if case.state not in TOLD or user.is_auditor or user.pk in (case.owner_id, case.facilitator_id):
        return
    if Reader.objects.filter(postmortem=case, user=user).exists():
        return
    if not Member.objects.filter(project_id=case.project_id, user=user, left_at__isnull=True).exists():
        # Two windows at once note it once.
        Reader.objects.bulk_create([Reader(postmortem=case, user=user)], ignore_conflicts=True)


def reached_by(cases: list[int]) -> dict[int, Reached]:
    """Whom each of the cases has reached, by id of the case; two queries. Who joined its project since still counts."""
    readers: dict[int, set[int]] = {}
    for case_id, user_id in Reader.objects.filter(postmortem__in=cases).order_by().values_list("postmortem", "user"):
        readers.setdefault(case_id, set()).add(user_id)
    everybody = set().union(*readers.values()) if readers else set()
    projects: dict[int, set[int]] = {}
    if everybody:
        rows = Member.objects.filter(user__in=everybody, left_at__isnull=True).order_by()
        for user_id, project_id in rows.values_list("user", "project"):
            projects.setdefault(user_id, set()).add(project_id)
    own = (
        dict(PostMortem.objects.filter(pk__in=list(readers)).order_by().values_list("pk", "project")) if readers else {}
    )
    return {
        case_id: Reached(
            len(people), len(set().union(*(projects.get(user_id, set()) for user_id in people)) - {own[case_id]})
        )
        for case_id, people in readers.items()
    }
