"""What the page says about how well a model answers, from the stored figures; plain data in and out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, cast

from explain.attributions.charts import Chart
from explain.attributions.dictionary import Dictionary, label_with_unit, number
from explain.attributions.performance import charts_of_others, charts_of_two
from explain.attributions.performance.costs import (
    AtThreshold,
    Costs,
    at_place,
    cheapest,
    of_hundred,
    percent,
    place_of,
    sentences,
    total,
)
from explain.attributions.performance.groups_shown import GroupTable, group_table
from explain.attributions.performance.shapes import Binary, Classes, Estimate, Numbers, Performance
from foundation.web.formats import SYMBOLS, minor_digits, money_text

FEW_ROWS: Final = 200
NO_TARGET: Final = (
    "The data name no column with the outcome, so nobody can say how often the model is right. Upload the rows with their "
    "known outcomes, and name that column as the target."
)

BEFORE: Final = (
    "This explanation was computed before the portal held answers against outcomes. Explain the same model and rows again "
    "to see how well it answers."
)


@dataclass(frozen=True)
class Asked:
    """What the address asks for; the figures stand on the page without it, too."""

    threshold: float | None = None
    false_alarm: Decimal | None = None
    miss: Decimal | None = None


@dataclass(frozen=True)
class Figure:
    """A chart under its own heading, with a sentence that says how to read it."""

    key: str
    title: str
    note: str
    label: str
    chart: Chart


@dataclass(frozen=True)
class Line:
    """A row of a small table; `key` names it for the page's script."""

    key: str
    name: str
    text: str
    interval: str = ""


@dataclass(frozen=True)
class Slider:
    """The threshold, what it brings, and what the script needs to say the same at any other."""

    asked: Asked
    now: AtThreshold
    best: AtThreshold
    top: str
    step: str
    counts: list[Line]
    total_name: str
    total: str
    best_text: str
    cost: Chart
    live: dict[str, Any]


@dataclass(frozen=True)
class Told:
    """The section of the page; with `why` there is nothing but that sentence. `again`: computed before answers were held
    against outcomes."""

    why: str = ""
    again: bool = False
    opening: list[str] = field(default_factory=list)
    further: list[str] = field(default_factory=list)
    rows: str = ""
    cautions: list[str] = field(default_factory=list)
    facts: list[Line] = field(default_factory=list)
    slider: Slider | None = None
    figures: list[Figure] = field(default_factory=list)
    groups: list[GroupTable] = field(default_factory=list)
    groups_why: list[str] = field(default_factory=list)


def told(summary: Mapping[str, Any], dictionary: Dictionary, *, has_target: bool, currency: str, asked: Asked) -> Told:
    """All that the page says about the answers of the model."""
    found = cast(Performance | None, summary.get("performance"))
    if found is None:
        again = "performance" not in summary and has_target
        return Told(why=why_not(summary, is_done=True, has_target=has_target), again=again)
    common: dict[str, Any] = {
        "rows": _rows(found),
        "cautions": _cautions(found),
        "groups": [group_table(one, label_with_unit(one["column"], dictionary)) for one in found["groupings"]],
        "groups_why": found["groupings_why"],
    }
    if found["binary"] is not None:
        return _of_two(found["binary"], found["n"], currency, asked, common)
    if found["classes"] is not None:
        return _of_many(found["classes"], common)
    assert found["numbers"] is not None
    return _of_numbers(found["numbers"], common)


def why_not(summary: Mapping[str, Any], *, is_done: bool, has_target: bool) -> str:
    """Why an explanation says nothing about the answers; empty where it does, and before it is done."""
    if "performance" in summary or not is_done:
        return str(summary.get("performance_why", ""))
    return BEFORE if has_target else NO_TARGET


def _rows(found: Performance) -> str:
    left = f"; {found['left_out']:,} without one are left out" if found["left_out"] else ""
    return f"{found['n']:,} rows with a known outcome in {found['target']}{left}"


def _cautions(found: Performance) -> list[str]:
    said = [
        "If the model was trained on these rows, it looks better here than it is on new cases. Hold it against rows that it "
        "has not seen."
    ]
    if found["n"] < FEW_ROWS:
        said.append(
            f"Only {found['n']:,} rows have a known outcome, so all these figures are rough: look at the intervals."
        )
    return said


