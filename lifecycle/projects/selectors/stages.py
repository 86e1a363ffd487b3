"""Stages with their counts, and all that the page of one shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Prefetch, Q, QuerySet

from lifecycle.projects.models import Deliverable, ExitAnswer, ExitQuestion, Project, Stage, StageReturn, StageTask
from lifecycle.projects.selectors.deliverables import deliverables_of, missing_for_submission
from lifecycle.projects.selectors.steps import present_stages


@dataclass
class StageLine:
    """A stage on the board, with its counts."""

    stage: Stage
    required: int
    required_done: int
    written: int
    deliverables: int
    questions: int
    answered: int
    tasks: int
    ticked: int
    round_id: int | None


@dataclass
class StageRead:
    """All that the page of a stage shows."""

    stage: Stage
    tasks: list[StageTask]
    deliverables: list[Deliverable]
    questions: Sequence[ExitQuestion]
    iterations: list[Stage]
    returns: list[StageReturn]
    missing: list[str]
    round_id: int | None
    # What a newer version of the methodology no longer asks for, and somebody had written.
    dropped: list[Deliverable | ExitQuestion | StageTask] = field(default_factory=list)
    earlier: bool = field(default=False)


def stage_lines(project: Project) -> list[StageLine]:
    """The present stages with their counts, for the board; two queries."""
    written = Q(latest_number__gt=0)
    done = written | ~Q(not_applicable="")
    required = Q(need=Deliverable.Need.REQUIRED)
    stages = present_stages(project)
    deliverables = {
        row["stage"]: row
        for row in Deliverable.objects.filter(stage__project=project, stage__is_current=True, dropped_at__isnull=True)
        .order_by()
        .values("stage")
        .annotate(
            all=Count("pk"),
            written=Count("pk", filter=written),
            required=Count("pk", filter=required),
            required_done=Count("pk", filter=required & done),
        )
    }
    questions = {
        row["stage"]: row
        for row in ExitQuestion.objects.filter(stage__project=project, stage__is_current=True, dropped_at__isnull=True)
        .order_by()
        .values("stage")
        .annotate(all=Count("pk", distinct=True), answered=Count("answers__question", distinct=True))
    }
    tasks = {
        row["stage"]: row
        for row in StageTask.objects.filter(stage__project=project, stage__is_current=True, dropped_at__isnull=True)
        .order_by()
        .values("stage")
        .annotate(all=Count("pk"), ticked=Count("done_at"))
    }
    rounds = open_rounds(project)
    nothing: dict[str, int] = {}
    return [
        StageLine(
            stage=stage,
            required=(own := deliverables.get(stage.pk, nothing)).get("required", 0),
            required_done=own.get("required_done", 0),
            written=own.get("written", 0),
            deliverables=own.get("all", 0),
            questions=(asked := questions.get(stage.pk, nothing)).get("all", 0),
            answered=asked.get("answered", 0),
            tasks=(listed := tasks.get(stage.pk, nothing)).get("all", 0),
            ticked=listed.get("ticked", 0),
            round_id=rounds.get(stage.pk),
        )
        for stage in stages
    ]


def open_rounds(project: Project) -> dict[int, int]:
    """Id of the open round of sign-off by id of the stage; one query.

    Asked through the reverse relation: this room knows that a stage may have a round, and nothing more of it.
    """
    return dict(
        Stage.objects.filter(project=project, is_current=True, rounds__closed_at__isnull=True, rounds__isnull=False)
        .order_by()
        .values_list("pk", "rounds__pk")
    )


def stage_of(project: Project, key: str, iteration: int | None = None) -> Stage | None:
    """The present iteration of a stage, or the named one; None if there is none."""
    stages: QuerySet[Stage] = (
        Stage.objects.select_related("project__methodology").filter(project=project, key=key).with_approval()
    )
    found = stages.filter(is_current=True) if iteration is None else stages.filter(iteration=iteration)
    return found.first()


def stage_read(stage: Stage) -> StageRead:
    """All that the page of the stage shows; the number of queries does not grow with its content."""
    if stage.is_current:
        on_track = {each.pk: each for each in present_stages(stage.project)}.get(stage.pk)
        if on_track is not None:
            stage.rests_on, stage.rests_on_name = on_track.rests_on, on_track.rests_on_name
    deliverables = list(deliverables_of(stage))
    questions = list(
        ExitQuestion.objects.filter(stage=stage).prefetch_related(
            Prefetch("answers", ExitAnswer.objects.select_related("author").order_by("-number"), to_attr="given")
        )
    )
    for question in questions:
        question.stage = stage
    tasks = list(StageTask.objects.filter(stage=stage).select_related("done_by"))
    return StageRead(
        stage=stage,
        tasks=[task for task in tasks if task.dropped_at is None],
        deliverables=[deliverable for deliverable in deliverables if deliverable.dropped_at is None],
        questions=[question for question in questions if question.dropped_at is None],
        dropped=[
            *(deliverable for deliverable in deliverables if deliverable.dropped_at is not None),
            *(question for question in questions if question.dropped_at is not None),
            *(task for task in tasks if task.dropped_at is not None),
        ],
        iterations=list(
            Stage.objects.filter(project=stage.project, key=stage.key).with_approval().order_by("-iteration")
        ),
        returns=list(
            StageReturn.objects.filter(project=stage.project, to_stage__key=stage.key).select_related(
                "from_stage", "to_stage", "by"
            )
        ),
        missing=missing_for_submission(stage),
        round_id=open_rounds(stage.project).get(stage.pk),
        earlier=stage.order > 1,
    )
