"""All charts of an explanation, for people who know what a Shapley value is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from explain.attributions.any_row import read_row
from explain.attributions.charts.cohorts import cohort_chart, cohort_sentence
from explain.attributions.charts.curve import curve_chart, curve_sentences, rows_sentence
from explain.attributions.charts.decision import PATHS, decision
from explain.attributions.charts.dependence import dependence
from explain.attributions.charts.frame import Chart
from explain.attributions.charts.heatmap import COLUMNS, heatmap
from explain.attributions.charts.interplay import interplay_map
from explain.attributions.dictionary import Dictionary, label_with_unit
from explain.attributions.interplay_shapes import Interplay
from explain.attributions.interplay_words import interplay_sentences
from explain.attributions.models import Explanation
from explain.attributions.page import chosen_output
from explain.attributions.summary import Cohorts, Driver, Row
from explain.attributions.telling import outcome_of


@dataclass(frozen=True)
class Asked:
    """What the model answers as the chosen feature changes: the chart, sentences about it, and over how many rows."""

    chart: Chart
    says: list[str]
    rows: int
    lines: int


@dataclass(frozen=True)
class Groups:
    """Importance in groups of rows by the chosen column, one of `columns` (name, label)."""

    columns: list[tuple[str, str]]
    column: str
    chart: Chart
    says: str
    left_out: int


@dataclass(frozen=True)
class Together:
    """Which features change the answer only together: a map, sentences, over how many rows, and what is left to say."""

    chart: Chart
    says: list[str]
    rows: int
    why: str


@dataclass(frozen=True)
class Charts:
    """The figures of one output. `chosen`: the feature whose dependence is drawn, of `features` (name, label), the
    strongest first; `partner`: the label of the feature that colours it, empty for none. `asked` and `groups` are None
    where the explanation has none: `is_older` says that it was computed before they were looked for. `is_focus`: whether the
    output is the one that single rows and groups were looked at for."""

    outcome: str
    output: int
    outputs: list[tuple[int, str]]
    features: list[tuple[str, str]]
    chosen: str
    partner: str
    kept: int
    drawn_columns: int
    drawn_paths: int
    row: int | None
    missed: int | None
    dependence: Chart
    heatmap: Chart
    decision: Chart
    asked: Asked | None
    groups: Groups | None
    together: Together | None
    is_older: bool
    is_focus: bool


def charts_of(
    explanation: Explanation,
    dictionary: Dictionary,
    *,
    output: int | None,
    feature: str,
    row: int | None,
    column: str = "",
) -> Charts | None:
    """All charts; reads `samples`. None where no rows were kept. A feature that is not there gives the strongest."""
    summary = explanation.summary
    rows: list[Row] = explanation.samples["row_sample"]
    if not rows:
        return None
    place = chosen_output(summary, output)
    name: str = summary["outputs"][place]
    drivers: list[Driver] = summary["drivers_by_output"][name]
    features: list[str] = summary["features"]
    known = [driver["feature"] for driver in drivers]
    chosen = feature if feature in known else known[0]
    partner = summary.get("partners", {}).get(chosen)
    own = read_row(explanation, row) if row is not None else None
    space: str = summary["output_space"]
    return Charts(
        outcome=outcome_of(explanation.model_version.purpose, summary, name),
        output=place,
        outputs=list(enumerate(summary["outputs"])) if len(summary["outputs"]) > 1 else [],
        features=[(each, label_with_unit(each, dictionary)) for each in known],
        chosen=chosen,
        partner=label_with_unit(partner, dictionary) if partner else "",
        kept=len(rows),
        drawn_columns=min(COLUMNS, len(rows)),
        drawn_paths=min(PATHS, len(rows)),
        row=row if own is not None else None,
        missed=row if own is None else None,
        dependence=dependence(rows, features, chosen, partner, dictionary, output_space=space, output=place),
        heatmap=heatmap(rows, features, drivers, dictionary, output_space=space, output=place),
        decision=decision(rows, features, drivers, dictionary, output_space=space, output=place, chosen=own),
        asked=_asked(explanation, dictionary, chosen, place),
        groups=_groups(explanation.samples.get("cohorts", []), dictionary, column, space)
        if name == summary["focus"]
        else None,
        together=_together(explanation, dictionary) if name == summary["focus"] else None,
        is_older="curves" not in explanation.samples,
        is_focus=name == summary["focus"],
    )


def _asked(explanation: Explanation, dictionary: Dictionary, feature: str, output: int) -> Asked | None:
    summary, found = explanation.summary, explanation.samples.get("curves")
    curve = next((one for one in found["curves"] if one["feature"] == feature), None) if found else None
    if curve is None:
        return None
    name: str = summary["outputs"][output]
    outcome, unit = outcome_of(explanation.model_version.purpose, summary, name), found["unit"]
    single = name == summary["focus"]
    says = curve_sentences(curve, dictionary, unit=unit, outcome=outcome, output=output)
    return Asked(
        chart=curve_chart(curve, dictionary, unit=unit, outcome=outcome, output=output, single=single),
        says=[*says, *filter(None, [rows_sentence(curve["lines"], unit) if single else ""])],
        rows=found["rows"],
        lines=len(curve["lines"]) if single else 0,
    )


def _together(explanation: Explanation, dictionary: Dictionary) -> Together | None:
    summary = explanation.summary
    found: Interplay | None = summary.get("interplay")
    if found is None:
        return None
    space: str = summary["output_space"]
    outcome = outcome_of(explanation.model_version.purpose, summary, summary["focus"])
    return Together(
        chart=interplay_map(found, dictionary, output_space=space),
        says=interplay_sentences(found, dictionary, outcome=outcome, output_space=space),
        rows=found["rows"],
        why=summary["interplay_why"],
    )


def _groups(found: Sequence[Cohorts], dictionary: Dictionary, column: str, space: str) -> Groups | None:
    if not found:
        return None
    chosen = next((one for one in found if one["column"] == column), found[0])
    return Groups(
        columns=[(one["column"], label_with_unit(one["column"], dictionary)) for one in found],
        column=chosen["column"],
        chart=cohort_chart(chosen, dictionary, output_space=space),
        says=cohort_sentence(chosen, dictionary),
        left_out=chosen["left_out"],
    )
