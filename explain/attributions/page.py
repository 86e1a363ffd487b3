"""What the page of a finished explanation shows, from its stored summary and samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from explain.attributions import telling, words
from explain.attributions.any_row import read_row
from explain.attributions.charts.frame import Chart
from explain.attributions.charts.importance import importance
from explain.attributions.charts.swarm import beeswarm
from explain.attributions.charts.waterfall import waterfall
from explain.attributions.dictionary import Dictionary
from explain.attributions.models import Explanation
from explain.attributions.summary import Beeswarm, Driver, Row, SwarmFeature
from explain.attributions.telling import DriverLine
from explain.attributions.words import Sentence

SWARM_DOTS: Final = 8_000  # of rows that were kept; keeps the page's data for the beeswarm under 200 kB
SWARM_ROWS: Final = 500  # each dot is an element of the page, and takes its time to draw
SWARM_ENDS: Final = 5


@dataclass(frozen=True)
class OneRow:
    """The waterfall of a row, and the rows that people look for first."""

    row: int
    line: str
    chart: Chart
    missed: int | None
    lowest: int
    middle: int
    highest: int
    before: int | None
    after: int | None


@dataclass(frozen=True)
class Story:
    """The words and charts of an explanation for one of its outputs."""

    outcome: str
    output: int
    outputs: list[tuple[int, str]]
    opening: list[str]
    lines: list[DriverLine]
    cautions: list[str]
    sentences: list[Sentence]
    importance: Chart
    swarm: Chart | None
    swarm_sampling: str
    one: OneRow | None


def chosen_output(summary: dict[str, Any], asked: int | None) -> int:
    """The place of the output that is asked for, or of the one in focus."""
    outputs: list[str] = summary["outputs"]
    return asked if asked is not None and asked < len(outputs) else outputs.index(summary["focus"])


def story_of(explanation: Explanation, dictionary: Dictionary, *, output: int | None, row: int | None) -> Story:
    """All that the page tells; reads `samples`."""
    summary = explanation.summary
    place = chosen_output(summary, output)
    name: str = summary["outputs"][place]
    drivers: list[Driver] = summary["drivers_by_output"][name]
    outcome = telling.outcome_of(explanation.model_version.purpose, summary, name)
    space: str = summary["output_space"]
    swarm: Beeswarm = explanation.samples["beeswarm"]
    return Story(
        outcome=outcome,
        output=place,
        outputs=list(enumerate(summary["outputs"])) if len(summary["outputs"]) > 1 else [],
        opening=words.opening(drivers, dictionary, summary["stability"], outcome=outcome, output_space=space),
        lines=telling.driver_lines(drivers, dictionary, outcome=outcome),
        cautions=telling.cautions(summary | {"drivers": drivers}, dictionary),
        sentences=words.sentences(drivers, dictionary, outcome=outcome, output_space=space),
        importance=importance(drivers, dictionary, output_space=space),
        # The sample was drawn for the output in focus; where there is one output only, its number says nothing.
        swarm=_light(swarm if len(summary["outputs"]) > 1 else swarm | {"class_name": None}, dictionary, space)
        if name == summary["focus"]
        else None,
        swarm_sampling=_sampling(swarm),
        one=one_row(explanation, dictionary, output=place, row=row),
    )


def one_row(explanation: Explanation, dictionary: Dictionary, *, output: int, row: int | None) -> OneRow | None:
    """The waterfall of `row`; of the nearest kept row where the asked one is not there; else of the highest answer."""
    sample: list[Row] = explanation.samples["row_sample"]
    if not sample:
        return None
    by_prediction = sorted(sample, key=lambda kept: kept["predictions"][min(output, len(kept["predictions"]) - 1)])
    asked = by_prediction[-1]["row"] if row is None else row
    chosen = read_row(explanation, asked) or min(sample, key=lambda kept: abs(kept["row"] - asked))
    numbers: Sequence[int] = range(1, explanation.rows + 1)
    if not explanation.summary.get("row_numbers"):
        numbers = [kept["row"] for kept in sample]
    place = numbers.index(chosen["row"])
    summary = explanation.summary
    return OneRow(
        row=chosen["row"],
        line=telling.row_line(
            explanation.model_version.purpose,
            summary,
            output,
            answer=chosen["predictions"][min(output, len(chosen["predictions"]) - 1)],
            base=chosen["base_values"][output],
            local=_local(chosen, output),
        ),
        chart=waterfall(chosen, summary["features"], dictionary, output_space=summary["output_space"], output=output),
        missed=row if row is not None and row != chosen["row"] else None,
        lowest=by_prediction[0]["row"],
        middle=by_prediction[len(by_prediction) // 2]["row"],
        highest=by_prediction[-1]["row"],
        before=numbers[place - 1] if place else None,
        after=numbers[place + 1] if place + 1 < len(numbers) else None,
    )


def _local(row: Row, output: int) -> tuple[float, float] | None:
    """The answer of the row's local model and its R2."""
    fit = row.get("fit")
    return None if fit is None else (row["base_values"][output] + sum(row["attributions"][output]), fit[output])


def _light(swarm: Beeswarm, dictionary: Dictionary, output_space: str) -> Chart:
    """The beeswarm of fewer rows, with figures as short as a screen can show: places to 1/100 of a row, changes to 3
    digits."""
    most = max(1, min(10, SWARM_DOTS // max(1, swarm["rows"])))
    drawn = swarm | {"features": [_thinned(feature) for feature in swarm["features"][:most]]}
    chart = beeswarm(drawn, dictionary, output_space=output_space, most=most)
    for trace in chart.figure["data"]:
        trace["x"] = [float(f"{value:.3g}") for value in trace["x"]]
        trace["y"] = [round(value, 2) for value in trace["y"]]
    return chart


def _thinned(feature: SwarmFeature) -> SwarmFeature:
    """SWARM_ROWS of its dots, evenly along the change, and all at both ends."""
    rows = len(feature["x"])
    if rows <= SWARM_ROWS:
        return feature
    order = sorted(range(rows), key=lambda at: feature["x"][at])
    inner, wanted = order[SWARM_ENDS:-SWARM_ENDS], SWARM_ROWS - 2 * SWARM_ENDS
    evenly = [inner[round(at * (len(inner) - 1) / (wanted - 1))] for at in range(wanted)]
    kept = sorted([*order[:SWARM_ENDS], *evenly, *order[-SWARM_ENDS:]])
    return feature | {"x": [feature["x"][at] for at in kept], "v": [feature["v"][at] for at in kept]}


def _sampling(swarm: Beeswarm) -> str:
    told: str = swarm["sampling"]
    if swarm["rows"] <= SWARM_ROWS:
        return told
    return f"{told} On this page {SWARM_ROWS} of them stand for each feature, evenly along the change, with both ends."
