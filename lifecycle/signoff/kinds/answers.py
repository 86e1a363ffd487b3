"""Answers to the exit questions as evidence."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from foundation.web.digest import digest_of
from lifecycle.projects.models import ExitAnswer, Project, Stage
from lifecycle.signoff.briefs import brief_answers
from lifecycle.signoff.evidence import EvidenceKind, Item, Summary
from lifecycle.signoff.kinds.keys import SHORT, ids_in


def _answer_hash(answer: ExitAnswer) -> str:
    return digest_of({"question": answer.question.text, "number": answer.number, "text": answer.text})


def _answers_by_question(answers: QuerySet[ExitAnswer]) -> dict[int, list[ExitAnswer]]:
    """All answers to each question, the newest first."""
    found: dict[int, list[ExitAnswer]] = {}
    for answer in answers.select_related("question", "author").order_by("question__order", "-number"):
        found.setdefault(answer.question_id, []).append(answer)
    return found


def collect_answers(stage: Stage) -> list[Item]:
    """The newest answer to each exit question. One query."""
    return [
        Item(
            kind="answer",
            key=f"answer:{answer.question_id}",
            label=answer.question.text,
            hash=_answer_hash(answer),
            facts={
                "version": answer.number,
                "text": answer.text if len(answer.text) <= SHORT else answer.text[: SHORT - 1] + "…",
                "author": answer.author.name,
                "author_id": answer.author_id,
                "author_ids": sorted({each.author_id for each in (answer, *former)}),
            },
            link=stage.get_absolute_url(),
        )
        for answer, *former in _answers_by_question(
            ExitAnswer.objects.filter(question__stage=stage, question__dropped_at__isnull=True)
        ).values()
    ]


def recheck_answers(project: Project, keys: list[str]) -> dict[str, str | None]:
    """Present hashes. One query."""
    ids = ids_in(keys)
    answers = _answers_by_question(ExitAnswer.objects.filter(question__stage__project=project, question__in=list(ids)))
    return {
        key: _answer_hash(answers[question][0]) if question in answers else None
        for question, own in ids.items()
        for key in own
    }


def summarise_answers(project: Project, items: list[Item]) -> Summary | None:
    """Questions with the pinned versions of their answers in full (answers are written once). One query."""
    if not items:
        return None
    pinned = Q(pk__in=[])
    for item in items:
        pinned |= Q(question=int(item.key.split(":")[1]), number=item.facts["version"])
    rows = ExitAnswer.objects.filter(pinned, question__stage__project=project).order_by("question__order")
    answers = [(answer, item) for answer in rows for item in items if item.key == f"answer:{answer.question_id}"]
    return Summary(
        "lifecycle/signoff/evidence_answers.html",
        {
            "answers": [
                {"question": item.label, "question_id": answer.question_id, "text": answer.text, "item": item}
                for answer, item in answers
            ]
        },
        brief=brief_answers((item.label, answer.text) for answer, item in answers),
    )


ANSWERS = EvidenceKind(
    "answer",
    "Exit questions",
    collect_answers,
    recheck_answers,
    watches=("answer",),
    summarise=summarise_answers,
    place=60,
)
