"""Reads of projects, stages and deliverables: one query shape for each page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet

from foundation.people.models import User
from foundation.web.waiting import Waiting
from lifecycle.projects import moves
from lifecycle.projects.models import (
    Deliverable,
    DeliverableVersion,
    ExitAnswer,
    ExitQuestion,
    Member,
    Project,
    Role,
    Stage,
    StageReturn,
    StageTask,
)


@dataclass(frozen=True)
class Step:
    """One stage of the track: its present iteration, and how far it is."""

    key: str
    name: str
    order: int
    iteration: int
    state: str
    word: str
    opened_at: datetime | None
    approved_at: datetime | None
    lapsed_at: datetime | None
    due_on: date | None
    rests_on: str = ""

    @property
    def lapsed_word(self) -> str:
        """What stands before the day on which its approval ended."""
        return {"approval expired": "expired", "approval revoked": "revoked"}.get(self.word, "changed since")

    @property
    def mark(self) -> str:
        """Class of `ol.track > li`: done, stale, now, or nothing."""
        if self.lapsed_at:
            return "stale"
        return "done" if self.state == moves.APPROVED else "now" if self.state in (moves.OPEN, moves.IN_REVIEW) else ""


@dataclass(frozen=True)
class Filters:
    """What the list of projects is narrowed to; empty texts mean all."""

    text: str = ""
    state: str = ""
    methodology: str = ""
    mine: bool = False


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


def projects_for(user: User, filters: Filters) -> QuerySet[Project]:
    """Projects that the person may read, narrowed and in order; one query."""
    projects: QuerySet[Project] = Project.objects.visible_to(user).with_methodology()
    if filters.text:
        projects = projects.filter(
            Q(name__icontains=filters.text)
            | Q(key__icontains=filters.text)
            | Q(question__icontains=filters.text)
            | Q(unit__icontains=filters.text)
        )
    if filters.state:
        projects = projects.filter(state=filters.state)
    if filters.methodology:
        projects = projects.filter(methodology__key=filters.methodology)
    if filters.mine:
        projects = projects.filter(
            Exists(Member.objects.filter(project=OuterRef("pk"), user=user, left_at__isnull=True))
        )
    return projects.order_by("name", "pk")


def board(user: User, filters: Filters) -> QuerySet[Project]:
    """Projects of the list with their present stages (`.steps`) and leads (`.leads`); three queries for any number."""
    stages = Stage.objects.filter(is_current=True).with_approval().defer("purpose", "gate").order_by("order")
    return projects_for(user, filters).prefetch_related(
        Prefetch("stages", stages, to_attr="steps"),
        Prefetch(
            "members",
            Member.objects.filter(role=Role.LEAD, left_at__isnull=True).select_related("user"),
            to_attr="leads",
        ),
    )


def track(project: Project) -> list[Step]:
    """The present iterations in order, for `ol.track`; one query."""
    return [step_of(stage) for stage in present_stages(project)]


def present_stages(project: Project) -> list[Stage]:
    """The present iterations in order, each with its approval and on what it rests; one query."""
    return mark_resting(Stage.objects.filter(project=project, is_current=True).with_approval().order_by("order"))


def mark_resting(stages: Iterable[Stage]) -> list[Stage]:
    """Note at each stage that has begun after one whose approval has lapsed, which one that is; the first of several.

    `stages`: the present iterations of one project in order, with their approvals. No query of its own.
    """
    marked = list(stages)
    lapsed: Stage | None = None
    for stage in marked:
        if lapsed is not None and stage.state in (moves.OPEN, moves.IN_REVIEW, moves.APPROVED):
            stage.rests_on, stage.rests_on_name = lapsed.key, lapsed.name
        if lapsed is None and stage.is_stale:
            lapsed = stage
    return marked


def ended_stages(project: Project) -> list[Stage]:
    """The newest iteration of each stage that the present version of the methodology does not have; one query."""
    present = Stage.objects.filter(project=project, is_current=True, key=OuterRef("key"))
    found: dict[str, Stage] = {}
    for stage in Stage.objects.filter(~Exists(present), project=project).order_by("order", "-iteration"):
        stage.project = project
        found.setdefault(stage.key, stage)
    return list(found.values())


def step_of(stage: Stage) -> Step:
    """A stage as a step of the track."""
    return Step(
        key=stage.key,
        name=stage.name,
        order=stage.order,
        iteration=stage.iteration,
        state=stage.state,
        word=stage.stale_word if stage.is_stale else stage.get_state_display(),
        opened_at=stage.opened_at,
        approved_at=stage.closed_at if stage.state == moves.APPROVED else None,
        lapsed_at=stage.lapsed_at if stage.is_stale else None,
        due_on=stage.due_on,
        rests_on=stage.rests_on,
    )


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


def members_of(project: Project) -> list[Member]:
    """Everybody who is in the project now, leads and contributors beside the deciders; one query."""
    order = list(Role.values)
    members = Member.objects.filter(project=project, left_at__isnull=True).select_related("user")
    return sorted(members, key=lambda member: (order.index(member.role), member.user.name, member.pk))


def missing_for_submission(stage: Stage) -> list[str]:
    """What a stage still lacks before it can be put to a decision, one sentence each; two queries."""
    unwritten = Deliverable.objects.filter(
        stage=stage, need=Deliverable.Need.REQUIRED, latest_number=0, not_applicable="", dropped_at__isnull=True
    ).values_list("name", flat=True)
    unanswered = (
        ExitQuestion.objects.filter(stage=stage, dropped_at__isnull=True)
        .exclude(Exists(ExitAnswer.objects.filter(question=OuterRef("pk"))))
        .values_list("text", flat=True)
    )
    return [f"The deliverable “{name}” is not written yet." for name in unwritten] + [
        f"The question “{text}” is not answered yet." for text in unanswered
    ]


def waiting_for(user: User) -> list[Waiting]:
    """Open stages of projects that the person leads and that have a day; one query.

    A stage without a day waits for nobody in particular, so it stays off the inbox.
    """
    stages = (
        Stage.objects.filter(
            is_current=True,
            state=moves.OPEN,
            due_on__isnull=False,
            project__state__in=[moves.ACTIVE, moves.IN_USE],
        )
        .filter(
            Exists(Member.objects.filter(project=OuterRef("project"), user=user, role=Role.LEAD, left_at__isnull=True))
        )
        .select_related("project")
        .order_by("due_on")
    )
    return [
        Waiting(
            title=f"{stage.project.name}: {stage.name}",
            why="You lead the project, and this stage has a day on which it should be ready for its decision.",
            link=stage.get_absolute_url(),
            group="tasks",
            state="wait",
            word="to be finished",
            since=stage.opened_at or stage.project.created_at,
            due_on=stage.due_on,
            project=stage.project.name,
        )
        for stage in stages
    ]
