"""Standing in: naming who answers for somebody, for a time, and ending it."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.formats import day_text
from foundation.web.refused import Refused
from lifecycle.projects.cover_permits import may_delegate, may_end_delegation
from lifecycle.projects.models import Delegation, Member, Project, Role
from lifecycle.projects.services.locks import lock_project
from lifecycle.projects.services.texts import sound_text
from lifecycle.projects.standing_in import standing_in_words

LONGEST, REASON_LIMIT = 60, 2000  # days, characters


@transaction.atomic
def delegate(
    *,
    actor: User,
    from_person: User,
    to_person: User,
    starts_on: date,
    ends_on: date,
    reason: str,
    project: Project | None = None,
    role: str = "",
) -> Delegation:
    """`to_person` answers for `from_person`, both days included, 60 at most. `project` None: in all; `role` "": in all.

    Only what the person holds as a member: who stands in passes nothing on. The same again changes nothing.
    Raises Refused: not_permitted, own_cover, cover_oneself, person_inactive, role_unknown, cover_dates, empty,
    nothing_to_cover.
    """
    if project is not None:
        project = lock_project(project.pk)
    people = {
        person.pk: person for person in User.objects.select_for_update().filter(pk__in=[from_person.pk, to_person.pk])
    }
    from_person, to_person = people[from_person.pk], people[to_person.pk]
    may_delegate(actor, from_person=from_person, to_person=to_person).demand()
    said = sound_text(reason, limit=REASON_LIMIT, field="reason", what="The reason").strip()
    _demand_sound(from_person, to_person, role, starts_on, ends_on)
    _demand_held(from_person, project, role)
    same: Delegation | None = Delegation.objects.filter(
        from_person=from_person, to_person=to_person, project=project, role=role, starts_on=starts_on, ends_on=ends_on,
        ended_at__isnull=True,
    ).first()  # fmt: skip
    if same is not None:
        return same
    made = Delegation.objects.create(
        from_person=from_person,
        to_person=to_person,
        project=project,
        role=role,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=said,
        made_by=actor,
    )
    where = project.name if project else "all projects"
    what = f" as {Role(role).label}" if role else ""
    by = "" if actor.pk == from_person.pk else f" {actor.name} named this cover."
    tell(
        people=[from_person, to_person],
        kind="cover_named",
        subject=f"Standing in: {standing_in_words(made)}",
        body=f"From {day_text(starts_on)} to {day_text(ends_on)}, in {where}{what}.{by}\n\n{said}",
        link="/cover/",
        actor=actor,
        project_id=project.pk if project else None,
        event_key=f"cover_named:{made.pk}",
    )
    record(
        actor=actor,
        verb="name_cover",
        thing=made,
        kind="delegation",
        name=standing_in_words(made),
        project_id=project.pk if project else None,
        after={
            "from": from_person.name,
            "to": to_person.name,
            "project": project.key if project else "",
            "role": role,
            "starts_on": starts_on.isoformat(),
            "ends_on": ends_on.isoformat(),
        },
        reason=said,
    )
    return made


@transaction.atomic
def end_delegation(*, actor: User, delegation_id: int) -> Delegation:
    """End a cover before its day; what was decided under it stands. Ending it again changes nothing.

    Raises Refused: not_permitted.
    """
    found: Delegation = (
        Delegation.objects.select_for_update(of=("self",))
        .select_related("from_person", "to_person", "project")
        .get(pk=delegation_id)
    )
    may_end_delegation(actor, found).demand()
    if found.ended_at is not None:
        return found
    found.ended_at, found.ended_by = timezone.now(), actor
    found.save(update_fields=["ended_at", "ended_by"])
    tell(
        people=[found.from_person, found.to_person],
        kind="cover_ended",
        subject=f"{found.to_person.name} no longer stands in for {found.from_person.name}",
        body=f"{actor.name} ended it.",
        link="/cover/",
        actor=actor,
        project_id=found.project_id,
        event_key=f"cover_ended:{found.pk}",
    )
    record(
        actor=actor,
        verb="end_cover",
        thing=found,
        kind="delegation",
        name=standing_in_words(found),
        project_id=found.project_id,
        before={"ends_on": found.ends_on.isoformat()},
    )
    return found


def _demand_sound(from_person: User, to_person: User, role: str, starts_on: date, ends_on: date) -> None:
    if from_person.pk == to_person.pk:
        raise Refused(
            "Nobody stands in for themselves. Choose somebody else.",
            code="cover_oneself",
            status=400,
            field="to_person",
        )
    for person, field in ((from_person, "from_person"), (to_person, "to_person")):
        if not person.is_active:
            raise Refused(
                f"{person.name} no longer has access. Choose somebody else.",
                code="person_inactive",
                status=400,
                field=field,
            )
    if role and role not in Role.values:
        raise Refused(
            f"{role!r} is no role. Use one of: {', '.join(Role.values)}.", code="role_unknown", status=400, field="role"
        )
    if starts_on < timezone.localdate():
        raise Refused(
            "A cover begins today or later: nobody stood in before they were named.",
            code="cover_dates",
            status=400,
            field="starts_on",
        )
    if not starts_on <= ends_on <= starts_on + timedelta(days=LONGEST - 1):
        raise Refused(
            f"A cover ends on the day it begins or later, and lasts {LONGEST} days at most. "
            "For longer, the lead names another member.",
            code="cover_dates",
            status=400,
            field="ends_on",
        )


def _demand_held(person: User, project: Project | None, role: str) -> None:
    """One hop: only a role that one holds oneself can be covered."""
    held = Member.objects.filter(user=person, left_at__isnull=True)
    held = held.filter(project=project) if project is not None else held
    held = held.filter(role=role) if role else held
    if not held.exists():
        what = str(Role(role).label) if role else "a member"
        where = f"of {project.name}" if project is not None else "of any project"
        raise Refused(
            f"{person.name} is not {what} {where}, so there is nothing to stand in for. "
            "Who stands in for somebody passes nothing on.",
            code="nothing_to_cover",
            status=400,
            field="project" if project is not None else "role" if role else "from_person",
        )
