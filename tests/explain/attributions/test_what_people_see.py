"""Digest, figures and sentences."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from explain.attributions import telling, words
from explain.attributions.charts.frame import SCALE, Chart
from explain.attributions.charts.importance import importance
from explain.attributions.charts.swarm import beeswarm
from explain.attributions.charts.waterfall import waterfall
from explain.attributions.dictionary import Dictionary, in_sentence, label_in_sentence, number
from explain.attributions.worker import digest
from explain.attributions.worker.ranks import average_ranks, spearman
from foundation.web.chart_labels import wrapped

FEATURES = ["delay", "income", "age", "region"]
DICTIONARY: Dictionary = {
    "delay": {"label": "payment delay", "unit": "days", "expected": "up"},
    "income": {"label": "income <b>net</b>", "unit": "EUR", "expected": "up"},
    "age": {"label": "age", "sensitive": True, "expected": None},
}


@pytest.fixture(scope="module")
def shown() -> dict[str, Any]:
    generator = np.random.default_rng(0)
    values = generator.normal(size=(3000, 4))
    values[::7, 2] = np.nan
    found = values * np.array([2.0, -1.0, 0.3, 0.0])
    found[np.isnan(found)] = 0
    mean_abs = np.abs(found).mean(axis=0)
    predictions = found.sum(axis=1, keepdims=True) + 0.5
    bases, no_fits = np.full((3000, 1), 0.5), np.empty((0, 1))
    rows, _ = digest.row_sample(np.arange(3000), values, found[:, :, None], bases, predictions, no_fits, seed=0)
    return {
        "drivers": digest.drivers(FEATURES, values, found, mean_abs, 0.5, log_odds=True),
        "swarm": digest.beeswarm(FEATURES, values, found, mean_abs, class_name="late", of=3000, seed=0),
        "rows": rows,
        "stability": digest.stability(found[:, :, None], seed=0),
        "values": values,
        "found": found,
    }


def test_ranks_are_those_of_scipy() -> None:
    generator = np.random.default_rng(1)
    first, second = generator.integers(0, 5, 50).astype(float), generator.normal(size=50)
    np.testing.assert_allclose(average_ranks(first), stats.rankdata(first))
    assert spearman(first, second) == pytest.approx(stats.spearmanr(first, second).statistic)
    assert spearman(np.ones(50), second) is None


def test_drivers_know_order_direction_and_effect(shown: dict[str, Any]) -> None:
    first, second = shown["drivers"][:2]
    assert (first["feature"], second["feature"]) == ("delay", "income")
    assert first["direction"] == pytest.approx(1)
    assert second["direction"] == pytest.approx(-1)
    column, found = shown["values"][:, 0], shown["found"][:, 0]
    low, high = np.quantile(column, (0.1, 0.9))
    wanted = found[column >= high].mean() - found[column <= low].mean()
    assert first["effect"] == pytest.approx(wanted, rel=1e-4)
    assert 0 < first["effect_probability"] < 1
    assert shown["drivers"][3]["direction"] is None
    assert sum(driver["share"] for driver in shown["drivers"]) == pytest.approx(1, abs=1e-4)


def test_the_swarm_keeps_extremes_and_says_how_it_was_drawn(shown: dict[str, Any]) -> None:
    swarm = shown["swarm"]
    assert swarm["rows"] == 1000
    assert "1,000 of 3,000" in swarm["sampling"]
    drawn = swarm["features"][0]["x"]
    assert max(drawn) == pytest.approx(shown["found"][:, 0].max(), rel=1e-3)
    assert min(drawn) == pytest.approx(shown["found"][:, 0].min(), rel=1e-3)
    assert any(value is None for value in swarm["features"][2]["v"])
    assert len(shown["rows"]) == 500


def test_stability_is_high_for_clear_importances_and_low_for_noise(shown: dict[str, Any]) -> None:
    assert shown["stability"]["rank_correlation"] == pytest.approx(1)
    noise = np.random.default_rng(2).normal(size=(30, 40, 1))
    assert digest.stability(noise, seed=0)["rank_correlation"] < 0.9


def _figures(shown: dict[str, Any]) -> list[Chart]:
    row = shown["rows"][0]
    return [
        importance(shown["drivers"], DICTIONARY, output_space="log-odds"),
        beeswarm(shown["swarm"], DICTIONARY, output_space="log-odds"),
        waterfall(row, FEATURES, DICTIONARY, output_space="log-odds", most=2),
    ]


def test_figures_are_plain_data_with_tokens_for_colours(shown: dict[str, Any]) -> None:
    for chart in _figures(shown):
        text = json.dumps(chart.figure, allow_nan=False)
        assert "token:" in text
        assert "<b>" not in text
        assert chart.figure["layout"]["paper_bgcolor"] == "rgba(0,0,0,0)"
        assert chart.figure["layout"]["yaxis"]["automargin"] is True
        colours = set(re.findall(r"#[0-9a-f]{6}", text))
        assert colours <= {colour for _, colour in SCALE}
        assert chart.rows
        assert all(len(row) == len(chart.headers) for row in chart.rows)
        for name in chart.figure["layout"]["yaxis"]["ticktext"]:
            assert all(len(line) <= 40 for line in name.split("<br>"))


def test_a_waterfall_goes_from_the_base_value_to_the_output(shown: dict[str, Any]) -> None:
    row = shown["rows"][0]
    chart = waterfall(row, FEATURES, DICTIONARY, output_space="log-odds", most=2)
    bars = chart.figure["data"][0]
    assert len(bars["x"]) == 3
    assert 0.5 + sum(bars["x"]) == pytest.approx(row["predictions"][0], abs=1e-3)
    assert bars["base"][-1] == pytest.approx(0.5)
    for above, below in zip(range(2), range(1, 3), strict=True):
        assert bars["base"][above] == pytest.approx(bars["base"][below] + bars["x"][below], abs=1e-3)


def _contrast(colour: str, paper: str) -> float:
    def light(hexed: str) -> float:
        parts = [int(hexed[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    brighter, darker = sorted((light(colour), light(paper)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("paper", ["#ffffff", "#1c2124"])
def test_the_scale_of_the_swarm_reads_on_light_and_dark(paper: str) -> None:
    assert all(_contrast(colour, paper) >= 3 for _, colour in SCALE)


def test_sentences_say_direction_expectation_and_size(shown: dict[str, Any]) -> None:
    found = words.sentences(shown["drivers"], DICTIONARY, outcome="risk of default", output_space="log-odds")
    by_feature = {one.feature: one for one in found}
    assert by_feature["delay"].verdict == "as expected"
    assert "More payment delay goes with a higher risk of default, as expected." in by_feature["delay"].text
    assert "days" in by_feature["delay"].text
    assert "percentage points" in by_feature["delay"].text
    assert by_feature["income"].verdict == "against expectation"
    assert "against what the business expects" in by_feature["income"].text
    assert by_feature["age"].sensitive
    assert "no influence" in by_feature["region"].text
    assert all(one.text.endswith(".") and "!" not in one.text for one in found)


def test_three_sentences_open_the_page(shown: dict[str, Any]) -> None:
    opening = words.opening(
        shown["drivers"], DICTIONARY, shown["stability"], outcome="risk of default", output_space="log-odds"
    )
    assert len(opening) == 3
    assert opening[0].startswith("The risk of default rests mostly on payment delay")
    assert "against what the business expects" in opening[1]
    assert "sensitive information: age" in opening[1]
    assert "steady" in opening[2]


def test_figures_in_text_are_short() -> None:
    assert number(0) == "0"
    assert number(None) == "missing"
    assert number(1234567.8) == "1,234,568"
    assert number(-0.01234) == "\u22120.0123"
    assert number(12.345) == "12.3"


def test_names_on_an_axis_are_whole_in_lines_that_fit() -> None:
    assert wrapped("a very long name of a feature that goes on", 12, 2) == "a very long<br>name of a…"
    assert wrapped("worst_fractal_dimension") == "worst_fractal_<br>dimension"
    assert wrapped("Unevenness of grey (worst) = 35.6 grey levels", 18) == (
        "Unevenness of grey<br>(worst) = 35.6<br>grey levels"
    )
    assert wrapped("x" * 40, 18) == "<br>".join(["x" * 18, "x" * 18, "x" * 4])
    assert wrapped("<b> & co") == "&lt;b&gt; &amp; co"
    assert wrapped("") == ""


@given(st.text(max_size=100))
def test_no_sign_of_a_name_is_lost(text: str) -> None:
    shown = unescape(wrapped(text, 18, 200).replace("<br>", ""))
    assert shown.replace(" ", "") == "".join(text.split())
    assert all(len(unescape(line)) <= 18 for line in wrapped(text, 18, 200).split("<br>"))


@pytest.mark.parametrize(
    ("words", "within"),
    [
        ("Largest perimeter of nuclei", "largest perimeter of nuclei"),
        ("Age", "age"),
        ("LPI", "LPI"),
        ("HDL cholesterol", "HDL cholesterol"),
        ("HbA1c", "HbA1c"),
        ("pH of the sample", "pH of the sample"),
        ("X-ray dose", "X-ray dose"),
        ("A", "A"),
        ("T4 level", "T4 level"),
        ("Übergewicht", "übergewicht"),
        ("", ""),
    ],
)
def test_labels_stand_in_the_middle_of_a_sentence_without_a_capital_but_acronyms_keep_theirs(
    words: str, within: str
) -> None:
    assert in_sentence(words) == within


@pytest.mark.parametrize(
    ("space", "answer", "base", "said"),
    [
        ("log-odds", 8.34, -1.87, "comes out at over 99 % for this row. The base value, before any feature is looked at, is 13 %"),
        ("log-odds", -900.0, 0.0, "comes out at under 1 % for this row"),
        ("probability", 0.25, 0.5, "comes out at 25 % for this row"),
        ("value", 303.2, 153.6, "comes out at 303 for this row. The base value, before any feature is looked at, is 154"),
    ],
)  # fmt: skip
def test_a_row_is_told_from_its_base_to_its_answer(space: str, answer: float, base: float, said: str) -> None:
    summary = {
        "output_space": space,
        "kind": "regression" if space == "value" else "binary",
        "outputs": ["1"],
        "focus": "1",
    }
    line = telling.row_line("Risk of default", summary, 0, answer=answer, base=base)
    assert line.startswith("The risk of default comes out at")
    assert said in line


def test_a_column_without_an_entry_keeps_its_own_name() -> None:
    assert label_in_sentence("Income", {}) == "Income"
    assert label_in_sentence("Income", {"Income": {"label": "Yearly income"}}) == "yearly income"
