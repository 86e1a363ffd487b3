"""Reads of checks: the way of each lesson from its case to what it caught."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q, QuerySet

from foundation.people.models import User
from lifecycle.lessons.models import Catch, LessonCheck
from lifecycle.lessons.readers import NOBODY, Reached, reached_by
from lifecycle.methodologies.models import Methodology
from lifecycle.postmortems.models import PostMortem
from lifecycle.projects.beside import Origin
from lifecycle.projects.models import ExitAnswer, ExitQuestion, Project, Stage

ELSEWHERE = "a case of another project"


@dataclass(frozen=True)
class Met:
    """A project that met the check at its gate: the question there, whether it is answered and the stage decided, and
    what it caught. Only of a project that the reader may see."""

    project: Project
    question: ExitQuestion
    is_answered: bool
    is_decided: bool
    catches: list[Catch]


@dataclass
class Way:
    """The way of a lesson. Counts are of all projects; `met` names those that the reader may see. `case` is None where the
    reader may not see it."""

    check: LessonCheck
    case: PostMortem | None
    met: list[Met] = field(default_factory=list)
    met_count: int = 0
    answered: int = 0
    decided: int = 0
    ahead: int = 0
    caught: int = 0
    reached: Reached = NOBODY
    methodology_name: str = ""

    @property
    def case_words(self) -> str:
        """What stands where the case is named."""
        return self.case.reference if self.case else ELSEWHERE


def checks_for(user: User) -> QuerySet[LessonCheck]:
    """Checks of cases that the person may see, and those that every methodology's reader meets anyhow; the newest first."""
    seen = PostMortem.objects.visible_to(user).values("pk")
    return (
        LessonCheck.objects.filter(Q(postmortem__in=seen) | Q(state=LessonCheck.State.IN_FORCE))
        .select_related("postmortem__project", "lesson", "methodology", "proposed_by", "decided_by")
        .defer("methodology__content", "methodology__source")
        .order_by("-pk")
    )


def ways(user: User, checks: Collection[LessonCheck]) -> list[Way]:
    """The ways of these checks; eight queries at most, however many."""
    visible = set(
        PostMortem.objects.visible_to(user)
        .filter(pk__in=[check.postmortem_id for check in checks])
        .values_list("pk", flat=True)
    )
    reached = reached_by(list(visible))
    names = dict(
        Methodology.objects.filter(key__in={check.methodology_key for check in checks})
        .order_by("number")
        .values_list("key", "name")
    )
    found = {
        (check.methodology_key, check.question_key): Way(
            check,
            check.postmortem if check.postmortem_id in visible else None,
            reached=reached.get(check.postmortem_id, NOBODY),
            methodology_name=names.get(check.methodology_key, check.methodology_key),
        )
        for check in checks
    }
    _fill(user, found)
    return list(found.values())


def _fill(user: User, found: Mapping[tuple[str, str], Way]) -> None:
    asked = {key for (_, key), way in found.items() if way.check.state == LessonCheck.State.IN_FORCE}
    if not asked:
        return
    questions = list(
        ExitQuestion.objects.filter(key__in=asked, dropped_at__isnull=True, stage__is_current=True)
        .annotate(is_answered=Exists(ExitAnswer.objects.filter(question=OuterRef("pk"))))
        .select_related("stage__project__methodology")
        .defer("stage__project__methodology__content", "stage__project__methodology__source")
        .order_by("-stage__project")
    )
    # A catch of a former iteration is one of the project still.
    catches: dict[tuple[int, int], list[Catch]] = {}
    every = [way.check.pk for way in found.values()]
    for catch in Catch.objects.filter(check_asked__in=every).select_related("by", "question__stage").order_by("pk"):
        catches.setdefault((catch.check_asked_id, catch.question.stage.project_id), []).append(catch)
    seen = set(
        Project.objects.visible_to(user)
        .filter(pk__in={question.stage.project_id for question in questions})
        .values_list("pk", flat=True)
    )
    for (check_id, _), told in catches.items():
        way = next(way for way in found.values() if way.check.pk == check_id)
        way.caught += len(told)
    for question in questions:
        project = question.stage.project
        way_or_none = found.get((project.methodology.key, question.key))
        if way_or_none is None:
            continue
        way = way_or_none
        if question.stage.state == Stage.State.WAITING:
            way.ahead += 1
            continue
        is_decided = question.stage.state == Stage.State.APPROVED
        way.met_count += 1
        way.answered += question.is_answered
        way.decided += is_decided
        if project.pk in seen:
            told = catches.get((way.check.pk, project.pk), [])
            way.met.append(Met(project, question, question.is_answered, is_decided, told))


def origins_of(user: User, project: Project, questions: Collection[int]) -> dict[int, Origin]:
    """Which exit questions of a project a case taught; one query where none, three else."""
    checks = {
        check.question_key: check
        for check in LessonCheck.objects.filter(
            methodology_key=project.methodology.key, state=LessonCheck.State.IN_FORCE
        ).select_related("postmortem")
    }
    if not checks or not questions:
        return {}
    seen = set(
        PostMortem.objects.visible_to(user)
        .filter(pk__in=[check.postmortem_id for check in checks.values()])
        .values_list("pk", flat=True)
    )
    found = {}
    rows = ExitQuestion.objects.filter(pk__in=questions, key__in=list(checks), stage__project=project)
    for pk, key in rows.values_list("pk", "key"):
        check = checks[key]
        is_seen = check.postmortem_id in seen
        case = check.postmortem
        found[pk] = Origin(
            words=f"{case.reference}: {case.title}" if is_seen else ELSEWHERE,
            link=case.get_absolute_url() if is_seen else "",
            more=f"/post-mortems/checks/{check.pk}/",
        )
    return found
