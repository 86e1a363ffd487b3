"""Several classes, and numbers, on the page."""

from __future__ import annotations

from typing import Any

from explain.attributions.dictionary import number
from explain.attributions.performance.charts import of_others
from explain.attributions.performance.costs import of_hundred, percent
from explain.attributions.performance.shapes import Classes, Numbers
from explain.attributions.performance.shown.shapes import Figure, Line, Told, estimate_text


def told_of_classes(found: Classes, common: dict[str, Any]) -> Told:
    """What is said of several classes; `common` is what is said of every model."""
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
            f"found {of_others.rate_text(one['recall']['value'], one['recall']['low'], one['recall']['high'])}",
            f"right {of_others.rate_text(one['precision']['value'], one['precision']['low'], one['precision']['high'])}",
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
                of_others.confusion(found),
            )
        ],
        **common,
    )


def told_of_numbers(found: Numbers, common: dict[str, Any]) -> Told:
    """What is said of a model that answers with a number."""
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
            Line(key, name, *estimate_text(found[key]))  # type: ignore[literal-required]
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
                of_others.scatter(found),
            )
        ],
        **common,
    )
