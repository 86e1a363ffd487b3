"""Thousands of projects with reports, stages, people and approvals that wait, put into the database at once."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils import timezone

from bench.surroundings import database
from explain.outcomes.compute.money import from_statistic, round_money
from explain.outcomes.compute.portfolio.head import head_of
from explain.outcomes.models import OutcomeReport, PortfolioHead
from foundation.people.models import User
from lifecycle.kpis.models import GoLive
from lifecycle.kpis.periods import months_later, organisation_today
from lifecycle.methodologies.models import Methodology
from lifecycle.projects.models import Member, Project, Role, Stage
from lifecycle.signoff.models import Round

UNITS, SPONSORS = 12, 40
MONTHS, TO_DATE = 36, 22
GRADES = ("measured", "measured", "indicative", "assumed", "not_enough_data", "")
STATES = ("active", "active", "active", "active", "in_use", "in_use", "closed", "stopped")
STAGES = ("Business understanding", "Data understanding", "Data preparation", "Modeling", "Evaluation", "Deployment")


@dataclass
class Many:
    """`manager` sees all of `count` projects."""

    manager: User
    people: list[User]
    count: int = 0
    random: Any = field(default_factory=lambda: np.random.default_rng(7))


@functools.cache
def many() -> Many:
    """People, and no project yet."""
    database()
    password = make_password(None)
    people = [
        User.objects.create(email=f"sponsor{number}@example.org", name=f"Sponsor {number}", password=password)
        for number in range(SPONSORS)
    ]  # fmt: skip
    manager = User.objects.create_user("manager@example.org", name="Mara Manager", is_manager=True, mail_notices=False)
    return Many(manager, people)


def grow(here: Many, count: int) -> None:
    """Bring the portfolio to that many projects."""
    methods = list(Methodology.objects.filter(retired_at__isnull=True).order_by("key"))
    for first in range(here.count, count, 1000):
        _add(here, range(first, min(count, first + 1000)), methods)
    here.count = count
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _ended(state: str, by: User) -> dict[str, Any]:
    """A state, with what the database asks of a project that ended in it."""
    if state == "closed":
        return {"state": state, "closing_statement": "Done", "closed_at": timezone.now(), "closed_by": by}
    return {"state": state, "stopped_reason": "No use" if state == "stopped" else ""}


def _add(here: Many, numbers: range, methods: list[Methodology]) -> None:
    today, now = organisation_today(), timezone.now()
    projects = Project.objects.bulk_create(
        Project(
            key=f"case-{number}", name=f"Case {number}", question="Does it pay?", unit=f"Unit {number % UNITS}",
            methodology=methods[number % len(methods)], risk=("low", "medium", "high")[number % 3],
            currency="EUR", **_ended(STATES[number % len(STATES)], here.manager),
            started_on=today - timedelta(days=700 - number % 300), created_by=here.manager,
        )
        for number in numbers
    )  # fmt: skip
    Member.objects.bulk_create(
        Member(project=project, user=here.people[(number * step) % SPONSORS], role=role)
        for number, project in zip(numbers, projects, strict=True)
        for role, step in ((Role.SPONSOR, 1), (Role.CUSTOMER, 3), (Role.LEAD, 7))
    )
    stages = []
    for number, project in zip(numbers, projects, strict=True):
        at = number % len(STAGES) if project.state == "active" else len(STAGES)
        begun = now - timedelta(days=600)
        for place, name in enumerate(STAGES):
            ends = begun + timedelta(days=int(here.random.gamma(2.0, 25.0)), hours=1)
            stages.append(
                Stage(
                    project=project, key=name.lower().replace(" ", "-"), name=name, order=place + 1,
                    state="approved" if place < at else "waiting" if place > at else "in_review" if number % 5 == 0 else "open",
                    opened_at=begun if place <= at else None, closed_at=min(ends, now) if place < at else None,
                )
            )  # fmt: skip
            begun = min(ends, now)
    made = Stage.objects.bulk_create(stages)
    Round.objects.bulk_create(
        Round(
            stage=stage, project=stage.project, number=1, title="May it go on?", requester=here.manager, digest="d",
            submitted_at=(stage.closed_at or now) - timedelta(days=1 + stage.project_id % 40), closed_at=stage.closed_at,
            state="approved" if stage.closed_at else "awaiting_decision",
        )
        for stage in made
        if stage.closed_at or stage.state == "in_review"
    )  # fmt: skip
    GoLive.objects.bulk_create(
        GoLive(
            project=project, on=project.started_on + timedelta(days=200 + project.pk % 200), recorded_by=here.manager
        )
        for project in projects
        if project.state in ("in_use", "closed")
    )
    reports = OutcomeReport.objects.bulk_create(
        OutcomeReport(
            project=project, number=1, state="done", as_of=today, currency="EUR", is_current=True, inputs_hash="i",
            content_hash="c", formula_version="report-1", grade=GRADES[number % len(GRADES)],
            chance_positive=float(here.random.uniform(0.02, 0.98)),
        )
        for number, project in zip(numbers, projects, strict=True)
    )  # fmt: skip
    first = months_later(today.replace(day=1), 1 - TO_DATE)
    PortfolioHead.objects.bulk_create(
        PortfolioHead(
            project_id=report.project_id, report=report, number=1, as_of=today, currency="EUR", grade=report.grade,
            formula_version="report-1", chance_positive=report.chance_positive,
            **head_of(result_of(here, report.grade, months_later(first, -(number % 18)), project.state == "stopped")),
        )
        for number, project, report in zip(numbers, projects, reports, strict=True)
    )  # fmt: skip


def result_of(here: Many, grade: str, first: date, stopped: bool) -> dict[str, Any]:
    """The part of a report's result that the portfolio reads: build cost at first, then benefits against a plan."""
    scale = float(here.random.lognormal(8.5, 0.8))
    share = float(here.random.normal(0.8, 0.5))
    known = grade not in ("", "not_enough_data")
    plan = [-2.0 * scale if k < 4 else 0.7 * scale for k in range(MONTHS)]
    planned_benefit = [0.0 if k < 4 else 0.9 * scale for k in range(MONTHS)]
    noise = here.random.normal(0, 0.1, MONTHS)
    benefit = [0.0 if k < 4 else 0.9 * scale * (share + float(noise[k])) for k in range(MONTHS)]
    cost = [2.2 * scale if k < 4 else 0.2 * scale for k in range(MONTHS)]

    def text(amount: float) -> str:
        return str(round_money(from_statistic(amount), "EUR"))

    net = [b * known - c for b, c in zip(benefit, cost, strict=True)]
    benefits, costs = sum(benefit[:TO_DATE]), sum(cost[:TO_DATE])
    return {
        "currency": "EUR", "discount_rate": "0.1", "stopped": stopped,
        "figures": {
            "costs_to_date": text(costs), "benefits_to_date": text(benefits) if known else None,
            "npv_horizon": text(sum(net)) if known else None,
            "planned": {"net_to_date": text(sum(plan[:TO_DATE])), "net": text(sum(plan)), "npv": text(0.9 * sum(plan))},
        },
        "portfolio": {
            "first_month": first.isoformat(), "planned_net": [text(a) for a in plan],
            "realised_net": [text(a) for a in net[:TO_DATE]], "planned_benefit": [text(a) for a in planned_benefit],
            "realised_benefit": [text(a) for a in benefit[:TO_DATE]] if known else [],
            "planned_benefits_to_date": text(sum(planned_benefit[:TO_DATE])),
            "net_interval": [benefits - costs - scale, benefits - costs + scale] if known else None,
            "changed": {"name": "Handling time", "unit": "h", "effect": -share, "verdict": "improved" if share > 0 else "worsened"}
            if known
            else None,
        },
        "variance": [{"label": "Benefits against plan", "amount": text(benefits - sum(planned_benefit[:TO_DATE]))}] if known else [],
        "months": [
            {
                "is_forecast": k >= TO_DATE, "forecast_benefit": text(benefit[k]) if known else None,
                "planned_benefit": text(planned_benefit[k]), "cost": text(cost[k]),
            }
            for k in range(MONTHS)
        ],
    }  # fmt: skip
