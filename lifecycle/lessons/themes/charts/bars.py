"""Counts as lying bars, the figure at the end of each."""

from __future__ import annotations

from collections.abc import Sequence

from foundation.web.formats import number_text
from lifecycle.lessons.themes.charts.frame import Chart, layout_of
from lifecycle.lessons.themes.compute import Count


def bars(counts: Sequence[Count], *, label: str, what: str, of: str, most: int = 15, running: bool = False) -> Chart:
    """The first `most` of the counts, all in the table; `running`: the table adds them up, as a Pareto does.

    Shares stand where there are enough cases to tell one.
    """
    shown = list(counts[:most])
    layout = layout_of([count.name for count in shown])
    layout["xaxis"] |= {"rangemode": "tozero", "zeroline": True, "zerolinecolor": "token:line-strong", "nticks": 5}
    layout["xaxis"]["tickformat"] = ",d"
    largest = max((count.count for count in shown), default=0) or 1
    layout["xaxis"]["range"] = [0, 1.16 * largest]
    if largest <= 5:  # half a case is none
        layout["xaxis"]["dtick"] = 1
    figure = {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "x": [count.count for count in shown],
                "y": list(range(len(shown))),
                "marker": {"color": "token:accent"},
                "text": [number_text(count.count) for count in shown],
                "textposition": "outside",
                "cliponaxis": False,
                "textfont": {"color": "token:ink"},
                "customdata": [count.name for count in shown],
                "hovertemplate": "%{customdata}: %{x}<extra></extra>",
            }
        ],
        "layout": layout,
    }
    has_shares = any(count.share is not None for count in counts)
    total = sum(count.count for count in counts) or 1
    headers = [what, "Cases", f"Of {of}"]
    headers += [f"Share of {of}"] if has_shares else []
    headers += ["Share of all mentions so far"] if running and has_shares else []
    rows: list[list[object]] = []
    so_far = 0
    for count in counts:
        so_far += count.count
        row: list[object] = [count.name, count.count, count.of]
        if has_shares:
            row.append("" if count.share is None else f"{count.share} %")
        if running and has_shares:
            row.append(f"{round(100 * so_far / total)} %")
        rows.append(row)
    return Chart(figure, label, headers, rows)
