"""Charts on paper: where ticks stand, and that what is drawn lies where the values are."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.web.drawing import drawn
from foundation.web.drawing.colours import colour_of, light_theme
from foundation.web.drawing.scales import date_ticks, number_ticks, place_of


def figure(*traces: dict[str, Any], **layout: Any) -> dict[str, Any]:
    axis: dict[str, Any] = {"title": {"text": ""}}
    return {
        "data": list(traces),
        "layout": {"xaxis": {**axis}, "yaxis": {**axis}, **layout},
        "alt": "A chart of a test.",
    }


def line(values: list[float | None], **changes: Any) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "lines", "x": list(range(len(values))), "y": values, "name": "rate",
        "line": {"color": "token:accent", "width": 2}, **changes,
    }  # fmt: skip


@given(
    low=st.floats(-1e12, 1e12), span=st.floats(1e-6, 1e12), most=st.integers(2, 8), scaled=st.booleans()
)  # fmt: skip
def test_ticks_are_few_rising_and_told_apart(low: float, span: float, most: int, scaled: bool) -> None:
    span = max(span, abs(low) * 1e-9)
    ticks = number_ticks(low, low + span, most, scaled=scaled)
    places = [tick.place for tick in ticks]
    assert len(ticks) <= most + 1
    assert places == sorted(places)
    assert all(low - span * 1e-6 <= place <= low + span * (1 + 1e-6) for place in places)


@pytest.mark.parametrize(
    ("low", "high", "scaled", "labels"),
    [
        (0, 1, False, ["0.00", "0.25", "0.50", "0.75", "1.00"]),
        (-50_000, 150_000, True, ["−50k", "0", "50k", "100k", "150k"]),
        (0, 4_000_000, True, ["0", "1M", "2M", "3M", "4M"]),
        (97, 103, False, ["98", "100", "102"]),
    ],
)
def test_ticks_are_round_numbers_in_one_scale(low: float, high: float, scaled: bool, labels: list[str]) -> None:
    assert [tick.label for tick in number_ticks(low, high, 4, scaled=scaled)] == labels


def test_a_long_axis_of_dates_has_firsts_of_months_and_a_short_one_has_days() -> None:
    year = date_ticks(date(2025, 1, 15).toordinal(), date(2026, 1, 20).toordinal(), 5)
    assert [tick.label for tick in year] == ["Apr\n2025", "Jul\n2025", "Oct\n2025", "Jan\n2026"]
    month = date_ticks(date(2025, 3, 1).toordinal(), date(2025, 3, 29).toordinal(), 5)
    assert [tick.label for tick in month] == [
        "1 Mar\n2025",
        "8 Mar\n2025",
        "15 Mar\n2025",
        "22 Mar\n2025",
        "29 Mar\n2025",
    ]


@pytest.mark.parametrize("unknown", [None, float("nan"), float("inf"), "no day", True])
def test_what_has_no_place_on_an_axis_is_not_drawn(unknown: Any) -> None:
    assert place_of(unknown) is None


def test_a_gap_stays_a_gap() -> None:
    marks = drawn(figure(line([1.0, 2.0, None, 4.0, 3.0])))["marks"]
    lines = [mark for mark in marks if mark["kind"] == "line" and mark["colour"] == colour_of("token:accent")]
    assert [len(mark["points"]) for mark in lines] == [2, 2]


def test_higher_values_stand_higher_and_all_lie_inside() -> None:
    found = drawn(figure(line([0.0, 5.0, 10.0])), width=400, height=200)
    points = next(m for m in found["marks"] if m["kind"] == "line" and m["colour"] == colour_of("token:accent"))[
        "points"
    ]
    assert [y for _, y in points] == sorted((y for _, y in points), reverse=True)
    assert all(0 <= x <= 400 and 0 <= y <= 200 for x, y in points)
    assert found["legend"] == [{"name": "rate", "kind": "line", "colour": colour_of("token:accent"), "dash": "solid"}]


def test_steps_begin_where_the_former_one_ended() -> None:
    steps = {
        "type": "waterfall", "orientation": "h", "y": [0, 1, 2], "x": [100.0, -30.0, 70.0],
        "measure": ["relative", "relative", "total"], "increasing": {"marker": {"color": "token:yes"}},
        "decreasing": {"marker": {"color": "token:no"}}, "totals": {"marker": {"color": "token:accent"}},
        "connector": {"line": {"color": "token:line"}},
    }  # fmt: skip
    up = {
        "title": {"text": ""},
        "range": [2.5, -0.5],
        "tickmode": "array",
        "tickvals": [0, 1, 2],
        "ticktext": ["a", "b", "c"],
    }
    boxes = [mark for mark in drawn(figure(steps, yaxis=up))["marks"] if mark["kind"] == "box"]
    first, second, total = boxes
    assert second["x"] + second["width"] == pytest.approx(first["x"] + first["width"], abs=0.02)
    assert total["width"] == pytest.approx(0.7 * first["width"], rel=0.01)
    assert first["y"] < second["y"] < total["y"]
    assert [box["colour"] for box in boxes] == [colour_of(f"token:{name}") for name in ("yes", "no", "accent")]


def test_a_bar_below_zero_hangs_from_the_line() -> None:
    bars = {
        "type": "bar",
        "x": ["2026-01", "2026-02"],
        "xperiod": "M1",
        "y": [10.0, -10.0],
        "marker": {"color": "token:no"},
    }
    across = {"title": {"text": ""}, "type": "date"}
    marks = drawn(figure(bars, barmode="group", xaxis=across))["marks"]
    above, below = [mark for mark in marks if mark["kind"] == "box"]
    assert above["y"] + above["height"] == pytest.approx(below["y"], abs=0.02)
    assert above["height"] == pytest.approx(below["height"], abs=0.02)


def test_bars_across_begin_at_their_base_and_the_first_name_stands_at_the_top() -> None:
    steps = {
        "type": "bar", "orientation": "h", "x": [2.0, -1.0], "base": [1.0, 1.0], "y": [0, 1],
        "marker": {"color": ["token:accent", "token:no"]},
    }  # fmt: skip
    up = {"autorange": "reversed", "tickvals": [0, 1], "ticktext": ["area", "age"]}
    marks = drawn(figure(steps, yaxis=up))["marks"]
    first, second = [mark for mark in marks if mark["kind"] == "box"]
    assert second["x"] + second["width"] == pytest.approx(first["x"], abs=0.02)
    assert first["width"] == pytest.approx(2 * second["width"], rel=0.01)
    assert first["y"] < second["y"]
    assert [first["colour"], second["colour"]] == [colour_of("token:accent"), colour_of("token:no")]
    assert {"area", "age"} <= {mark["text"] for mark in marks if mark["kind"] == "word"}


def test_dots_take_their_colours_from_a_scale() -> None:
    scale = [[0.0, "#000000"], [0.5, "#808080"], [1.0, "#ffffff"]]
    dots = {
        "type": "scatter", "mode": "markers", "x": [1, 2, 3], "y": [1, 2, 3],
        "marker": {"color": [0, 0.25, 5], "cmin": 0, "cmax": 1, "colorscale": scale},
    }  # fmt: skip
    marks = [mark for mark in drawn(figure(dots))["marks"] if mark["kind"] == "dot"]
    assert [mark["colour"] for mark in marks] == ["#000000", "#404040", "#ffffff"]


@pytest.mark.parametrize("kind", ["pie", "heatmap"])
def test_what_cannot_be_drawn_whole_is_not_drawn_in_part(kind: str) -> None:
    with pytest.raises(ValueError, match=kind):
        drawn(figure({"type": kind, "x": [1], "y": [1]}))


def test_colours_are_those_of_the_light_theme() -> None:
    assert colour_of("token:accent") == light_theme()["accent"] == "#1f5f6b"
    assert colour_of("token:accent/0.15") == "#1f5f6b26"
    assert colour_of("#a1b2c3") == "#a1b2c3"


def test_text_of_people_is_drawn_as_it_was_typed() -> None:
    found = drawn(figure(line([1.0, 2.0], name="Losses &lt;b&gt; &amp;<br>more")))
    assert found["legend"][0]["name"] == "Losses <b> & more"


def test_a_trace_on_the_right_axis_goes_by_its_own_scale_in_stairs_with_ticks_on_the_right() -> None:
    right = {"type": "scatter", "mode": "lines", "x": [0, 2, 3], "y": [0.9, 0.94, 0.94], "name": "AUC", "yaxis": "y2",
             "line": {"color": "token:cond", "width": 2, "shape": "hv"}}  # fmt: skip
    axis = {"title": {"text": "AUC"}, "tickfont": {"color": "token:cond"}, "range": [0.88, 0.96]}
    paper = drawn(figure(line([40.0, 60.0, 50.0, 55.0]), right, yaxis2=axis))
    lines = [mark for mark in paper["marks"] if mark["kind"] == "line"]
    stairs = next(mark["points"] for mark in lines if mark["colour"] == light_theme()["cond"])
    assert len(stairs) == 4  # from 0.9 level to the change, up, and level to the end
    assert stairs[0][1] == stairs[1][1]
    assert stairs[1][0] == stairs[2][0]
    assert stairs[2][1] == stairs[3][1] < stairs[0][1]
    top, bottom = _plot_of(lines)
    share = (stairs[0][1] - top) / (bottom - top)
    assert share == pytest.approx((0.96 - 0.90) / (0.96 - 0.88), abs=0.01)
    words = [mark for mark in paper["marks"] if mark["kind"] == "word" and mark["colour"] == light_theme()["cond"]]
    assert {"0.90", "0.94", "AUC"} <= {word["text"] for word in words}
    edge = max(x for mark in lines for x, _ in mark["points"])
    assert all(word["x"] > edge for word in words)
    assert all(word["x"] <= paper["width"] for word in words)
    assert [entry["name"] for entry in paper["legend"]] == ["rate", "AUC"]


def _plot_of(lines: list[dict[str, Any]]) -> tuple[float, float]:
    """Top and bottom of the plot: from the left axis' reach (40 to 60 with 5 % of air) and where its line lies."""
    plain = next(mark["points"] for mark in lines if mark["colour"] == light_theme()["accent"])
    at_40, at_60 = plain[0][1], plain[1][1]
    air = (at_40 - at_60) * 0.05
    return at_60 - air, at_40 + air
