"""The people of a project. Naming people gives no right to approve: nobody gives themselves a role that decides."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Member, Project, Role
from lifecycle.projects.permits import may
from lifecycle.projects.services.locks import lock_project

DECIDING = frozenset({Role.SPONSOR, Role.CUSTOMER, Role.REVIEWER, Role.RISK})


@transaction.atomic
def add_member(*, actor: User, project: Project, user: User, role: str) -> Member:
    """Give a person a role in the project; the same role again changes nothing.

    Raises Refused: not_permitted, own_role (a deciding role for oneself), role_unknown, person_inactive.
    """
    project = lock_project(project.pk)
    may(actor, "manage_members", project).demand()
    if role not in Role.values:
        raise Refused(
            f"{role!r} is no role. Use one of: {', '.join(Role.values)}.", code="role_unknown", status=400, field="role"
        )
    if not user.is_active:
        raise Refused(
            f"{user.name} no longer has access. Choose somebody else.", code="person_inactive", status=400, field="user"
        )
    if user.pk == actor.pk and role in DECIDING:
        raise Refused(
            f"Nobody names themselves {Role(role).label}: that role decides on the work. "
            "Ask another lead or an administrator.",
            code="own_role",
            status=403,
            field="role",
        )
    member, made = Member.objects.get_or_create(project=project, user=user, role=role, left_at=None)
    if made:
        record(
            actor=actor,
            verb="add_member",
            thing=member,
            kind="member",
            project_id=project.pk,
            after={"person": user.name, "role": str(role)},
        )
    return member


@transaction.atomic
def remove_member(*, actor: User, member: Member) -> Member:
    """End a role; the row stays for the record. A project never loses its last lead; once ended, nothing happens."""
    project = lock_project(member.project_id)
    may(actor, "manage_members", project).demand()
    member = Member.objects.select_for_update(of=("self",)).select_related("user").get(pk=member.pk, project=project)
    if member.left_at is not None:
        return member
    others = Member.objects.filter(project=project, role=Role.LEAD, left_at__isnull=True, user__is_active=True)
    if member.role == Role.LEAD and not others.exclude(pk=member.pk).exists():
        raise Refused(
            f"{member.user.name} is the only lead. Name another lead first, then end this role.", code="last_lead"
        )
    member.left_at = timezone.now()
    member.save(update_fields=["left_at"])
    record(
        actor=actor,
        verb="remove_member",
        thing=member,
        kind="member",
        project_id=project.pk,
        before={"person": member.user.name, "role": member.role},
    )
    return member


def person_named(text: str) -> User:
    """The person with this e-mail address or this name. Raises Refused for nobody, or for several."""
    wanted = text.strip()
    people = User.objects.filter(is_active=True)
    found = list(people.filter(email=wanted.lower())[:1]) or list(people.filter(name__iexact=wanted)[:2])
    if not wanted or not found:
        raise Refused(
            f"Nobody with access has the e-mail address or name “{wanted}”. Ask an administrator to invite them.",
            code="person_unknown",
            status=400,
            field="person",
        )
    if len(found) > 1:
        raise Refused(
            f"Several people are called “{wanted}”. Give the e-mail address.",
            code="person_ambiguous",
            status=400,
            field="person",
        )
    return found[0]
