"""The chart of the money page: a plain figure with colour tokens, no plotly."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from foundation.web.chart_labels import date_ticks
from foundation.web.formats import MoneyScale, number_text
from lifecycle.kpis.cash import ZERO, Table
from lifecycle.kpis.charts.frame import Chart


def money_chart(table: Table) -> Chart:
    """Cumulative net of planned and actual lines by month, in one currency; floats are for drawing only.

    The actual line ends with the last month for which something was entered.
    """
    months = table.months
    planned = list(accumulate(month.planned_net or ZERO for month in months))
    last = max((number for number, month in enumerate(months) if month.actual_net is not None), default=-1)
    actual = list(accumulate(month.actual_net or ZERO for month in months[: last + 1]))
    x = [month.month.isoformat() for month in months]
    figure = {
        "data": [
            {
                "type": "scatter", "mode": "lines", "name": "planned", "x": x, "y": [float(level) for level in planned],
                "line": {"color": "token:ink-3", "width": 2, "dash": "dash"},
            },
            {
                "type": "scatter", "mode": "lines", "name": "actual", "x": x[: last + 1],
                "y": [float(level) for level in actual], "line": {"color": "token:accent", "width": 2.5},
            },
        ],
        "layout": {
            "margin": {"l": 72, "r": 24, "t": 28, "b": 48},
            "showlegend": True,
            "legend": {"orientation": "h", "y": 1.12, "x": 0},
            "xaxis": {"type": "date", "showgrid": False, **date_ticks(months[0].month, months[-1].month)},
            "yaxis": {"title": {"text": table.currency}, "gridcolor": "token:line", "zerolinecolor": "token:ink-3"},
        },
    }  # fmt: skip
    scale = MoneyScale.of([*planned, *actual], table.currency)
    rows: list[list[Any]] = [
        [
            f"{month.month:%Y-%m}",
            number_text(planned[number], scale.digits),
            number_text(actual[number], scale.digits) if number <= last else None,
        ]
        for number, month in enumerate(months)
    ]
    return Chart(
        figure,
        f"Cumulative net benefit in {table.currency} by month, planned and actual.",
        ["Up to and with", f"Planned ({table.currency})", f"Actual ({table.currency})"],
        rows,
    )
