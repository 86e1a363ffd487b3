"""Figures are plain data that the chart library accepts, with a table beside each, and labels that do not meet."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.outcomes.charts import (
    PortfolioBar,
    WaterfallStep,
    j_curve,
    planned_v_realised,
    portfolio_bars,
    run_chart,
    waterfall,
)
from explain.outcomes.charts.frame import CHARACTER, NARROW, short, staggered
from explain.outcomes.charts.link import link_chart

TOKEN = re.compile(r"token:(accent|ink-2|ink-3|ink|yes|no|line|sheet)(/0\.\d+)?")
DAYS = [date(2024, 1, 1) + timedelta(days=7 * k) for k in range(40)]
VALUES = [10.0, 12, 11, 13] * 5 + [9.0, None, 30, 8] * 5


def the_run_chart(**changes: Any) -> dict[str, Any]:
    options = {"name": "Handling <time>", "unit": "minutes", "baseline": (DAYS[0], DAYS[19]), "target": Decimal("8.5")}
    options |= {
        "go_live": DAYS[20],
        "ramp_end": DAYS[23],
        "annotations": [(DAYS[21], "Strike"), (DAYS[22], "New form")],
    }
    return run_chart(list(zip(DAYS, VALUES, strict=True)), **(options | changes))


FIGURES = {
    "run": the_run_chart(counterfactual=[(day, 12.0, 10.0, 14.0) for day in DAYS[20:]]),
    "run, empty": run_chart([], name="x", unit=""),
    "run, one point": run_chart([(DAYS[0], 1.0)], name="x", unit="h", baseline=(DAYS[0], DAYS[0]), go_live=DAYS[0]),
    "j": j_curve(
        [Decimal(-100), Decimal(-50), Decimal(0), Decimal(50)], [Decimal(-120), Decimal(-70)], currency="EUR", break_even=Decimal("2.5"),
        spread=[None, None, (Decimal(-40), Decimal(10)), (Decimal(-20), Decimal(60))], planned_break_even=Decimal(2),
    ),
    "j, empty": j_curve([], [], currency="EUR"),
    "plan": planned_v_realised(["2024-01", "2024-02", "2024-03"], [Decimal(100)] * 3, [Decimal(80), None, Decimal(90)], currency="EUR"),
    "waterfall": waterfall(
        [WaterfallStep("Gross benefit", Decimal("100.10")), WaterfallStep("Build", Decimal("-40.05")), WaterfallStep("Net", kind="total")],
        currency="EUR",
    ),
    "waterfall, empty": waterfall([], currency="EUR"),
    "portfolio": portfolio_bars(
        [PortfolioBar("Invoices", Decimal(610), "measured", Decimal(500), Decimal(700)), PortfolioBar("Invoices", Decimal(-85), "assumed")],
        currency="EUR",
    ),
}  # fmt: skip


def colours(thing: Any) -> Iterator[str]:
    if isinstance(thing, dict):
        for value in thing.values():
            yield from colours(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from colours(value)
    elif isinstance(thing, str) and thing.startswith("token:"):
        yield thing


@pytest.mark.parametrize("name", FIGURES)
def test_the_chart_library_accepts_every_property(name: str) -> None:
    text = json.dumps({key: FIGURES[name][key] for key in ("data", "layout")}, allow_nan=False)
    go.Figure(json.loads(TOKEN.sub("rgb(1,2,3)", text)))


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_plain_data_in_the_colours_of_the_theme(name: str) -> None:
    figure = FIGURES[name]
    assert set(figure) == {"data", "layout", "config", "table", "alt"}
    assert json.loads(json.dumps(figure, allow_nan=False)) == figure
    assert all(TOKEN.fullmatch(colour) for colour in colours(figure))
    assert "#" not in json.dumps(figure)
    assert figure["layout"]["paper_bgcolor"] == "rgba(0,0,0,0)"
    assert "title" not in figure["layout"]
    assert figure["config"]["displaylogo"] is False
    assert figure["layout"]["xaxis"]["automargin"]
    assert all(len(row) == len(figure["table"]["headers"]) for row in figure["table"]["rows"])
    assert figure["alt"].endswith(".")


def trace(figure: dict[str, Any], start: str) -> dict[str, Any]:
    return next(trace for trace in figure["data"] if trace.get("name", "").startswith(start))


def test_limits_are_frozen_on_the_baseline() -> None:
    figure = the_run_chart()
    mean, moves = 11.5, [2, 1, 2, 3] * 4 + [2, 1, 2]
    reach = 2.66 * sum(moves) / len(moves)
    assert trace(figure, "baseline mean")["y"] == pytest.approx([mean, mean])
    assert trace(figure, "baseline mean")["x"] == [DAYS[0].isoformat(), DAYS[19].isoformat()]
    assert trace(figure, "usual range")["y"] == pytest.approx([mean + reach] * 2)
    calm = run_chart(
        [(day, 0.0 if k > 19 else value) for k, (day, value) in enumerate(zip(DAYS, VALUES, strict=True))],
        name="x", unit="", baseline=(DAYS[0], DAYS[19]),
    )  # fmt: skip
    assert trace(calm, "usual range")["y"] == trace(figure, "usual range")["y"]


def test_points_beyond_the_limits_are_marked_and_gaps_stay_gaps() -> None:
    figure = the_run_chart()
    assert set(trace(figure, "outside")["y"]) == {30}
    values = trace(figure, "Handling")
    assert values["y"][21] is None
    assert values["connectgaps"] is False
    assert figure["table"]["rows"][21] == [DAYS[21].isoformat(), None, "ramp", "not measured"]
    assert figure["table"]["rows"][22][3] == "outside"


def test_texts_of_people_are_shown_as_text() -> None:
    assert trace(the_run_chart(), "Handling")["name"] == "Handling &lt;time&gt;"
    figure = the_run_chart(annotations=[(DAYS[3], "<a href='x'>Press</a>")])
    assert all("<" not in note["text"] for note in figure["layout"]["annotations"])


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.text("abcdefgh ", min_size=1, max_size=40)), max_size=12))
def test_labels_of_one_line_never_meet(labels: list[tuple[float, str]]) -> None:
    spans = {}
    for (at, text), (side, line) in zip(labels, staggered(labels), strict=True):
        width = len(short(text)) * CHARACTER / NARROW
        span = (at, at + width) if side == "left" else (at - width, at)
        assert span[0] >= -0.02
        assert span[1] <= 1.02
        for start, end in spans.setdefault(line, []):
            assert end <= span[0] or span[1] <= start
        spans[line].append(span)


def test_lines_of_labels_have_room_above_the_plot() -> None:
    figure = the_run_chart(annotations=[(DAYS[20], f"event number {k}") for k in range(4)])
    shifts = [note["yshift"] for note in figure["layout"]["annotations"]]
    assert len(set(shifts)) == 5
    assert figure["layout"]["margin"]["t"] >= max(shifts) + 16


def test_the_j_curve_marks_where_it_pays_back() -> None:
    marker = trace(FIGURES["j"], "pays back")
    assert (marker["x"], marker["y"], marker["name"]) == ([2.5], [0], "pays back in month 2.5")
    assert trace(FIGURES["j"], "plan")["line"]["dash"] == "dash"
    assert trace(FIGURES["j"], "realised")["y"] == [-120, -70, None, None]
    assert FIGURES["j"]["table"]["rows"][2] == [2, "0", None, "−40", "10"]
    never = j_curve([Decimal(-1), Decimal(-2)], [], currency="EUR", break_even=Decimal(9))
    assert not [t for t in never["data"] if t["name"].startswith("pays")]


def test_a_month_not_measured_is_not_zero() -> None:
    figure = FIGURES["plan"]
    assert trace(figure, "realised")["y"] == [80, None, 90]
    assert trace(figure, "realised")["name"] == "realised (85 % of plan)"
    assert figure["table"]["rows"][1] == ["2024-02", "100", "not measured", None]


def test_the_waterfall_works_out_its_totals_in_decimal() -> None:
    figure = FIGURES["waterfall"]
    assert figure["data"][0]["measure"] == ["relative", "relative", "total"]
    assert figure["table"]["rows"][2] == ["Net", "60.05", "60.05"]


def test_two_projects_of_one_name_keep_two_bars() -> None:
    figure = FIGURES["portfolio"]
    assert [bar["y"] for bar in figure["data"]] == [[0], [1]]
    assert [bar["name"] for bar in figure["data"]] == ["measured", "assumed"]
    assert figure["data"][0]["error_x"]["array"] == [90]
    assert figure["data"][0]["error_x"]["arrayminus"] == [110]
    assert figure["data"][1]["error_x"]["visible"] is False


def test_a_metric_and_a_kpi_stand_on_one_time_axis_each_by_its_own_scale() -> None:
    chart = link_chart(
        [(date(2026, 1, 5), 50), (date(2026, 1, 12), None), (date(2026, 1, 19), 40)],
        [(date(2026, 1, 5), 1, 0.9), (date(2026, 1, 15), 2, 0.94)],
        kpi="Waiting <b>time</b>",
        unit="d",
        metric="AUC",
        go_live=date(2026, 1, 5),
        until=date(2026, 1, 25),
    )
    readings, steps = chart["data"]
    assert (steps["yaxis"], steps["line"]["shape"], steps["y"]) == ("y2", "hv", [0.9, 0.9, 0.94, 0.94])
    assert steps["x"][-1] == "2026-01-25"
    assert readings["line"]["color"] != steps["line"]["color"]
    axes = chart["layout"]["yaxis"], chart["layout"]["yaxis2"]
    assert [axis["title"]["text"] for axis in axes] == ["d", "AUC"]
    assert [axis["tickfont"]["color"] for axis in axes] == [readings["line"]["color"], steps["line"]["color"]]
    assert (axes[1]["side"], axes[1]["showgrid"]) == ("right", False)
    assert [note["text"] for note in chart["layout"]["annotations"]] == ["v1", "v2", "go-live"]
    assert "<b>" not in readings["name"]
    assert chart["table"]["headers"] == ["Date", "Waiting <b>time</b> (d)", "Version in use", "AUC"]
    assert chart["table"]["rows"][2] == ["2026-01-19", 40, "v2", 0.94]
    assert "version 2 in use from 2026-01-15 with AUC 0.94" in chart["alt"]
    alone = link_chart([(date(2026, 1, 5), 50)], [], kpi="Waiting", unit="d", metric="AUC")
    assert "yaxis2" not in alone["layout"]
