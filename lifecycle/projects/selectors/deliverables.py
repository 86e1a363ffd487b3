"""Deliverables and their versions, answers of former iterations, and what is still missing."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Prefetch, QuerySet

from lifecycle.projects.gate_checks import findings_at
from lifecycle.projects.models import Deliverable, DeliverableVersion, ExitAnswer, ExitQuestion, Stage


def deliverables_of(stage: Stage) -> QuerySet[Deliverable]:
    """Deliverables of a stage with the head of each (`.head`: a list of at most one version, without its text)."""
    return (
        Deliverable.objects.filter(stage=stage)
        .select_related("task")
        .prefetch_related(
            Prefetch(
                "versions",
                DeliverableVersion.objects.filter(number=F("deliverable__latest_number"))
                .select_related("author")
                .defer("text"),
                to_attr="head",
            )
        )
    )


def versions_of(deliverable: Deliverable) -> list[DeliverableVersion]:
    """All versions, newest first, without their texts; one query."""
    return list(DeliverableVersion.objects.filter(deliverable=deliverable).select_related("author").defer("text"))


def version_of(deliverable: Deliverable, number: int | None = None) -> DeliverableVersion | None:
    """One version with its text; the newest when no number is given."""
    versions = DeliverableVersion.objects.filter(deliverable=deliverable).select_related("author")
    return versions.filter(number=deliverable.latest_number if number is None else number).first()


def former_version(deliverable: Deliverable) -> DeliverableVersion | None:
    """The newest version of the same deliverable in the newest former iteration that has one."""
    stage = deliverable.stage
    return (
        DeliverableVersion.objects.filter(
            deliverable__key=deliverable.key,
            deliverable__stage__key=stage.key,
            deliverable__stage__project_id=stage.project_id,
            deliverable__stage__iteration__lt=stage.iteration,
        )
        .select_related("deliverable__stage", "author")
        .order_by("-deliverable__stage__iteration", "-number")
        .first()
    )


def former_answers(stage: Stage) -> dict[str, ExitAnswer]:
    """The newest answer of a former iteration by key of the question; one query, none for a first iteration."""
    if stage.iteration == 1:
        return {}
    found: dict[str, ExitAnswer] = {}
    answers = (
        ExitAnswer.objects.filter(
            question__stage__project_id=stage.project_id,
            question__stage__key=stage.key,
            question__stage__iteration__lt=stage.iteration,
        )
        .select_related("question__stage")
        .order_by("-question__stage__iteration", "-number")
    )
    for answer in answers:
        found.setdefault(answer.question.key, answer)
    return found


def missing_for_submission(stage: Stage) -> list[str]:
    """What a stage still lacks before it can be put to a decision, one sentence each; two queries, and those of the
    checks that its gate asks for."""
    unwritten = Deliverable.objects.filter(
        stage=stage, need=Deliverable.Need.REQUIRED, latest_number=0, not_applicable="", dropped_at__isnull=True
    ).values_list("name", flat=True)
    unanswered = (
        ExitQuestion.objects.filter(stage=stage, dropped_at__isnull=True)
        .exclude(Exists(ExitAnswer.objects.filter(question=OuterRef("pk"))))
        .values_list("text", flat=True)
    )
    return [
        *(f"The deliverable “{name}” is not written yet." for name in unwritten),
        *(f"The question “{text}” is not answered yet." for text in unanswered),
        *(finding.lacking for finding in findings_at(stage) if not finding.judged.met),
    ]
