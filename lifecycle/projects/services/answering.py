"""Answers to exit questions, and ticks of tasks."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.digest import digest_of_text
from foundation.web.refused import Refused
from lifecycle.projects.models import ExitAnswer, ExitQuestion, StageTask
from lifecycle.projects.permits import may
from lifecycle.projects.services.locks import lock_stage
from lifecycle.projects.services.texts import sound_text

ANSWER_LIMIT = 20_000  # characters


@transaction.atomic
def answer_question(*, actor: User, question: ExitQuestion, text: str, expected_number: int) -> ExitAnswer:
    """A new version of the answer; the same text again gives the one that is there.

    `expected_number`: the answer on which this one builds (0: none). If another one came between, Refused
    `version_conflict` (409) and nothing is lost.
    """
    stage = lock_stage(question.stage)
    question = ExitQuestion.objects.select_for_update().get(pk=question.pk)
    question.stage = stage
    may(actor, "answer_question", question).demand()
    text = sound_text(text, limit=ANSWER_LIMIT, field="text", what="The answer").strip()
    latest = ExitAnswer.objects.filter(question=question).order_by("-number").first()
    if latest is not None and latest.text == text:
        return latest
    number = latest.number if latest else 0
    if expected_number != number:
        raise Refused(
            f"Somebody gave answer {number} to “{question.text}” while you wrote yours. Nothing of yours is lost: "
            "compare the two and save again.",
            code="version_conflict",
            field="text",
        )
    answer = ExitAnswer.objects.create(question=question, number=number + 1, text=text, author=actor)
    record(
        actor=actor,
        verb="answer_question",
        thing=question,
        kind="answer",
        project_id=stage.project_id,
        before={"number": number, "hash": digest_of_text(latest.text) if latest else ""},
        after={"number": answer.number, "hash": digest_of_text(text)},
    )
    return answer


@transaction.atomic
def tick_task(*, actor: User, task: StageTask) -> StageTask:
    """The task is done; who ticks it again changes nothing."""
    return _set_done(actor, task, done=True)


@transaction.atomic
def untick_task(*, actor: User, task: StageTask) -> StageTask:
    """The task is not done after all."""
    return _set_done(actor, task, done=False)


def _set_done(actor: User, task: StageTask, *, done: bool) -> StageTask:
    stage = lock_stage(task.stage)
    task = StageTask.objects.select_for_update().get(pk=task.pk)
    task.stage = stage
    may(actor, "tick_task", task).demand()
    if (task.done_at is not None) == done:
        return task
    task.done_at = timezone.now() if done else None
    task.done_by = actor if done else None
    task.save(update_fields=["done_at", "done_by"])
    record(
        actor=actor,
        verb="tick_task" if done else "untick_task",
        thing=task,
        kind="task",
        project_id=stage.project_id,
        before={"done": not done},
        after={"done": done},
    )
    return task
