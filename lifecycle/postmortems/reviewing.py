"""What a reviewer is asked before a post-mortem is published or returned: plain data and pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypedDict

# Keys are stored with the answers and stay; words may be mended.
QUESTIONS: Final[dict[str, str]] = {
    "understandable": "Would somebody who was not there understand what happened and why it mattered?",
    "blameless": "Are causes told as conditions that others could meet as well, not as failings of people?",
    "figures": "Is every figure either taken from a record or marked as an estimate?",
    "testable": "Does each accepted action have an owner, a date and a test for done?",
    "visible": "May everybody who can read it see every fact in it?",
}
ANSWERS: Final[dict[str, str]] = {"yes": "yes", "no": "no", "does_not_apply": "does not apply"}
COMMENT = 1_000  # characters


class Answer(TypedDict):
    """What was answered to a question, and why."""

    answer: str
    comment: str


Answers = dict[str, Answer]


@dataclass(frozen=True)
class Answered:
    """A question with its answer as a page shows it; an empty answer was not given."""

    key: str
    question: str
    answer: str
    said: str
    comment: str


def fine() -> Answers:
    """Yes to every question."""
    return {key: Answer(answer="yes", comment="") for key in QUESTIONS}


def faults_in(answers: Mapping[str, Answer], *, all_needed: bool) -> list[str]:
    """What is wrong with the answers, in words; empty when they can stand.

    A no needs a comment. `all_needed`: to publish, every question needs an answer; to return, those that were given count.
    """
    faults = [f"{key!r} is no question of the review" for key in answers if key not in QUESTIONS]
    for key, question in QUESTIONS.items():
        given = answers.get(key)
        if given is None or not given["answer"]:
            if all_needed:
                faults.append(f"“{question}” is not answered")
            continue
        if given["answer"] not in ANSWERS:
            faults.append(f"{given['answer']!r} is no answer to “{question}”: use one of {', '.join(ANSWERS)}")
        if given["answer"] == "no" and not given["comment"].strip():
            faults.append(f"“{question}” is answered with no, and nothing says why")
        if len(given["comment"]) > COMMENT:
            faults.append(f"the comment on “{question}” is longer than {COMMENT} characters")
    return faults


def kept(answers: Mapping[str, Answer]) -> Answers:
    """Given answers in the order of the questions, without empty ones."""
    return {
        key: Answer(answer=answers[key]["answer"], comment=answers[key]["comment"].strip())
        for key in QUESTIONS
        if key in answers and answers[key]["answer"]
    }


def shown(answers: Mapping[str, Answer]) -> list[Answered]:
    """Stored answers as they are read; a question that is no longer asked is shown by its key."""
    return [
        Answered(
            key,
            QUESTIONS.get(key, key.replace("_", " ")),
            given["answer"],
            ANSWERS.get(given["answer"], given["answer"]),
            given["comment"],
        )
        for key, given in answers.items()
    ]