def _of_two(found: Binary, n: int, currency: str, asked: Asked, common: dict[str, Any]) -> Told:
    table, share = found["thresholds"], found["positives"] / n
    costs = Costs.of(asked.false_alarm, asked.miss, currency)
    now = at_place(table, place_of(table, asked.threshold))
    best = at_place(table, cheapest(table, costs))
    pairs = of_hundred(found["auc"]["value"] or 0.0)
    slider = Slider(
        asked=asked,
        now=now,
        best=best,
        top=f"{table['at'][-1]:g}",
        step=f"{table['at'][1]:g}",
        counts=_counts(now),
        total_name="Cost of these errors" if costs.currency else "Errors in all",
        total=_total(total(table, now.place, costs), costs),
        best_text=_best(table["at"][best.place], _total(total(table, best.place, costs), costs), costs),
        cost=charts_of_two.cost(found, costs, now.place, best.place),
        live={
            "thresholds": table,
            "code": currency,
            "unit": SYMBOLS.get(currency, currency),
            "digits": minor_digits(currency),
        },
    )
    return Told(
        opening=sentences(now),
        further=[
            f"Picked without a model, {of_hundred(share)} of 100 would be right. In {pairs} of 100 pairs of a case to be "
            "found and another one, the model gives the former the higher chance."
        ],
        facts=[
            Line("auc", "AUC", *_estimate(found["auc"], found["auc_interval"])),
            Line("ap", "Average precision", number(found["average_precision"]), f"by pure chance {number(share)}"),
            Line(
                "loss",
                "Log loss",
                number(found["log_loss"]),
                f"always {percent(share)}: {number(found['log_loss_reference'])}",
            ),
            Line(
                "brier",
                "Brier score",
                number(found["brier"]),
                f"always {percent(share)}: {number(found['brier_reference'])}",
            ),
            Line(
                "positives", "To be found", f"{found['positives']:,} of {n:,}", f"rows of the class {found['positive']}"
            ),
        ],
        slider=slider,
        figures=_figures_of_two(found, n),
        **common,
    )


def _figures_of_two(found: Binary, n: int) -> list[Figure]:
    first = found["tenths"][0]
    return [
        Figure(
            "gains",
            "How far one gets by starting at the top",
            f"In the tenth with the highest chances {number(first['lift'])} times as many are to be found as in the "
            f"average tenth: {percent(first['captured'])} of all.",
            "Share of all cases to be found over the share of rows looked at, highest chance first",
            charts_of_two.gains(found, n),
        ),
        Figure(
            "calibration",
            "Whether its chances can be taken at their word",
            "Where the model tells a chance of 30 %, it should happen in 30 of 100 cases: then the dot is on the dashed line. "
            "Below it the chances are told too high, above it too low.",
            "How often it happened over the chance that the model told, in up to ten bins with intervals",
            charts_of_two.calibration(found),
        ),
        Figure(
            "roc",
            "Found against false alarms",
            f"The ROC curve; the area under it, AUC, is {_joined(found['auc'])}. The nearer to the upper left corner, the "
            "better.",
            "ROC curve: share found over the share of false alarms, at every threshold",
            charts_of_two.roc(found),
        ),
        Figure(
            "precision-recall",
            "Right against found",
            f"How many of the flagged are right when more of the cases are to be found; on average {number(found['average_precision'])}.",
            "Precision-recall curve: share right of the flagged over the share found, at every threshold",
            charts_of_two.precision_recall(found, n),
        ),
    ]


def _counts(now: AtThreshold) -> list[Line]:
    lines = []
    for key, name, rate in (
        ("flagged", "Flagged, of all", now.flagged),
        ("right", "Right, of the flagged", now.right),
        ("found", "Found, of those to be found", now.found),
        ("alarms", "False alarms, of the others", now.alarms),
    ):
        interval = "" if rate["value"] is None else f"{percent(rate['low'])} to {percent(rate['high'])}"
        text = f"{rate['k']:,} of {rate['n']:,}" + ("" if rate["value"] is None else f", {percent(rate['value'])}")
        lines.append(Line(key, name, text, interval))
    return lines


def _total(amount: Decimal, costs: Costs) -> str:
    return money_text(amount, costs.currency) if costs.currency else f"{amount:,.0f}"


