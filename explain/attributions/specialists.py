"""All charts of an explanation, for people who know what a Shapley value is."""

from __future__ import annotations

from dataclasses import dataclass

from explain.attributions.any_row import read_row
from explain.attributions.charts.decision import PATHS, decision
from explain.attributions.charts.dependence import dependence
from explain.attributions.charts.frame import Chart
from explain.attributions.charts.heatmap import COLUMNS, heatmap
from explain.attributions.dictionary import Dictionary, label_with_unit
from explain.attributions.models import Explanation
from explain.attributions.page import chosen_output
from explain.attributions.summary import Driver, Row
from explain.attributions.telling import outcome_of


@dataclass(frozen=True)
class Charts:
    """The figures of one output. `chosen`: the feature whose dependence is drawn, of `features` (name, label), the
    strongest first; `partner`: the label of the feature that colours it, empty for none."""

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


def charts_of(
    explanation: Explanation, dictionary: Dictionary, *, output: int | None, feature: str, row: int | None
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
    )
