"""Figures of several classes, of numbers, and of groups."""

from __future__ import annotations

from html import escape
from typing import Final

from explain.attributions.charts.frame import Chart
from explain.attributions.dictionary import number
from explain.attributions.performance.charts.frame import CONFIG, layout, line, shares, whiskers
from explain.attributions.performance.costs import percent
from explain.attributions.performance.shapes import Classes, Estimate, Grouping, Numbers
from foundation.web.chart_labels import lines_of, wrapped

# What is drawn of each group: name of the rate, words, colour, shape.
DRAWN: Final = (
    ("selection", "flagged", "token:accent", "circle"),
    ("found", "found, of those to be found", "token:yes", "square"),
    ("false_alarms", "false alarms, of those not to be found", "token:no", "diamond"),
    ("accuracy", "in the right class", "token:accent", "circle"),
)


def confusion(found: Classes) -> Chart:
    """Rows by true class, columns by the class that the model named; the share of each row as colour."""
    names, table = found["shown"], found["confusion"]
    labels = [wrapped(name, 14, 2) for name in names]
    size = 40 if len(names) <= 8 else 26
    drawn = layout("class named by the model", "true class", height=130 + size * len(names) + 14 * lines_of(labels))
    for axis in (drawn["xaxis"], drawn["yaxis"]):
        axis |= {"showgrid": False, "tickvals": list(range(len(names))), "ticktext": labels}
    drawn["yaxis"]["autorange"] = "reversed"
    heat = {
        "type": "heatmap",
        "z": [[cell / sum(row) if sum(row) else 0 for cell in row] for row in table],
        "zmin": 0,
        "zmax": 1,
        "colorscale": [[0, "token:sunken"], [1, "token:accent"]],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "customdata": table,
        "hovertemplate": "%{customdata:,} rows, %{z:.1%} of the true class<extra></extra>",
    }
    if len(names) <= 8:
        heat |= {"text": [[f"{cell:,}" for cell in row] for row in table], "texttemplate": "%{text}"}
    rows = [[name, *(f"{cell:,}" for cell in row)] for name, row in zip(names, table, strict=True)]
    return Chart({"data": [heat], "layout": drawn, "config": CONFIG}, ["True class", *names], rows)


def scatter(found: Numbers) -> Chart:
    """Truth minus prediction over the prediction; the middle 80 % of each tenth as a band."""
    residuals, tenths = found["residuals"], found["tenths"]
    drawn = layout("prediction", "truth minus prediction", legend=2)
    drawn["yaxis"] |= {"zeroline": True, "zerolinecolor": "token:line-strong"}
    at = [tenth["predicted"] for tenth in tenths]
    edge = {"type": "scatter", "mode": "lines", "x": at, "hoverinfo": "skip", "line": {"width": 0}}
    data = [
        {
            "type": "scatter",
            "mode": "markers",
            "x": residuals["predicted"],
            "y": residuals["residual"],
            "name": "rows",
            "marker": {"size": 5, "opacity": 0.45, "color": "token:accent"},
            "hovertemplate": "predicted %{x:,.4~g}, %{y:+,.4~g}<extra></extra>",
        },
        {**edge, "y": [tenth["q10"] for tenth in tenths], "showlegend": False},
        {
            **edge,
            "y": [tenth["q90"] for tenth in tenths],
            "fill": "tonexty",
            "fillcolor": "token:cond/0.20",
            "name": "middle 80 % of each tenth",
        },
        {
            **line(at, [tenth["q50"] for tenth in tenths], "middle of each tenth", "token:cond"),
            "showlegend": False,
            "hovertemplate": "middle of the tenth: %{y:+,.4~g}<extra></extra>",
        },
    ]
    rows = [
        [number(t["predicted"]), f"{t['n']:,}", number(t["q10"]), number(t["q50"]), number(t["q90"])] for t in tenths
    ]
    headers = ["Mean prediction of the tenth", "Rows", "10 % are below", "Middle", "10 % are above"]
    return Chart({"data": data, "layout": drawn, "config": CONFIG}, headers, rows)


