"""Changing what a project is, and when its stages should be ready."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Project, Stage
from lifecycle.projects.permits import may
from lifecycle.projects.services.locks import lock_project, lock_stage
from lifecycle.projects.services.members import person_named
from lifecycle.projects.services.starting import demand_sound

_RISKS = [Project.Risk.LOW.value, Project.Risk.MEDIUM.value, Project.Risk.HIGH.value]


@transaction.atomic
def edit_project(
    *,
    actor: User,
    project: Project,
    expected_version: int | None = None,
    name: str | None = None,
    question: str | None = None,
    description: str | None = None,
    unit: str | None = None,
    risk: str | None = None,
    currency: str | None = None,
    discount_rate: Decimal | None = None,
    horizon_months: int | None = None,
    escalates_to: str | None = None,
    reason: str = "",
) -> Project:
    """Change the named facts; None leaves one as it is. Nothing changed: no new version.

    `expected_version`: the version that the person saw; Refused `version_conflict` if another change came between.
    Lowering the risk tier asks for a `reason`, since fewer people then decide. `discount_rate`: fraction per year.
    `escalates_to`: e-mail address or name of the person who is told of late decisions; "" for nobody.
    """
    project = lock_project(project.pk)
    may(actor, "edit_project", project).demand()
    given: dict[str, str | int | Decimal | User | None] = {
        "name": name,
        "question": question,
        "description": description,
        "unit": unit,
        "risk": risk,
        "currency": currency,
        "discount_rate": discount_rate,
        "horizon_months": horizon_months,
    }
    changed: dict[str, str | int | Decimal | User | None] = {
        field: value for field, value in given.items() if value is not None and value != getattr(project, field)
    }
    if escalates_to is not None:
        told = _person_told(project, escalates_to)
        if told != project.escalates_to:
            changed["escalates_to"] = told
    if not changed:
        return project
    if expected_version is not None and expected_version != project.version:
        raise Refused(
            "Somebody changed the project while you were editing it. Your entries are kept: compare them with what "
            "stands there now, and save again.",
            code="version_conflict",
        )
    demand_sound(
        name=name, question=question, risk=risk, currency=currency, rate=discount_rate, horizon_months=horizon_months
    )
    if risk is not None and _RISKS.index(risk) < _RISKS.index(project.risk) and not reason.strip():
        raise Refused(
            f"Lowering the risk tier from {project.risk} to {risk} lets fewer people decide. Say why.",
            code="reason_missing",
            status=400,
            field="reason",
        )
    before = {field: _plain(getattr(project, field)) for field in changed}
    for field, value in changed.items():
        setattr(project, field, value)
    project.version += 1
    project.save(update_fields=[*changed, "version"])
    record(
        actor=actor,
        verb="edit_project",
        thing=project,
        kind="project",
        project_id=project.pk,
        before=before,
        after={field: _plain(value) for field, value in changed.items()},
        reason=reason.strip(),
    )
    return project


@transaction.atomic
def plan_stage(*, actor: User, stage: Stage, due_on: date | None) -> Stage:
    """Set or take away the day on which the stage should be ready for its decision."""
    stage = lock_stage(stage)
    may(actor, "plan_stage", stage).demand()
    if not stage.is_current:
        raise Refused(
            "This is a former iteration; only the present one can be planned.", code="stage_closed", field="due_on"
        )
    if stage.due_on == due_on:
        return stage
    before, stage.due_on = stage.due_on, due_on
    stage.save(update_fields=["due_on"])
    record(
        actor=actor,
        verb="plan_stage",
        thing=stage,
        kind="stage",
        project_id=stage.project_id,
        before={"due_on": before.isoformat() if before else None},
        after={"due_on": due_on.isoformat() if due_on else None},
    )
    return stage


def _person_told(project: Project, text: str) -> User | None:
    """Who is meant; the same as before where nothing was typed anew, even if they have no access any more."""
    present = project.escalates_to
    if not text.strip() or (present is not None and text.strip().lower() == present.email):
        return present if text.strip() else None
    try:
        return person_named(text)
    except Refused as refused:
        refused.field = "escalates_to"
        raise


def _plain(value: str | int | Decimal | User | None) -> str | int | None:
    """A value of the project as JSON: a fraction as text, so that no digit is lost; a person by name."""
    if isinstance(value, User):
        return value.name
    return str(value.normalize()) if isinstance(value, Decimal) else value