def _best(at: float, amount: str, costs: Costs) -> str:
    return f"{'Cheapest' if costs.currency else 'Fewest'} at {at:g}: {amount}"


def _of_many(found: Classes, common: dict[str, Any]) -> Told:
    accuracy, largest = found["accuracy"], found["largest"]
    opening = [
        f"Of 100 rows it puts {of_hundred(accuracy['value'] or 0.0)} in the right class.",
        f"Always naming the largest class would be right for {of_hundred(largest['value'] or 0.0)}.",
    ]
    known = [one for one in found["by_class"] if one["recall"]["value"] is not None]
    worst = min(known, key=lambda one: one["recall"]["value"] or 0.0)
    further = []
    if (worst["recall"]["value"] or 0.0) < 1:
        further.append(
            f"Hardest to recognise is {worst['name']}: of 100 such rows it finds {of_hundred(worst['recall']['value'] or 0.0)}."
        )
    facts = [
        Line(
            "accuracy",
            "Accuracy",
            percent(accuracy["value"]),
            f"{percent(accuracy['low'])} to {percent(accuracy['high'])}",
        ),
        Line("recall", "Mean recall of the classes", percent(found["macro_recall"])),
        Line("precision", "Mean precision of the classes", percent(found["macro_precision"])),
    ]
    if found["log_loss"] is not None:
        facts.append(Line("loss", "Log loss", number(found["log_loss"])))
    facts += [
        Line(
            f"class-{place}",
            f"Class {one['name']}",
            f"found {charts_of_others.rate_text(one['recall']['value'], one['recall']['low'], one['recall']['high'])}",
            f"right {charts_of_others.rate_text(one['precision']['value'], one['precision']['low'], one['precision']['high'])}",
        )
        for place, one in enumerate(found["by_class"])
    ]
    folded = f" The {found['folded']} rarest classes are one line." if found["folded"] else ""
    return Told(
        opening=opening,
        further=further,
        facts=facts,
        figures=[
            Figure(
                "confusion",
                "Which classes it mistakes for which",
                f"Each line is a true class; what lies off the diagonal was mistaken for another.{folded}",
                "Rows by true class and by the class that the model named",
                charts_of_others.confusion(found),
            )
        ],
        **common,
    )


def _of_numbers(found: Numbers, common: dict[str, Any]) -> Told:
    mean = found["mean_error"]
    further = []
    if mean["low"] is not None and mean["high"] is not None:
        if mean["low"] <= 0 <= mean["high"]:
            further.append("On average it answers neither too high nor too low: the mean error's interval holds 0.")
        else:
            side = "low" if (mean["value"] or 0.0) > 0 else "high"
            further.append(f"On average it answers too {side}, by {number(abs(mean['value'] or 0.0))}.")
    if found["r2"]["value"] is not None:
        share = found["r2"]["value"]
        further.append(
            f"It accounts for {percent(share)} of the differences between rows."
            if share > 0
            else "It accounts for none of the differences between rows."
        )
    return Told(
        opening=[
            f"On average an answer is {number(found['mae']['value'])} off.",
            f"Always answering with the mean would be {number(found['mae_reference'])} off.",
        ],
        further=further,
        facts=[
            Line(key, name, *_estimate(found[key]))  # type: ignore[literal-required]
            for key, name in (
                ("mae", "Mean absolute error"),
                ("rmse", "Root mean squared error"),
                ("r2", "R2"),
                ("mean_error", "Mean error, truth minus prediction"),
            )
        ],
        figures=[
            Figure(
                "residuals",
                "How far off it is, by what it answers",
                f"Above 0 the truth was higher than the answer, below 0 lower. {found['residuals']['sampling']}",
                "Truth minus prediction over the prediction, one dot for each drawn row",
                charts_of_others.scatter(found),
            )
        ],
        **common,
    )


def _estimate(found: Estimate, extra: str = "") -> tuple[str, str]:
    if found["low"] is None:
        return number(found["value"]), extra
    return number(found["value"]), f"{number(found['low'])} to {number(found['high'])}" + (
        f", {extra}" if extra else ""
    )


def _joined(found: Estimate) -> str:
    value, interval = _estimate(found)
    return f"{value} ({interval})" if interval else value
