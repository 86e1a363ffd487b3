"""What happened, once, in sentences that are certain: from an entry of the trail, or from the readings of a KPI."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from foundation.audit.models import Entry
from foundation.web.formats import day_text, number_text
from lifecycle.acceptance.models import Acceptance
from lifecycle.kpis.models import Kpi, Target
from lifecycle.kpis.periods import organisation_day, period_text
from lifecycle.postmortems import occasions
from lifecycle.postmortems.prefill import stage_in_work
from lifecycle.projects import moves as project_moves
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff.models import Round
from lifecycle.signoff.triggers import TRIGGERS


@dataclass(frozen=True)
class Occasion:
    """What happened, once: `key` says which one it was. `story`: what is certain, in sentences. `once_settled`: after the
    post-mortem is published, the same may happen anew and then opens another one. `severity`: of an alert that told it."""

    cause: str
    key: str
    subject: str
    detected_on: date
    story: str
    started_on: date | None = None
    stage: Stage | None = None
    once_settled: bool = False
    happened_at: datetime | None = None
    severity: str = ""


def missed_target(kpi: Kpi, target: Target, readings: Sequence[tuple[date, float]], day: date) -> Occasion:
    """A KPI that missed its target in these periods running. `readings`: (period, value), the oldest first."""
    unit = "" if kpi.unit == "1" else kpi.unit
    said = ", ".join(
        f"{number_text(value)} {unit}".rstrip() + f" ({period_text(period, kpi.frequency)})"
        for period, value in readings
    )
    aim = f"{number_text(target.value)} {unit}".rstrip()
    return Occasion(
        cause=occasions.MISSED,
        key=f"{kpi.pk}:{target.pk}",
        subject=kpi.name,
        detected_on=day,
        started_on=readings[0][0],
        story=f"{kpi.name} was to reach {aim} by {day_text(target.due_on)}. It missed that in {len(readings)} periods "
        f"running: {said}.",
    )


def found_in(cause: str, entry: Entry, project: Project) -> Occasion | None:
    """What an entry of the trail tells; None where it is not enough to open anything."""
    day = organisation_day(entry.at)
    match cause:
        case occasions.STOPPED:
            reason = entry.reason.strip()
            stage = stage_in_work(project)
            is_in_work = stage is not None and stage.state in (project_moves.OPEN, project_moves.IN_REVIEW)
            where = f" while in {stage.name}" if stage and is_in_work else ""
            return Occasion(
                cause=cause,
                key="project",
                subject=project.name,
                detected_on=day,
                happened_at=entry.at,
                story=paragraphs(
                    f"{project.name} was to answer: {project.question}",
                    f"It was stopped on {day_text(day)}{where}. The reason that was given:",
                    _quoted(reason),
                ),
            )
        case occasions.TWICE:
            return _turned_down(entry, project, day)
        case occasions.REFUSED:
            return _refused(entry, project, day)
        case _:
            sentence = TRIGGERS[str(entry.after["trigger"])].sentence
            return Occasion(
                cause=cause,
                key=f"entry:{entry.seq}",
                subject=project.name,
                detected_on=day,
                once_settled=True,
                severity=str(entry.after.get("severity", "")),
                story=paragraphs(f"Reported on {day_text(day)}: {sentence}", _quoted(entry.reason)),
            )


def _turned_down(entry: Entry, project: Project, day: date) -> Occasion | None:
    """The second time, over all iterations of the stage."""
    review = Round.objects.select_related("stage").get(pk=int(entry.thing_id))
    rounds = list(
        Round.objects.filter(project=project, stage__key=review.stage.key, state="rejected").order_by("closed_at", "pk")
    )
    if len(rounds) < 2:
        return None
    days = [organisation_day(each.closed_at or timezone.now()) for each in rounds]
    stage = Stage.objects.filter(project=project, key=review.stage.key, is_current=True).first() or review.stage
    return Occasion(
        cause=occasions.TWICE,
        key=review.stage.key,
        subject=review.stage.name,
        detected_on=day,
        happened_at=entry.at,
        started_on=days[0],
        stage=stage,
        story=paragraphs(
            f"{review.stage.name} was turned down {'twice' if len(rounds) == 2 else f'{len(rounds)} times'}: on "
            f"{' and on '.join(day_text(each) for each in days)}. The reason that was given last:",
            _quoted(entry.reason),
        ),
    )


def _refused(entry: Entry, project: Project, day: date) -> Occasion:
    acceptance = Acceptance.objects.get(pk=int(entry.thing_id))
    unmet = acceptance.results.filter(verdict="not_met").count()
    count = f" {unmet} {'criterion was' if unmet == 1 else 'criteria were'} not met." if unmet else ""
    return Occasion(
        cause=occasions.REFUSED,
        key=f"acceptance:{acceptance.pk}",
        subject=project.name,
        detected_on=day,
        happened_at=entry.at,
        story=paragraphs(
            f"The customer refused the result on {day_text(day)}.{count} What they said:", _quoted(entry.reason)
        ),
    )


def paragraphs(*texts: str) -> str:
    """Texts one below the other, without empty ones."""
    return "\n\n".join(text for text in texts if text)


def _quoted(text: str) -> str:
    """Somebody's own words as a quotation in Markdown."""
    return "\n".join(f"> {line}" for line in text.strip().splitlines())
