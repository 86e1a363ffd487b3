"""The questions of the review as a form. Its answers are read without being refused here: the deed says all that is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from lifecycle.postmortems.reviewing import ANSWERS, COMMENT, QUESTIONS, Answer, Answers


class ReviewForm(forms.Form):
    """Two fields for each question."""

    def __init__(self, *, initial: dict[str, Any] | None = None) -> None:
        super().__init__(initial=initial)
        for key, question in QUESTIONS.items():
            self.fields[f"answer_{key}"] = forms.ChoiceField(
                label=question,
                choices=list(ANSWERS.items()),
                widget=forms.RadioSelect,
                required=False,
            )
            self.fields[f"comment_{key}"] = forms.CharField(
                label=f"Comment: {question}", max_length=COMMENT, required=False
            )

    @property
    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Answer and comment of each question."""
        return [(self[f"answer_{key}"], self[f"comment_{key}"]) for key in QUESTIONS]


def answers_in(posted: Mapping[str, Any]) -> Answers:
    """The answers of a posted form; questions without one are left out."""
    return {
        key: Answer(answer=str(posted[f"answer_{key}"]), comment=str(posted.get(f"comment_{key}", "")))
        for key in QUESTIONS
        if posted.get(f"answer_{key}")
    }
