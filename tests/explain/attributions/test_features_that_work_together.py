"""Interaction values as a table, in sentences and as a map."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor

from explain.attributions.charts.interplay import DRAWN, interplay_map
from explain.attributions.engines.fast.interactions import interactions
from explain.attributions.engines.fast.readers import HISTOGRAM, histogram_trees
from explain.attributions.interplay_shapes import Interplay
from explain.attributions.interplay_words import interplay_sentences
from explain.attributions.worker.interplay import FEATURES, PAIRS, interplay

WORDS = {
    "order_size": {"label": "Order size", "unit": "pieces"},
    "lead": {"label": "Lead time", "unit": "days"},
    "<b>": {"label": "LPI <b>"},
}
NAMES = ["order_size", "lead", "<b>", "noise"]


def _planted(rows: int = 400, *, constant: float = 0.0) -> tuple[Any, Any]:
    """The first two meet in their product, halved between them; the third acts alone; the fourth does nothing."""
    values = np.random.default_rng(1).normal(size=(rows, 4))
    found = np.zeros((rows, 4, 4))
    found[:, 0, 1] = found[:, 1, 0] = values[:, 0] * values[:, 1] / 2 + constant
    found[:, 2, 2] = 3 * values[:, 2]
    found[:, 0, 0] = values[:, 0] / 10
    return values, found


def _told(**more: Any) -> Interplay:
    return interplay(NAMES, *_planted(), **more)


def _said(told: Interplay, *, output_space: str = "value", **more: Any) -> list[str]:
    return interplay_sentences(told, WORDS, outcome="delay", output_space=output_space, **more)


def test_a_pair_counts_with_both_its_halves_and_a_feature_alone_once() -> None:
    values, found = _planted()
    told = _told()
    together = np.abs(values[:, 0] * values[:, 1]).mean()
    assert told["features"] == ["<b>", "order_size", "lead", "noise"]
    sizes = np.array(told["sizes"])
    np.testing.assert_array_equal(sizes, sizes.T)
    assert sizes[1, 2] == pytest.approx(together, rel=1e-4)
    assert sizes[0, 0] == pytest.approx(np.abs(found[:, 2, 2]).mean(), rel=1e-4)
    (pair,) = told["pairs"]
    assert (pair["first"], pair["second"], told["rows"]) == ("order_size", "lead", 400)
    assert pair["share"] == pytest.approx(together / told["total"], rel=1e-4)
    assert told["together"] == pair["share"]
    assert told["total"] == pytest.approx(sizes.trace() + sizes[np.triu_indices(4, 1)].sum(), rel=1e-4)
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_corners_have_the_means_of_their_rows() -> None:
    values, _ = _planted()
    corners = _told()["pairs"][0]["corners"]
    high = values[:, :2] > np.median(values[:, :2], axis=0)
    for corner, rows in {
        "high high": high.all(axis=1),
        "low low": ~high.any(axis=1),
        "high low": high[:, 0] & ~high[:, 1],
        "low high": ~high[:, 0] & high[:, 1],
    }.items():
        meeting = corners[corner]  # type: ignore[index]
        assert meeting["rows"] == rows.sum()
        assert meeting["change"] == pytest.approx((values[rows, 0] * values[rows, 1]).mean(), rel=1e-4)
        assert meeting["change_probability"] is None


def test_flags_empty_cells_and_few_rows_have_corners_only_where_there_is_something_to_compare() -> None:
    values, found = _planted()
    values[:, 0] = np.arange(400) % 4 > 0  # mostly set, so nothing lies above its median
    corners = interplay(NAMES, values, found)["pairs"][0]["corners"]
    assert sum(corners[corner]["rows"] for corner in ("high high", "high low")) == 300  # type: ignore[index]
    values[:100, 1] = np.nan
    assert sum(m["rows"] for m in interplay(NAMES, values, found)["pairs"][0]["corners"].values()) == 300
    values[:, 1] = 7.0
    assert interplay(NAMES, values, found)["pairs"][0]["corners"] == {}
    values[:, 1] = np.nan
    assert interplay(NAMES, values, found)["pairs"][0]["corners"] == {}
    few = interplay(NAMES, *(part[:6] for part in _planted()))["pairs"][0]["corners"]
    assert all(meeting["rows"] >= 5 for meeting in few.values())
    assert _told(by_category={1})["pairs"][0]["corners"] == {}


def test_log_odds_become_chances_around_the_base_value() -> None:
    values, _ = _planted()
    told = _told(base=-1.0)
    product = values[:, 0] * values[:, 1]
    around = 1 / (1 + np.exp(1 - product)) - 1 / (1 + np.e)
    assert told["pairs"][0]["size_probability"] == pytest.approx(np.abs(around).mean(), rel=1e-4)
    (said,) = _said(told, output_space="log-odds")
    assert f"by {100 * np.abs(around).mean():.1f} percentage points on average" in said
    assert "log-odds" not in said
    (bare,) = _said(_told(), output_space="log-odds")
    assert "in log-odds on average" in bare


def test_sentences_say_how_much_and_where() -> None:
    told = _told()
    pair = told["pairs"][0]
    (said,) = _said(told, unit="days")
    assert said.startswith("Order size and lead time work together: together they change the delay by 0.")
    assert "days on average beyond what each does alone, and where " in said
    # a product raises in two corners and lowers in two; the sentence tells the largest
    corner, meeting = max(pair["corners"].items(), key=lambda each: abs(each[1]["change"]))
    assert ("they raise it by" if meeting["change"] > 0 else "they lower it by") in said
    assert ("both are" in said) == (len(set(corner.split())) == 1)
    always = interplay(NAMES, *_planted(constant=-5.0))
    assert "they lower it by 1" in _said(always)[0]
    plain = _said(_told(by_category={0}))[0]
    assert plain.endswith("beyond what each does alone.")
    (chances,) = _said(told, output_space="probability")
    assert "percentage points on average" in chances


def test_where_nothing_or_next_to_nothing_works_together_that_is_said() -> None:
    values, found = _planted()
    alone = np.where(np.eye(4, dtype=bool), found, 0.0)
    told = interplay(NAMES, values, alone)
    assert told["pairs"] == []
    assert told["together"] == 0
    assert _said(told) == ["Each feature changes the delay on its own: no two of them add anything by coming together."]
    assert _said(interplay(NAMES, values, alone + found * 1e-3))[0].endswith("is less than 0.1 % of all influence.")
    nothing = interplay(NAMES, values, np.zeros_like(found))
    assert (nothing["total"], nothing["together"], nothing["pairs"]) == (0, 0, [])


def test_what_was_planted_in_the_data_is_found_in_a_model_trained_on_it() -> None:
    values = np.random.default_rng(4).normal(size=(3_000, 4))
    model = HistGradientBoostingRegressor(max_iter=60, early_stopping=False)
    model.fit(values, np.where((values[:, 0] > 0) & (values[:, 1] > 0), 8.0, 0.0) + values[:, 2])
    trees = histogram_trees(model)
    assert trees is not None
    rows = values[:200]
    told = interplay(NAMES, rows, interactions(trees, HISTOGRAM, rows, 4, 0))
    pair = told["pairs"][0]
    assert {pair["first"], pair["second"]} == {"order_size", "lead"}
    assert pair["size"] > 20 * told["pairs"][1]["size"]
    # where both are on the same side, they do better together than each promises
    changes = {corner: meeting["change"] for corner, meeting in pair["corners"].items()}
    assert min(changes["high high"], changes["low low"]) > 1
    assert max(changes["high low"], changes["low high"]) < -1


def _many(count: int) -> Interplay:
    generator = np.random.default_rng(0)
    found = generator.normal(size=(80, count, count))
    return interplay(
        [f"f{place}" for place in range(count)], generator.normal(size=(80, count)), found + found.transpose(0, 2, 1),
        mean_abs=np.arange(count, dtype=float),
    )  # fmt: skip


def test_of_many_features_the_strongest_are_kept_and_no_more_than_three_sentences_made() -> None:
    told = _many(14)
    assert told["features"] == [f"f{place}" for place in range(13, 13 - FEATURES, -1)]
    assert len(told["pairs"]) == PAIRS
    assert [pair["size"] for pair in told["pairs"]] == sorted((p["size"] for p in told["pairs"]), reverse=True)
    assert len(interplay_sentences(told, {}, outcome="result", output_space="value")) == 3


def test_the_map_has_each_pair_once_and_each_feature_alone() -> None:
    told = _told()
    chart = interplay_map(told, WORDS, output_space="log-odds")
    pairs, alone = chart.figure["data"]
    drawn = [(row, column) for row in range(4) for column in range(4) if pairs["z"][row][column] is not None]
    assert drawn == [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2)]
    assert [alone["z"][place][place] for place in range(4)] == [told["sizes"][place][place] for place in range(4)]
    assert sum(cell is not None for line in alone["z"] for cell in line) == 4
    # what one feature does alone does not bleach the pairs
    assert pairs["zmax"] == told["sizes"][2][1] < alone["z"][0][0]
    assert pairs["text"][2][1] == f"{100 * told['pairs'][0]['share']:.0f}"
    assert pairs["customdata"][1][0] == "LPI &lt;b&gt; with Order size (pieces)"
    assert chart.rows[0][0] == "LPI <b> alone"
    assert chart.rows[1][0] == "Order size (pieces) with Lead time (days)"
    assert len(chart.rows) == 10
    assert chart.headers[1] == "Mean change in the log-odds"
    assert json.loads(json.dumps(chart.figure, allow_nan=False)) == chart.figure


def test_figures_on_the_map_are_short_enough_for_a_phone() -> None:
    chart = interplay_map(_many(14), {}, output_space="value")
    texts = {text for trace in chart.figure["data"] for line in trace["text"] for text in line}
    assert max(map(len, texts)) <= 3
    assert len(chart.figure["layout"]["yaxis"]["ticktext"]) == DRAWN
    assert chart.figure["layout"]["xaxis"]["ticktext"] == [str(place) for place in range(1, DRAWN + 1)]


def test_a_model_without_influence_and_one_with_a_single_feature_can_be_drawn() -> None:
    nothing = interplay(NAMES, _planted()[0], np.zeros((400, 4, 4)))
    assert {row[1] for row in interplay_map(nothing, {}, output_space="value").rows} == {"0"}
    one = interplay(["a"], np.ones((5, 1)), np.ones((5, 1, 1)))
    assert interplay_map(one, {}, output_space="value").rows == [["a alone", "1", "100.0 %"]]
