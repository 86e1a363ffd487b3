"""Rounds that nobody can finish: withdrawn where the work has ended, and the leads told where the people are missing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from foundation.audit.models import Entry
from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.web.digest import digest_of
from lifecycle.projects import moves as project_moves
from lifecycle.projects.models import Delegation, Member, Role, people_in
from lifecycle.projects.standing_in import delegations_in_force
from lifecycle.signoff import moves, policy
from lifecycle.signoff.models import Round
from lifecycle.signoff.permits.rounds import deciders_of, present_members, table_of
from lifecycle.signoff.services.submitting import close_withdrawn, lock_round, stage_back_to_work

ASKED = moves.DECIDABLE | {moves.IN_FEEDBACK}
WORKING = (project_moves.ACTIVE, project_moves.IN_USE)


def tell_if_stuck(review: Round, *, on: date | None = None, moment: str = "") -> bool:
    """Tell the leads when yes from everybody who is left would not approve; whether anybody was told.

    Once it was said, only a change among those who could answer, or another `moment`, says it again.
    """
    members = present_members(review.project)
    delegations = delegations_in_force(review.project, on or timezone.localdate())
    decisions = [decision for decision in review.decisions.all() if decision.stands]
    if table_of(review, members=members, delegations=delegations, decisions=decisions).can_be_met:
        return False
    deciding = set(policy.approver_roles(review.policy))
    seated = {member.user_id for member in members if member.role in deciding}
    covers = [each for each in delegations if each.from_person_id in seated]
    people = seated | {each.to_person_id for each in covers}
    present = {
        "moment": moment,
        "members": sorted(member.pk for member in members if member.user_id in people),
        "delegations": sorted(each.pk for each in covers),
        "decisions": sorted(decision.pk for decision in decisions),
    }
    told = tell(
        people=people_in(review.project, Role.LEAD),
        kind="round_nobody",
        subject=f"Nobody may decide any more: {review.title}",
        body="With the people who are left, the round cannot be finished. Name somebody in the role that is "
        "missing who wrote none of the evidence, or withdraw the round.",
        link=review.get_absolute_url(),
        project_id=review.project_id,
        event_key=f"round_nobody:{review.pk}:{digest_of(present)[:16]}",
    )
    return bool(told)


def look_at_people(entry: Entry) -> None:
    """After a change among members and stand-ins: the rounds that it bears on. Within the transaction of the deed."""
    moment = ""
    person = int(entry.thing_id) if entry.thing_kind == "person" else None
    if entry.project_id is not None:
        touched = Q(project_id=entry.project_id)
    elif person is None:
        givers = Delegation.objects.filter(pk=entry.thing_id).values_list("from_person_id", flat=True)
        touched = Q(project__in=_projects_of(givers))
    else:
        givers = Delegation.objects.filter(to_person=person).values_list("from_person_id", flat=True)
        touched = Q(project__in=_projects_of([person, *givers]))
        moment = str(entry.seq)  # somebody whose access ended is among the members still
    for review in Round.objects.filter(touched, state__in=ASKED).select_related("project", "stage").order_by("pk"):
        tell_if_stuck(review, moment=moment)


def _projects_of(people: Iterable[int]) -> list[int]:
    return list(Member.objects.filter(user__in=list(people), left_at__isnull=True).values_list("project_id", flat=True))


def withdraw_where_work_ended(entry: Entry) -> None:
    """A project that is stopped or closed decides nothing any more: its open rounds are withdrawn with it."""
    if entry.project_id is None:
        return
    left = Round.objects.filter(project_id=entry.project_id, state__in=moves.OPEN_STATES).exclude(
        project__state__in=WORKING
    )
    for found in left.order_by("pk").values_list("pk", flat=True):
        review = lock_round(found)
        before = review.state
        close_withdrawn(review)
        stage_back_to_work(review.stage)
        line = f"The project is {review.project.get_state_display()}."
        tell(
            people=[review.requester, *deciders_of(review)],
            kind="round_withdrawn",
            subject=f"No decision is needed any more: {review.title}",
            body=line,
            link=review.get_absolute_url(),
            actor=entry.actor,
            project_id=review.project_id,
            event_key=f"round_withdrawn:{review.pk}",
        )
        record(
            actor=entry.actor,
            verb="withdraw_round",
            thing=review,
            kind="round",
            project_id=review.project_id,
            before={"state": before},
            after={"state": review.state},
            reason=line,
        )


def without_stand_in(on: date) -> list[int]:
    """Rounds in which somebody stood in whose last day is over: nothing else records that. One query."""
    members = Member.objects.filter(project=OuterRef(OuterRef("project")), left_at__isnull=True)
    over = Delegation.objects.filter(
        Q(project=OuterRef("project")) | Q(project__isnull=True, from_person__in=members.values("user_id")),
        ends_on__lt=on,
        ends_on__gte=OuterRef("submitted_at__date"),
    )
    rounds = Round.objects.filter(Exists(over), state__in=ASKED, project__state__in=WORKING).order_by("pk")
    return list(rounds.values_list("pk", flat=True))


def look_at_round(round_id: int, on: date) -> str | None:
    """Tell the leads where the round cannot be finished any more."""
    review = lock_round(round_id)
    if review.state not in ASKED or not tell_if_stuck(review, on=on):
        return None
    return f"{review.project.name}, {review}: nobody may decide any more, the lead was told"
