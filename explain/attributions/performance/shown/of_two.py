"""Two classes on the page: sentences, the slider of the threshold, and figures."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from explain.attributions.dictionary import number
from explain.attributions.performance.charts import of_two
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
from explain.attributions.performance.shapes import Binary
from explain.attributions.performance.shown.shapes import Asked, Figure, Line, Slider, Told, estimate_text, in_brackets
from foundation.web.formats import SYMBOLS, minor_digits, money_text


def told_of_two(found: Binary, n: int, currency: str, asked: Asked, common: dict[str, Any]) -> Told:
    """What is said of two classes; `common` is what is said of every model."""
    table, share = found["thresholds"], found["positives"] / n
    costs = Costs.of(asked.false_alarm, asked.miss, currency)
    now = at_place(table, place_of(table, asked.threshold))
    best = at_place(table, cheapest(table, costs, now.place))
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
        best_text=_best(now, best, _total(total(table, best.place, costs), costs), costs),
        cost=of_two.cost(found, costs, now.place, best.place),
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
            Line("auc", "AUC", *estimate_text(found["auc"], found["auc_interval"])),
            Line("ap", "Average precision", number(found["average_precision"]), f"{number(share)} by pure chance"),
            Line(
                "loss",
                "Log loss",
                number(found["log_loss"]),
                f"{number(found['log_loss_reference'])} for always telling {percent(share)}",
            ),
            Line(
                "brier",
                "Brier score",
                number(found["brier"]),
                f"{number(found['brier_reference'])} for always telling {percent(share)}",
            ),
            Line("positives", "To be found", f"{found['positives']:,} of {n:,}", f"the class {found['positive']}"),
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
            of_two.gains(found, n),
        ),
        Figure(
            "calibration",
            "Whether its chances can be taken at their word",
            "Where the model tells a chance of 30 %, it should happen in 30 of 100 cases: then the dot is on the dashed line. "
            "Below it the chances are told too high, above it too low.",
            "How often it happened over the chance that the model told, in up to ten bins with intervals",
            of_two.calibration(found),
        ),
        Figure(
            "roc",
            "Found against false alarms",
            f"The ROC curve; the area under it, AUC, is {in_brackets(found['auc'])}. The nearer to the upper left corner, the "
            "better.",
            "ROC curve: share found over the share of false alarms, at every threshold",
            of_two.roc(found),
        ),
        Figure(
            "precision-recall",
            "Right against found",
            f"How many of the flagged are right when more of the cases are to be found; on average {number(found['average_precision'])}.",
            "Precision-recall curve: share right of the flagged over the share found, at every threshold",
            of_two.precision_recall(found, n),
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


def _best(now: AtThreshold, best: AtThreshold, amount: str, costs: Costs) -> str:
    if best.place == now.place:
        return f"No other is {'cheaper' if costs.currency else 'better'}"
    return f"{'Cheapest' if costs.currency else 'Fewest'} at {best.at:g}: {amount}"
