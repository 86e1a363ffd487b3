"""Is it paying back, and was the promise delivered? Money over months."""

from collections.abc import Sequence
from typing import Any

from explain.outcomes.charts.frame import Amount, Figure, band, figure, frame, line, money_cells, number, room_for

Row = Sequence[Amount | None]


def j_curve(
    planned: Row,
    realised: Row,
    *,
    currency: str,
    spread: Sequence[tuple[Amount, Amount] | None] = (),
    break_even: Amount | None = None,
    planned_break_even: Amount | None = None,
    forecast: Row = (),
    since: str = "the first cost",
) -> Figure:
    """Cumulative net benefit by month since the first cost or another month (month 0): plan dashed, realised solid, P10 to
    P90 shaded.

    Rows are cumulative and may differ in length; `forecast` goes on where `realised` ends. `break_even` is the payback month of the realised or
    expected curve, in months, fractions allowed; None when it does not pay back within the horizon.
    """
    months = max(len(planned), len(realised), len(spread), len(forecast))
    axis = list(range(months))
    plan, real = _padded(planned, months), _padded(realised, months)
    low, high = _edges(spread, months)
    data: list[dict[str, Any]] = []
    if spread:
        data += band(axis, low, high, "P10 to P90", "token:accent/0.15")
    if any(level is not None for level in plan):
        data.append(line(axis, plan, "plan", "token:ink-3", "dash"))
    if any(level is not None for level in real):
        data.append({**line(axis, real, "realised", "token:accent"), "mode": "lines+markers", "marker": {"size": 4}})
    if forecast:
        data.append(line(axis, _padded(forecast, months), "forecast", "token:accent", "dot"))
    for month, label, colour in (
        (planned_break_even, "planned to pay back in month", "token:ink-3"),
        (break_even, "pays back in month", "token:accent"),
    ):
        if month is not None and 0 <= month <= months - 1:
            data.append(_marker(float(month), f"{label} {float(month):.3g}", colour))
    layout = frame(f"months since {since}", f"cumulative net ({currency})", height=room_for(data))
    layout["xaxis"] |= {"rangemode": "tozero", "tickformat": "d"}
    layout["yaxis"] |= {"tickformat": "~s", "zeroline": True, "zerolinecolor": "token:ink-3"}
    headers = ["Month", f"Plan ({currency})", f"Realised ({currency})", f"P10 ({currency})", f"P90 ({currency})"]
    series: list[Row] = [planned, realised, low, high]
    if forecast:
        headers.insert(3, f"Forecast ({currency})")
        series.insert(2, forecast)
    columns = money_cells([[_at(row, k) for k in axis] for row in series], currency)
    rows = [[k, *(column[k] for column in columns)] for k in axis]
    pays = "not within the horizon" if break_even is None else f"in month {float(break_even):.3g}"
    return figure(data, layout, headers, rows, f"Cumulative net benefit over {months} months; pays back {pays}.")


def planned_v_realised(
    months: Sequence[str], planned: Row, realised: Row, *, currency: str, measure: str = "net benefit"
) -> Figure:
    """Bars by month. A month that was not measured has no realised bar and says so in the table; it is not
    zero.
    """
    count = len(months)
    plan, real = _padded(planned, count), _padded(realised, count)
    rates = [None if r is None or not p else r / p for p, r in zip(plan, real, strict=True)]
    both = [(p or 0.0, r) for p, r in zip(plan, real, strict=True) if r is not None]
    promised, kept = sum(p for p, _ in both), sum(r for _, r in both)
    share = f"{100 * kept / promised:.0f} % of plan" if both and promised else "no plan to compare"
    data = [
        {
            "type": "bar",
            "x": list(months),
            "xperiod": "M1",
            "y": plan,
            "name": "planned",
            "marker": {"color": "token:ink-3/0.25", "line": {"color": "token:ink-3", "width": 1}},
        },
        {
            "type": "bar",
            "x": list(months),
            "xperiod": "M1",
            "y": real,
            "name": f"realised ({share})",
            "marker": {"color": "token:accent"},
            "customdata": ["" if rate is None else f" ({100 * rate:.0f} % of plan)" for rate in rates],
            "hovertemplate": "%{y:,.0f}%{customdata}",
        },
    ]
    layout = frame("", f"{measure} by month ({currency})")
    layout |= {"barmode": "group", "bargap": 0.25}
    layout["xaxis"] |= {"type": "date", "tickangle": 0, "nticks": 5, "tickformat": "%b<br>%Y", "hoverformat": "%b %Y"}
    layout["yaxis"] |= {"tickformat": "~s", "zeroline": True, "zerolinecolor": "token:ink-3"}
    promises, results = money_cells([[_at(row, k) for k in range(count)] for row in (planned, realised)], currency)
    rows = [
        (
            months[k],
            promises[k],
            "not measured" if results[k] is None else results[k],
            None if rate is None else round(100 * rate, 1),
        )
        for k, rate in enumerate(rates)
    ]
    headers = ("Month", f"Planned ({currency})", f"Realised ({currency})", "Realisation rate (%)")
    alt = f"Planned and realised by month: {len(both)} of {count} months measured, {share}."
    return figure(data, layout, headers, rows, alt)


def _padded(row: Row, months: int) -> list[float | None]:
    return [number(_at(row, k)) for k in range(months)]


def _at(row: Row, month: int) -> Amount | None:
    return row[month] if month < len(row) else None


def _edges(
    spread: Sequence[tuple[Amount, Amount] | None], months: int
) -> tuple[list[float | None], list[float | None]]:
    pairs = [spread[k] if k < len(spread) else None for k in range(months)]
    return (
        [None if pair is None else number(pair[0]) for pair in pairs],
        [None if pair is None else number(pair[1]) for pair in pairs],
    )


def _marker(month: float, name: str, colour: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [month],
        "y": [0],
        "name": name,
        "marker": {"size": 10, "color": "token:sheet", "line": {"color": colour, "width": 2}},
        "hovertemplate": f"{name}<extra></extra>",
    }
