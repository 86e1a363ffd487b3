"""What waits for a person in this room."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import CharField, Count, DateField, F, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone

from foundation.people.models import User
from foundation.web.waiting import Waiting
from lifecycle.acceptance import moves
from lifecycle.acceptance.models import Acceptance, AcceptanceCondition, CriterionChange, HandOff
from lifecycle.acceptance.permits import VERIFIERS
from lifecycle.projects.models import TEAM, Member, Role


def waiting_for(user: User) -> list[Waiting]:
    """Offers, preparations, changed criteria, conditions, proofs and hand-offs that wait for the person. Two queries."""
    mine = Member.objects.filter(user=user, left_at__isnull=True)
    leads = mine.filter(role=Role.LEAD).values("project_id")
    customers = mine.filter(role=Role.CUSTOMER).values("project_id")
    if not user.is_active or user.is_auditor:
        return []
    today = timezone.localdate()
    rows = (
        Acceptance.objects.filter(
            (Q(state=moves.OFFERED, project__in=customers) & ~Q(project__in=leads) & ~Q(offered_by=user))
            | Q(state=moves.OPEN, project__in=leads)
        )
        .select_related("project")
        .annotate(unjudged=Count("results", filter=Q(results__verdict="")), criteria=Count("results"))
        .order_by("pk")
    )
    found: list[Waiting] = []
    for acceptance in rows:
        is_offer = acceptance.state == moves.OFFERED
        found.append(
            Waiting(
                title=f"Accept {acceptance.project.name}?"
                if is_offer
                else f"Prepare the acceptance of {acceptance.project.name}",
                why=f"{acceptance.criteria} criteria are judged; you decide for the customer."
                if is_offer
                else f"{acceptance.unjudged} of {acceptance.criteria} criteria are not judged yet."
                if acceptance.unjudged
                else "All criteria are judged; offer it to the customer.",
                link=acceptance.get_absolute_url(),
                group="decisions" if is_offer else "tasks",
                state="wait",
                word=acceptance.get_state_display(),
                since=(acceptance.offered_at if is_offer else None) or acceptance.created_at,
                project=acceptance.project.name,
            )
        )
    return found + _smaller_things(user, mine, today)


def _smaller_things(user: User, mine: QuerySet[Member], today: date) -> list[Waiting]:
    """Rows of four kinds in one query: what, title, project, since, due."""

    def held(*roles: str) -> QuerySet[Member, int]:
        return mine.filter(role__in=roles).values_list("project_id", flat=True)

    changes = CriterionChange.objects.filter(state="waiting", project__in=held(Role.SPONSOR)).exclude(author=user)
    under = AcceptanceCondition.objects.filter(acceptance__state=moves.CONDITIONS)
    own = under.filter(state="open", owner=user)
    proofs = (
        under.filter(state="closed", acceptance__project__in=held(*VERIFIERS))
        .exclude(closed_by=user)
        .exclude(owner=user)
    )
    handed = (
        HandOff.objects.filter(state="handed", project__in=held(Role.CUSTOMER))
        .exclude(project__in=held(*TEAM))
        .exclude(author_signature__signer=user)
    )
    rows = _facts(changes, "change", "measure", "project", "created_at", None).union(
        _facts(own, "condition", "text", "acceptance__project", "acceptance__decided_at", "due_on"),
        _facts(proofs, "proof", "text", "acceptance__project", "closed_at", "due_on"),
        _facts(handed, "handoff", "receiving_party", "project", "created_at", None),
        all=True,
    )
    return [_line(*row[:6], today=today) for row in rows]


def _facts(rows: QuerySet[Any], what: str, text: str, project: str, since: str, due: str | None) -> Any:
    none = Value(None, output_field=DateField())
    return (
        rows.order_by()
        .annotate(
            what=Value(what, output_field=CharField()),
            said=Cast(text, CharField()),
            project_name=F(f"{project}__name"),
            project_key=F(f"{project}__key"),
            since=F(since),
            due=F(due) if due else none,
        )
        .values_list("what", "said", "project_name", "project_key", "since", "due")
    )


def _line(what: str, said: str, name: str, key: str, since: Any, due: date | None, *, today: date) -> Waiting:
    page = f"/projects/{key}/acceptance/"
    title, why, link, group, word = {
        "change": (
            f"Consent to a changed criterion of {name}?", said, f"{page}criteria/#changes", "decisions", "waits for consent",
        ),
        "condition": (f"Meet a condition of {name}", said, f"{page}#conditions", "tasks", "open"),
        "proof": (f"Verify a proof of {name}", said, f"{page}#conditions", "decisions", "proof given"),
        "handoff": (
            f"Receive the hand-off of {name}?", f"For {said}.", f"{page}hand-off/", "decisions", "waits for the receiver",
        ),
    }[what]  # fmt: skip
    late = due is not None and due < today
    return Waiting(
        title=title,
        why=why,
        link=link,
        group=group,
        state="no" if late else "wait",
        word="overdue" if late else word,
        since=since,
        due_on=due,
        project=name,
    )
