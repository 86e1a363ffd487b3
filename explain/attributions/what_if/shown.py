"""What the page of a question shows, from the stored answer and the explanation it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from explain.attributions.any_row import read_row
from explain.attributions.asking import Answer
from explain.attributions.charts.frame import Chart
from explain.attributions.dictionary import Dictionary
from explain.attributions.models import Explanation
from explain.attributions.page import chosen_output
from explain.attributions.summary import Driver, Row
from explain.attributions.what_if import words
from explain.attributions.what_if.charts import parts_that_changed
from explain.attributions.what_if.models import WhatIf
from explain.attributions.what_if.words import Change, Seen


@dataclass(frozen=True)
class Shown:
    """The answer for one output of the model."""

    sentence: str
    chart: Chart | None
    cautions: list[str]
    output: int
    outputs: list[tuple[int, str]]
    engine: str
    exact: bool


@dataclass(frozen=True)
class Line:
    """A question in a list: what was changed, and in short what came of it."""

    asked: WhatIf
    changes: str
    answer: str


def changes_in_words(asked: WhatIf, explanation: Explanation, dictionary: Dictionary) -> list[Change]:
    """What was asked, beside the row as it is; reads `samples` where no record of the row is kept."""
    row = read_row(explanation, asked.row)
    features: list[str] = explanation.summary["features"]
    values = dict(zip(features, row["values"], strict=True)) if row else dict.fromkeys(features)
    return words.changes_of(asked.changes, values, dictionary)


def seen_in(explanation: Explanation) -> dict[str, Seen]:
    """What the explained rows have in each feature; reads `samples`."""
    drivers: list[Driver] = explanation.summary["drivers"]
    return words.seen_of(explanation.summary["features"], drivers, explanation.samples["row_sample"])


def shown_of(asked: WhatIf, explanation: Explanation, dictionary: Dictionary, *, output: int | None) -> Shown:
    """All that the page says of an answer; reads `samples`."""
    summary, answer = explanation.summary, cast(Answer, asked.answer)
    place = chosen_output(summary, output)
    row: Row | None = read_row(explanation, asked.row)
    values = row["values"] if row else [None] * len(summary["features"])
    kept: list[Row] = explanation.samples["row_sample"]
    spread = answer["spread"]
    return Shown(
        sentence=sentence_of(asked, explanation, place),
        chart=parts_that_changed(answer, summary["features"], values, asked.changes, dictionary, output=place),
        cautions=words.cautions(
            asked.changes,
            seen_in(explanation),
            dictionary,
            kept=len(kept),
            spread=None if spread is None else spread[place],
        ),
        output=place,
        outputs=list(enumerate(summary["outputs"])) if len(summary["outputs"]) > 1 else [],
        engine=answer["engine"],
        exact=spread is None,
    )


def sentence_of(asked: WhatIf, explanation: Explanation, output: int) -> str:
    """What the model's answer would do."""
    before, after = (asked.answer[side]["predictions"][output] for side in ("before", "after"))
    return words.sentence(explanation.model_version.purpose, explanation.summary, output, before, after)


def lines_of(questions: Iterable[WhatIf], summary: dict[str, Any], dictionary: Dictionary) -> list[Line]:
    """Questions about one explanation, for a list; answers are those of the output in focus."""
    place = chosen_output(summary, None)
    found = []
    for asked in questions:
        answer = ""
        if asked.state == WhatIf.State.DONE:
            sides = [asked.answer[side]["predictions"][place] for side in ("before", "after")]
            first, second = words.answers(summary, *sides)
            answer = f"stays at {first}" if first == second else f"{first} → {second}"
        found.append(Line(asked, words.short(asked.changes, dictionary), answer))
    return found
