"""What waits for a person, what is unread, and what their projects bring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Sum

from explain.outcomes.models import OutcomeReport
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.waiting import Waiting
from lifecycle.projects.models import Member
from portal.home import sources

UNREAD_SHOWN = 8


@dataclass(frozen=True)
class Inbox:
    """What waits for a person, the oldest first."""

    decisions: list[Waiting]
    tasks: list[Waiting]

    @property
    def count(self) -> int:
        return len(self.decisions) + len(self.tasks)

    def late(self, today: date) -> int:
        """How many are past the day they are due."""
        return sum(1 for row in (*self.decisions, *self.tasks) if row.due_on and row.due_on < today)


@dataclass(frozen=True)
class Brought:
    """Net benefit to date of some projects, in one currency and one grade: never added up over either."""

    currency: str
    grade: str
    net: Decimal
    promised: Decimal | None
    projects: int


def inbox(user: User) -> Inbox:
    """What waits for the person, from all rooms; one or two queries for each room, however much waits."""
    rows = sorted((row for source in sources.SOURCES for row in source(user)), key=lambda row: row.since)
    return Inbox(
        decisions=[row for row in rows if row.group == "decisions"],
        tasks=[row for row in rows if row.group != "decisions"],
    )


def unread(user: User) -> list[Notice]:
    """Unread notices, newest first; one more than is shown tells that there are more."""
    return list(Notice.objects.filter(user=user, read_at__isnull=True)[:100])


def brought_by_mine(user: User) -> list[Brought]:
    """Net benefit to date of the projects the person is in, by currency and grade."""
    mine = Member.objects.filter(user=user, left_at__isnull=True).values("project_id")
    rows = (
        OutcomeReport.objects.filter(
            is_current=True,
            project__in=mine,
            benefits_to_date__isnull=False,
            costs_to_date__isnull=False,
        )
        .values("currency", "grade")
        .annotate(
            net=Sum(F("benefits_to_date") - F("costs_to_date")),
            promised=Sum("planned_net_to_date"),
            projects=Count("pk"),
        )
        .order_by("currency", "grade")
    )
    return [Brought(row["currency"], row["grade"], row["net"], row["promised"], row["projects"]) for row in rows]
