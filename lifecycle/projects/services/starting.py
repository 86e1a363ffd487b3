"""Starting a project: its stages, tasks, deliverables and questions come from the methodology."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.methodologies.difference import needs_of
from lifecycle.methodologies.models import Methodology
from lifecycle.methodologies.schema import outputs_of
from lifecycle.methodologies.services import freeze
from lifecycle.projects.currencies import CURRENCIES
from lifecycle.projects.models import Deliverable, ExitQuestion, Member, Project, Role, Stage, StageTask
from lifecycle.projects.permits import may

# "new" is a page of its own beside the projects.
KEY_SHAPE = re.compile(r"(?!new\Z)[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)
KEY_RULE = (
    "Use at most 40 small letters, digits, hyphens and underscores, and begin with a letter or digit; "
    "“new” is taken by the portal."
)


@transaction.atomic
def start_project(
    *,
    actor: User,
    key: str,
    name: str,
    question: str,
    methodology: Methodology,
    started_on: date,
    description: str = "",
    unit: str = "",
    risk: str = Project.Risk.MEDIUM,
    currency: str = "EUR",
    discount_rate: Decimal = Decimal("0.10"),
    horizon_months: int = 36,
    is_demo: bool = False,
) -> Project:
    """A new project with its stages, tasks, deliverables and exit questions; the first stage is open.

    Whoever starts it becomes its lead. Raises Refused when the key is taken or the methodology retired.
    `discount_rate`: fraction per year.
    """
    may(actor, "start_project", None).demand()
    if methodology.retired_at is not None:
        raise Refused(
            f"{methodology} is retired. Choose a current version.",
            code="methodology_retired",
            status=400,
            field="methodology",
        )
    demand_sound(
        name=name, question=question, risk=risk, currency=currency, rate=discount_rate, horizon_months=horizon_months
    )
    if not KEY_SHAPE.fullmatch(key):
        raise Refused(
            f"{key!r} cannot be the key of a project. {KEY_RULE}",
            code="key_unusable",
            status=400,
            field="key",
        )
    try:
        with transaction.atomic():
            project = Project.objects.create(
                key=key,
                name=name,
                question=question,
                description=description,
                unit=unit,
                methodology=methodology,
                risk=risk,
                currency=currency,
                discount_rate=discount_rate,
                horizon_months=horizon_months,
                started_on=started_on,
                is_demo=is_demo,
                created_by=actor,
            )
    except IntegrityError:
        raise Refused(
            f"The key {key!r} is taken by another project. Choose another one.", code="project_key_taken", field="key"
        ) from None
    freeze(methodology)
    templates = methodology.content.get("artifact_templates") or {}
    for phase in methodology.phases:
        lay_out_stage(project, phase, templates, iteration=1, is_open=phase["order"] == 1)
    Member.objects.create(project=project, user=actor, role=Role.LEAD)
    record(
        actor=actor,
        verb="start_project",
        thing=project,
        kind="project",
        project_id=project.pk,
        after={"key": key, "name": name, "methodology": str(methodology), "risk": str(risk), "currency": currency},
    )
    return project


def lay_out_stage(
    project: Project, phase: dict[str, Any], templates: dict[str, Any], *, iteration: int, is_open: bool
) -> Stage:
    """One iteration of a stage with its tasks, deliverables and questions, from a phase of the methodology."""
    gate: dict[str, list[str]] = phase.get("gate") or {}
    stage = Stage.objects.create(
        project=project,
        key=phase["key"],
        name=phase["name"],
        purpose=phase.get("purpose") or "",
        order=phase["order"],
        iteration=iteration,
        state=Stage.State.OPEN if is_open else Stage.State.WAITING,
        opened_at=timezone.now() if is_open else None,
        gate=gate,
    )
    lay_out_rows(stage, phase, templates)
    return stage


def need_of(key: str, phase: dict[str, Any]) -> Deliverable.Need:
    """How much the gate of the phase needs the deliverable `key`."""
    return Deliverable.Need(needs_of(phase)[key])


def lay_out_rows(
    stage: Stage, phase: dict[str, Any], templates: dict[str, Any], *, only: Mapping[str, Collection[str]] | None = None
) -> None:
    """The tasks, deliverables and questions that the phase asks of a stage.

    `only`: the keys to lay out, under tasks, deliverables and questions, where the stage has the others already.
    """
    raw_tasks: list[dict[str, str]] = phase.get("tasks") or []
    StageTask.objects.bulk_create(
        StageTask(
            stage=stage, key=task["key"], name=task["name"], description=task.get("description") or "", order=number
        )
        for number, task in enumerate(raw_tasks, start=1)
        if only is None or task["key"] in only["tasks"]
    )
    by_key = {task.key: task for task in StageTask.objects.filter(stage=stage)}
    needs = needs_of(phase)
    Deliverable.objects.bulk_create(
        Deliverable(
            stage=stage,
            task=by_key.get(task_key) if task_key else None,
            key=output["key"],
            name=output["name"],
            description=output.get("description") or "",
            need=needs[output["key"]],
            sections=(templates.get(output["key"]) or {}).get("sections") or [],
            order=number,
        )
        for number, (task_key, output) in enumerate(outputs_of(phase), start=1)
        if only is None or output["key"] in only["deliverables"]
    )
    questions: list[dict[str, str]] = phase.get("exit_questions") or []
    ExitQuestion.objects.bulk_create(
        ExitQuestion(stage=stage, key=question["key"], text=question["text"], order=number)
        for number, question in enumerate(questions, start=1)
        if only is None or question["key"] in only["questions"]
    )


def demand_sound(
    *,
    name: str | None,
    question: str | None,
    risk: str | None,
    currency: str | None,
    rate: Decimal | None,
    horizon_months: int | None,
) -> None:
    """Raise Refused for the first fact of a project that cannot be; None is not looked at."""
    for field, label, text, limit in (("name", "name", name, 120), ("question", "business question", question, 300)):
        if text is not None and not 0 < len(text.strip()) <= limit:
            raise Refused(
                f"The {label} has 1 to {limit} characters. Please write one.", code="invalid", status=400, field=field
            )
    if risk is not None and risk not in Project.Risk.values:
        raise Refused(
            f"{risk!r} is no risk tier. Use low, medium or high.", code="risk_unknown", status=400, field="risk"
        )
    if currency is not None and currency not in CURRENCIES:
        raise Refused(
            f"{currency!r} is no currency in use. Give its ISO 4217 code: three capital letters such as EUR.",
            code="currency_unknown",
            status=400,
            field="currency",
        )
    if rate is not None and not (rate.is_finite() and 0 <= rate <= 1):
        raise Refused(
            "The discount rate is a fraction per year between 0 and 1; 0.10 is 10 %.",
            code="invalid",
            status=400,
            field="discount_rate",
        )
    if horizon_months is not None and not 1 <= horizon_months <= 120:
        raise Refused(
            "The horizon is 1 to 120 months. Choose a number between.",
            code="invalid",
            status=400,
            field="horizon_months",
        )