def groups(found: Grouping, title: str) -> Chart:
    """The rates of each group with their intervals; open marks where the rows are too few to judge."""
    shown = [drawn for drawn in DRAWN if any(drawn[0] in group["rates"] for group in found["groups"])]
    names = [wrapped(f"{group['name']} ({group['n']:,})", 18, 3) for group in found["groups"]]
    step = 0.24 if len(shown) > 1 else 0.0
    height = 110 + max(30, 22 * len(shown), 15 * lines_of(names)) * len(names)
    drawn = layout(
        "share of the group's rows" if shown else "truth minus prediction", "", height=height, legend=len(shown)
    )
    drawn["yaxis"] |= {
        "tickvals": list(range(len(names))),
        "ticktext": names,
        "range": [len(names) - 0.5, -0.5],
        "showgrid": False,
        "tickfont": {"color": "token:ink"},
    }
    if shown:
        shares(drawn["xaxis"])
    else:
        drawn["xaxis"] |= {"zeroline": True, "zerolinecolor": "token:line-strong"}
    data = []
    for place, (key, words, colour, symbol) in enumerate(
        shown or [("mean_error", "mean error", "token:accent", "circle")]
    ):
        offset = (place - (len(shown) - 1) / 2) * step if shown else 0.0
        figures = [group["rates"][key] if shown else group["mean_error"] for group in found["groups"]]
        known = [(at, one) for at, one in enumerate(figures) if one is not None and one["value"] is not None]
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [one["value"] for _, one in known],
                "y": [round(at + offset, 3) for at, _ in known],
                "name": words,
                "marker": {
                    "size": 9,
                    "color": colour,
                    "symbol": [f"{symbol}-open" if found["groups"][at]["few"] else symbol for at, _ in known],
                },
                "error_x": whiskers([one for _, one in known], colour),
                "customdata": [[escape(found["groups"][at]["name"], quote=False)] for at, _ in known],
                "hovertemplate": f"%{{customdata[0]}}, {words}: %{{x:{'.1%' if shown else '+,.3~g'}}}<extra></extra>",
            }
        )
    headers, rows = _difference_table(found, [(key, words.split(",")[0]) for key, words, _, _ in shown])
    return Chart({"data": data, "layout": drawn, "config": CONFIG}, [title, *headers], rows)


def _difference_table(found: Grouping, shown: list[tuple[str, str]]) -> tuple[list[str], list[list[str]]]:
    """Each group's differences to the largest, with intervals."""
    keys = shown or [("mean_error", "mean error")]
    if any("observed" in group["rates"] for group in found["groups"]):
        keys = [*keys, ("observed", "what happened")]
    rows = []
    for group in found["groups"]:
        cells = [group["name"], f"{group['n']:,}"]
        for key, _ in keys:
            gap = group["differences"].get(key)
            if group["name"] == found["reference"]:
                cells.append("compared with")
            else:
                cells.append("–" if gap is None else gap_text(gap, is_share=bool(shown)))
        rows.append(cells)
    return ["Rows", *(f"Difference: {words}" for _, words in keys)], rows


def gap_text(gap: Estimate, *, is_share: bool) -> str:
    """A difference with its interval: in points of a hundred for shares."""
    if gap["value"] is None:
        return "–"

    def told(value: float | None) -> str:
        if value is None:
            return "–"
        text = number(round(100 * value, 1)) if is_share else number(value)
        return f"+{text}" if value > 0 and text != "0" else text

    unit = " points" if is_share else ""
    if gap["low"] is None:
        return f"{told(gap['value'])}{unit}"
    return f"{told(gap['value'])}{unit} ({told(gap['low'])} to {told(gap['high'])})"


def rate_text(value: float | None, low: float | None, high: float | None) -> str:
    """A share with its interval: 36.9 % (33.0 to 40.9)."""
    if value is None:
        return "–"
    return f"{percent(value)} ({percent(low)[:-2]} to {percent(high)[:-2]})"
