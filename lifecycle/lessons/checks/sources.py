"""From what a check can be made: lessons of a case, and its factors."""

from __future__ import annotations

from dataclasses import dataclass

from lifecycle.postmortems import taxonomy as causes
from lifecycle.postmortems.models import ActionItem, Lesson, PostMortem


@dataclass(frozen=True)
class Source:
    """A lesson (`lesson:12`) or a factor (`factor:label_error`), in words. `came_back`: an action against the factor was
    verified, and the cause came back all the same."""

    value: str
    words: str
    question: str
    came_back: bool = False


def sources_of(case: PostMortem) -> list[Source]:
    """Lessons first, those that could become a check before the others; then factors, those that came back first."""
    lessons = sorted(case.lessons.all(), key=lambda lesson: (not lesson.as_check, lesson.pk))
    again = set(
        ActionItem.objects.filter(
            postmortem=case, effect=ActionItem.Effect.CAME_BACK, factor__isnull=False
        ).values_list("factor__node", flat=True)
    )
    labels = causes.nodes(case.taxonomy.content)
    factors = sorted(case.factors.all(), key=lambda factor: (factor.node not in again, factor.pk))
    return [
        *(Source(f"lesson:{lesson.pk}", lesson.text, _asked(lesson.text)) for lesson in lessons),
        *(
            Source(
                f"factor:{factor.node}",
                f"{causes.title(factor.node)}{' (came back)' if factor.node in again else ''}",
                f"What was done so that this does not happen here: {labels[factor.node].label[:1].lower()}"
                f"{labels[factor.node].label[1:]}?"
                if factor.node in labels
                else f"What was done against {causes.words(factor.node)}?",
                came_back=factor.node in again,
            )
            for factor in factors
        ),
    ]


def _asked(lesson: str) -> str:
    """A lesson as a question: a start for whoever writes it."""
    plain = " ".join(lesson.split()).rstrip(".!? ")
    return f"How was this followed: {plain[:1].lower()}{plain[1:]}?"[:500]


def picked(case: PostMortem, value: str) -> tuple[Lesson | None, str]:
    """(lesson, factor) that a choice names; both empty when it names nothing of this case."""
    kind, _, name = value.partition(":")
    if kind == "lesson" and name.isdecimal() and len(name) < 19:
        return Lesson.objects.filter(postmortem=case, pk=int(name)).first(), ""
    return None, name if kind == "factor" else ""
