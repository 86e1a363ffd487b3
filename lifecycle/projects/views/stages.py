"""The board of stages, and the page of one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from foundation.people.models import User
from foundation.web.kept import initial_from_kept
from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.methodologies.selectors import newer_than
from lifecycle.projects import beside, moves
from lifecycle.projects.forms import AnswerForm, PlanForm
from lifecycle.projects.models import ExitAnswer, ExitQuestion, Stage, StageTask
from lifecycle.projects.permits import may, roles_of
from lifecycle.projects.selectors import ended_stages, former_answers, stage_lines, stage_read
from lifecycle.projects.services import answer_question, plan_stage, tick_task, untick_task
from lifecycle.projects.views.finding import build_on, find_project, find_stage, tell


def stages(request: HttpRequest, key: str) -> HttpResponse:
    """All stages of the project with what is done and what is missing."""
    project = find_project(request, key)
    context = {
        "project": project,
        "lines": stage_lines(project),
        "newer": newer_than(project.methodology).defer("content", "source").first(),
        "ended": ended_stages(project),
    }
    return render(request, "lifecycle/projects/stages.html", context)


def stage(request: HttpRequest, key: str, stage_key: str) -> HttpResponse:
    """One stage: tasks, deliverables, exit questions."""
    found = find_stage(request, key, stage_key)
    return _stage_page(request, found)


def _stage_page(
    request: HttpRequest,
    stage: Stage,
    *,
    bound: tuple[ExitQuestion, AnswerForm] | None = None,
    plan: PlanForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user = signed_in(request)
    roles = roles_of(user, stage.project)
    read = stage_read(stage)
    may_write = may(user, "answer_question", stage, roles=roles)
    former = former_answers(stage)
    origins = beside.origins_of(user, stage.project, [question.pk for question in read.questions])
    questions = [
        {
            "question": question,
            "answers": (answers := question.given),  # type: ignore[attr-defined]  # by prefetch
            "former": former.get(question.key),
            "origin": origins.get(question.pk),
            "form": bound[1] if bound and bound[0].pk == question.pk else _answer_form(request, question, answers),
            "is_open": bool(bound and bound[0].pk == question.pk),
        }
        for question in read.questions
    ]
    context: dict[str, Any] = {
        "project": stage.project,
        "stage": stage,
        "read": read,
        "questions": questions,
        "may_write": may_write,
        "may_tick": may(user, "tick_task", stage, roles=roles),
        "may_plan": may(user, "plan_stage", stage, roles=roles),
        "plan_form": plan or PlanForm(initial={"due_on": stage.due_on}),
        "beside": beside.sections_for(request, user, stage),
        "is_decided": stage.state in (moves.IN_REVIEW, moves.APPROVED),
        "can_submit": stage.is_current and stage.state == moves.OPEN and bool(may_write),
        "can_go_back": stage.is_current and stage.state in (moves.OPEN, moves.IN_REVIEW, moves.APPROVED),
    }
    return render(request, "lifecycle/projects/stage.html", context, status=status)


def _answer_form(request: HttpRequest, question: ExitQuestion, answers: list[ExitAnswer]) -> AnswerForm:
    initial: dict[str, Any] = {
        "text": answers[0].text if answers else "",
        "expected_number": answers[0].number if answers else 0,
    }
    kept = initial_from_kept(request, f"/projects/{question.stage.project.key}/questions/{question.pk}/")
    return AnswerForm(initial={**initial, **kept}, auto_id=f"q{question.pk}_%s")


@require_POST
def answer(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Answer an exit question in its place; a conflict shows both answers."""
    user = signed_in(request)
    question = _find_question(request, key, pk)
    form = AnswerForm(request.POST, auto_id=f"q{question.pk}_%s")
    if form.is_valid():
        try:
            answer_question(
                actor=user,
                question=question,
                text=form.cleaned_data["text"],
                expected_number=form.cleaned_data["expected_number"],
            )
        except Refused as refused:
            status = tell(form, refused)
            if refused.code == "version_conflict":
                latest = question.answers.order_by("-number").values_list("number", flat=True).first() or 0
                build_on(form, "expected_number", latest)
            return _stage_page(request, question.stage, bound=(question, form), status=status)
        messages.success(request, "The answer is saved.")
        return redirect(f"{question.stage.get_absolute_url()}#question-{question.pk}")
    return _stage_page(request, question.stage, bound=(question, form), status=400)


def _find_question(request: HttpRequest, key: str, pk: int) -> ExitQuestion:
    project = find_project(request, key)
    question = ExitQuestion.objects.select_related("stage").filter(pk=pk, stage__project=project).first()
    if question is None:
        raise Http404
    question.stage.project = project
    return question


@require_POST
def task(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Tick a task, or take the tick away."""
    project = find_project(request, key)
    found = StageTask.objects.select_related("stage").filter(pk=pk, stage__project=project).first()
    if found is None:
        raise Http404
    found.stage.project = project
    user: User = signed_in(request)
    deed = tick_task if request.POST.get("done") == "1" else untick_task
    is_partial = bool(request.headers.get("HX-Request"))
    try:
        found = deed(actor=user, task=found)
    except Refused as refused:
        if not is_partial:
            raise
        # The page no longer fits what may be done: it is loaded anew, with the reason on top.
        messages.error(request, refused.message)
        return HttpResponse(status=200, headers={"HX-Refresh": "true"})
    if is_partial:
        return render(
            request,
            "lifecycle/projects/stage.html#task",
            {"project": project, "task": found, "may_tick": True},
        )
    return redirect(f"{found.stage.get_absolute_url()}#tasks")


@require_POST
def plan(request: HttpRequest, key: str, stage_key: str) -> HttpResponse:
    """Set the day on which the stage should be ready."""
    found = find_stage(request, key, stage_key)
    form = PlanForm(request.POST)
    if not form.is_valid():
        return _stage_page(request, found, plan=form, status=400)
    plan_stage(actor=signed_in(request), stage=found, due_on=form.cleaned_data["due_on"])
    messages.success(request, "The day is saved.")
    return redirect(found)
