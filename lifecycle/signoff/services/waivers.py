"""Signed exceptions for one project: a role that need not answer, or a person who may decide on their own work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.people.services import prove_signer
from foundation.web.digest import digest_of
from foundation.web.formats import day_text
from foundation.web.refused import Refused
from lifecycle.projects.models import Member, Project, Role, Stage, people_in
from lifecycle.projects.permits import roles_of
from lifecycle.projects.services import lock_project
from lifecycle.projects.services.texts import sound_text
from lifecycle.signoff import policy
from lifecycle.signoff.models import Signature, Waiver
from lifecycle.signoff.permits.policies import GRANTING, may_end, may_grant
from lifecycle.signoff.policy_words import who_decides
from lifecycle.signoff.signing import write_signature

REASON_LIMIT, LONGEST = 4000, 90  # characters, days


def waivers_for(stage: Stage, today: date) -> list[Waiver]:
    """Exceptions that hold for a stage on a day, the oldest first. One query."""
    return list(
        Waiver.objects.filter(
            Q(stage_key="") | Q(stage_key=stage.key),
            project_id=stage.project_id,
            starts_on__lte=today,
            ends_on__gte=today,
            ended_at__isnull=True,
        )
        .select_related("granted_by", "person", "project")
        .order_by("pk")
    )


def apply_waivers(rules: Mapping[str, Any], waivers: Iterable[Waiver]) -> dict[str, Any]:
    """The rules of a round with the exceptions that hold: a new dictionary, no database.

    `waivers` of the result lists each that bears on it as {id, what, role, person, reason, by, ends_on, ignored};
    one that would leave nobody to decide is ignored, and `ignored` says so. `self_approval_of`: ids of people.
    """
    found: dict[str, Any] = dict(rules)
    noted: list[dict[str, Any]] = []
    allowed: list[int] = list(rules.get("self_approval_of", []))
    for waiver in waivers:
        ignored = ""
        if waiver.what == Waiver.What.ROLE:
            node = policy.quorum_of(found)
            if node is None or waiver.role not in policy.roles_in(node):
                continue
            left = policy.without_role(node, waiver.role)
            if left is None:
                ignored = "Nobody would be left to decide, so this exception has no effect."
            else:
                found["quorum"], found["name"] = left, who_decides(left)
        elif waiver.person_id is not None and waiver.person_id not in allowed:
            allowed.append(waiver.person_id)
        noted.append(
            {
                "id": waiver.pk,
                "what": waiver.what,
                "role": waiver.role,
                "person": waiver.person.name if waiver.person else "",
                "reason": waiver.reason,
                "by": waiver.granted_by.name,
                "ends_on": waiver.ends_on.isoformat(),
                "ignored": ignored,
            }
        )
    if noted:
        found["waivers"] = noted
    if allowed:
        found["self_approval_of"] = sorted(allowed)
    return found


def content_of(waiver: Waiver) -> dict[str, Any]:
    """What the signature of an exception is bound to, as plain JSON."""
    return {
        "project": waiver.project.key,
        "stage": waiver.stage_key,
        "what": waiver.what,
        "role": waiver.role,
        "person": waiver.person_id,
        "reason": waiver.reason,
        "starts_on": waiver.starts_on.isoformat(),
        "ends_on": waiver.ends_on.isoformat(),
    }


def said_of(waiver: Waiver) -> str:
    """The exception as a sentence."""
    where = f" in the stage {waiver.stage_key.replace('_', ' ')}" if waiver.stage_key else ""
    if waiver.what == Waiver.What.ROLE:
        return f"No {Role(waiver.role).label} need answer{where}"
    return f"{waiver.person} may decide on their own work{where}"


def grant_waiver(
    *,
    actor: User,
    project: Project,
    what: str,
    reason: str,
    starts_on: date,
    ends_on: date,
    password: str,
    role: str = "",
    person: User | None = None,
    stage_key: str = "",
    code: str = "",
) -> Waiver:
    """Sign an exception. `what`: role (then `role`) or self_approval (then `person`); at most 90 days, both included.

    It counts for what is submitted from then on; a round that runs keeps its rules.
    Raises Refused: not_permitted, lead_cannot_grant, requester_cannot_grant, own_waiver, project_closed,
    those of `prove_signer`, waiver_what, waiver_role, waiver_person, stage_unknown, empty, waiver_dates.
    """
    may_grant(actor, project, favoured=person).demand()
    given = Waiver(
        project=project,
        stage_key=stage_key,
        what=what,
        role=role if what == Waiver.What.ROLE else "",
        person=person if what == Waiver.What.SELF else None,
        reason=sound_text(reason, limit=REASON_LIMIT, field="reason", what="The reason").strip(),
        starts_on=starts_on,
        ends_on=ends_on,
        granted_by=actor,
    )
    _demand_sound(given)
    authenticated_by = prove_signer(actor=actor, password=password, code=code)
    return _grant(actor=actor, given=given, authenticated_by=authenticated_by)


@transaction.atomic
def _grant(*, actor: User, given: Waiver, authenticated_by: str) -> Waiver:
    project = lock_project(given.project_id)
    roles = roles_of(actor, project)
    may_grant(actor, project, favoured=given.person, roles=roles).demand()
    given.project = project
    _demand_people(given)
    same = Waiver.objects.filter(
        project=project, stage_key=given.stage_key, what=given.what, role=given.role, person=given.person,
        starts_on=given.starts_on, ends_on=given.ends_on, granted_by=actor, ended_at__isnull=True,
    ).first()  # fmt: skip
    if same is not None:
        return same  # a second click
    role = next(held for held in Role.values if held in roles & GRANTING)
    # The record is the project's list of exceptions: each new one is a further version of it.
    number = Waiver.objects.filter(project=project).count() + 1
    given.signature = write_signature(
        actor=actor,
        authenticated_by=authenticated_by,
        project=project,
        record_kind="waiver",
        record_id=project.pk,
        record_name=f"{project.name}: exceptions ({said_of(given)})",
        record_version=str(number),
        content_hash=digest_of(content_of(given)),
        meaning=Signature.Meaning.APPROVED,
        role=str(Role(role).label),
        comment=given.reason,
    )
    given.save(force_insert=True)
    tell(
        people=_concerned(given),
        kind="waiver_granted",
        subject=f"Exception in {project.name}: {said_of(given)}",
        body=f"{actor.name} signed it, until {day_text(given.ends_on)}.\n\n{given.reason}",
        link=f"/projects/{project.key}/exceptions/",
        actor=actor,
        project_id=project.pk,
        event_key=f"waiver_granted:{given.pk}",
    )
    record(
        actor=actor,
        verb="grant_waiver",
        thing=given,
        kind="waiver",
        name=said_of(given),
        project_id=project.pk,
        after={**content_of(given), "person": str(given.person or ""), "signature": given.signature_id},
        reason=given.reason,
    )
    return given


@transaction.atomic
def end_waiver(*, actor: User, waiver_id: int, reason: str = "") -> Waiver:
    """End an exception before its day. Ending it again changes nothing; a round that runs keeps its rules.

    Raises Refused: not_permitted.
    """
    project = lock_project(Waiver.objects.only("project_id").get(pk=waiver_id).project_id)
    waiver = Waiver.objects.select_for_update(of=("self",)).select_related("person", "granted_by").get(pk=waiver_id)
    waiver.project = project
    may_end(actor, waiver).demand()
    if waiver.ended_at is not None:
        return waiver
    waiver.ended_at, waiver.ended_by = timezone.now(), actor
    waiver.save(update_fields=["ended_at", "ended_by"])
    tell(
        people=_concerned(waiver),
        kind="waiver_ended",
        subject=f"An exception in {project.name} ended: {said_of(waiver)}",
        body=f"{actor.name} ended it." + (f"\n\n{reason.strip()}" if reason.strip() else ""),
        link=f"/projects/{project.key}/exceptions/",
        actor=actor,
        project_id=project.pk,
        event_key=f"waiver_ended:{waiver.pk}",
    )
    record(
        actor=actor,
        verb="end_waiver",
        thing=waiver,
        kind="waiver",
        name=said_of(waiver),
        project_id=project.pk,
        before={"ends_on": waiver.ends_on.isoformat()},
        reason=reason.strip()[:REASON_LIMIT],
    )
    return waiver


def _concerned(waiver: Waiver) -> list[User]:
    people = [*people_in(waiver.project, Role.LEAD, Role.SPONSOR, Role.RISK), waiver.granted_by]
    return [*people, waiver.person] if waiver.person else people


def _demand_sound(given: Waiver) -> None:
    """What needs no lock. Raises Refused."""
    if given.what not in Waiver.What.values:
        raise Refused(
            f"{given.what!r} is no exception. Use one of: {', '.join(Waiver.What.values)}.",
            code="waiver_what",
            status=400,
            field="what",
        )
    if given.what == Waiver.What.ROLE and given.role not in policy.DECIDING_ROLES:
        raise Refused(
            f"Name the role that need not answer: {', '.join(policy.DECIDING_ROLES)}.",
            code="waiver_role",
            status=400,
            field="role",
        )
    if given.what == Waiver.What.SELF and given.person is None:
        raise Refused(
            "Name the person who may decide on their own work.", code="waiver_person", status=400, field="person"
        )
    today = timezone.localdate()
    if given.starts_on < today:
        raise Refused(
            "An exception begins today or later: nothing is allowed after the fact.",
            code="waiver_dates",
            status=400,
            field="starts_on",
        )
    if not given.starts_on <= given.ends_on <= given.starts_on + timedelta(days=LONGEST - 1):
        raise Refused(
            f"An exception ends on the day it begins or later, and lasts {LONGEST} days at most.",
            code="waiver_dates",
            status=400,
            field="ends_on",
        )


def _demand_people(given: Waiver) -> None:
    """What may change until the project is locked. Raises Refused."""
    if given.stage_key and not Stage.objects.filter(project=given.project, key=given.stage_key).exists():
        raise Refused(
            f"{given.project.name} has no stage {given.stage_key!r}.", code="stage_unknown", status=400, field="stage"
        )
    person = given.person
    if person is not None and not (
        person.is_active
        and Member.objects.filter(
            project=given.project, user=person, left_at__isnull=True, role__in=policy.DECIDING_ROLES
        ).exists()
    ):
        raise Refused(
            f"{person.name} holds no role that decides in {given.project.name}, so the exception would change nothing.",
            code="waiver_person",
            status=400,
            field="person",
        )
