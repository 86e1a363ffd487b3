"""Figures of two classes: order, precision, gains, calibration, and the cost of errors by threshold."""

from __future__ import annotations

from explain.attributions.charts.frame import Chart
from explain.attributions.performance.charts.frame import CONFIG, chance_line, layout, line, shares, whiskers
from explain.attributions.performance.costs import Costs, at_place, percent, total
from explain.attributions.performance.shapes import Binary
from foundation.web.formats import minor_digits, number_text


def roc(found: Binary) -> Chart:
    """Share found over false alarms, with the diagonal of pure chance."""
    curve = found["roc"]
    drawn = layout("false alarms, of those not to be found", "found, of those to be found", legend=2)
    shares(drawn["xaxis"])
    shares(drawn["yaxis"])
    data = [
        chance_line("by pure chance", [0, 1], [0, 1]),
        line(curve["x"], curve["y"], "this model"),
    ]
    rows = [[percent(x), percent(y)] for x, y in _some(curve["x"], curve["y"])]
    return Chart({"data": data, "layout": drawn, "config": CONFIG}, ["False alarms", "Found"], rows)


def precision_recall(found: Binary, n: int) -> Chart:
    """Share right among the flagged over the share found, with the share of positives as the level of chance."""
    curve, base = found["precision_recall"], found["positives"] / n
    drawn = layout("found, of those to be found", "right, of those flagged", legend=2)
    shares(drawn["xaxis"])
    shares(drawn["yaxis"])
    data = [chance_line("by pure chance", [0, 1], [base, base]), line(curve["x"], curve["y"], "this model")]
    rows = [[percent(x), percent(y)] for x, y in _some(curve["x"], curve["y"])]
    return Chart({"data": data, "layout": drawn, "config": CONFIG}, ["Found", "Right of the flagged"], rows)


def gains(found: Binary, n: int) -> Chart:
    """Share of all positives that is reached by looking at the highest chances first."""
    looked, seen = [0.0], [0.0]
    for tenth in found["tenths"]:
        looked.append(looked[-1] + tenth["n"] / n)
        seen.append(tenth["captured"])
    share = found["positives"] / n
    drawn = layout("rows looked at, highest chance first", "found, of those to be found", legend=3)
    shares(drawn["xaxis"])
    shares(drawn["yaxis"])
    data = [
        chance_line("in any order", [0, 1], [0, 1]),
        {
            **chance_line("in a perfect order", [0, share, 1], [0, 1, 1]),
            "line": {"color": "token:ink-3", "dash": "dot"},
        },
        {**line(looked, seen, "this model"), "mode": "lines+markers", "marker": {"size": 6}},
    ]
    rows = [
        [
            f"{place}",
            f"{tenth['found']:,} of {tenth['n']:,}",
            f"{number_text(tenth['lift'], 2)} times the average",
            percent(tenth["captured"]),
        ]
        for place, tenth in enumerate(found["tenths"], start=1)
    ]
    headers = ["Tenth, highest chances first", "To be found", "Lift", "Found so far"]
    return Chart({"data": data, "layout": drawn, "config": CONFIG}, headers, rows)


def calibration(found: Binary) -> Chart:
    """How often it happened over the chance that was told, by bin, with intervals; on the diagonal both are the same."""
    bins = found["calibration"]
    drawn = layout("chance told by the model", "how often it happened", legend=2)
    # small chances fill the picture too
    ends = [end for one in bins for end in (one["predicted"], one["observed"]["high"] or 0.0)]
    most = min(1.0, max(ends) * 1.05) if max(ends) < 0.5 else 1.0
    shares(drawn["xaxis"], most=most)
    shares(drawn["yaxis"], most=most)
    observed = [one["observed"]["value"] or 0.0 for one in bins]
    data = [
        chance_line("chances taken at their word", [0, most], [0, most]),
        {
            **line([one["predicted"] for one in bins], observed, "this model, with intervals"),
            "mode": "lines+markers",
            "line": {"color": "token:accent", "width": 1},
            "marker": {"size": 7, "color": "token:accent"},
            "error_y": whiskers([one["observed"] for one in bins], "token:accent"),
        },
    ]
    rows = [
        [
            f"{percent(one['low'])} to {percent(one['high'])}",
            percent(one["predicted"]),
            percent(one["observed"]["value"]),
            f"{percent(one['observed']['low'])} to {percent(one['observed']['high'])}",
            f"{one['observed']['n']:,}",
        ]
        for one in bins
    ]
    headers = ["Chances", "Mean chance", "Happened", "Interval", "Rows"]
    return Chart({"data": data, "layout": drawn, "config": CONFIG}, headers, rows)


def cost(found: Binary, costs: Costs, place: int, best: int) -> Chart:
    """Cost of all errors over the threshold, with the chosen and the cheapest threshold."""
    table = found["thresholds"]
    totals = [total(table, one, costs) for one in range(len(table["at"]))]
    unit = f"cost of all errors ({costs.currency})" if costs.currency else "errors"
    drawn = layout("threshold", unit, legend=3, height=280)
    drawn["xaxis"]["range"] = [-0.02 * table["at"][-1], 1.02 * table["at"][-1]]
    drawn["yaxis"] |= {"rangemode": "tozero", "tickformat": "~s" if max(totals) >= 10_000 else ""}
    values = [float(amount) for amount in totals]
    data = [
        line(table["at"], values, "all errors"),
        *(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [table["at"][one]],
                "y": [values[one]],
                "name": name,
                "marker": marker,
                "hovertemplate": "%{x}: %{y:,.6~g}<extra></extra>",
            }
            for one, name, marker in (
                (best, "lowest", {"size": 12, "color": "token:yes", "symbol": "diamond"}),
                (place, "chosen", {"size": 11, "color": "token:ink", "symbol": "circle-open", "line": {"width": 2.5}}),
            )
        ),
    ]
    data[0]["hovertemplate"] = "%{x}: %{y:,.6~g}<extra></extra>"
    whole = not costs.currency or all(amount == amount.to_integral_value() for amount in totals)
    digits = 0 if whole else minor_digits(costs.currency)
    rows = []
    for one in range(len(table["at"])):
        now = at_place(table, one)
        rows.append(
            [
                f"{now.at:g}",
                f"{now.tp:,}",
                f"{now.fp:,}",
                f"{now.fn:,}",
                f"{now.tn:,}",
                number_text(totals[one], digits),
            ]
        )
    headers = ["Threshold", "Rightly flagged", "False alarms", "Missed", "Rightly left", unit[:1].upper() + unit[1:]]
    return Chart({"data": data, "layout": drawn, "config": CONFIG}, headers, rows)


def _some(x: list[float], y: list[float], most: int = 21) -> list[tuple[float, float]]:
    """Points of a line for a table that people read: both ends, and others at even distances."""
    if len(x) <= most:
        return list(zip(x, y, strict=True))
    places = sorted({round(step * (len(x) - 1) / (most - 1)) for step in range(most)})
    return [(x[place], y[place]) for place in places]
