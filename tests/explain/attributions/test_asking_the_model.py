"""What the model answers as one feature changes, and what it goes by in groups of rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.inspection import partial_dependence

from explain.attributions.charts.cohorts import cohort_chart, cohort_sentence
from explain.attributions.charts.curve import answer_text, curve_chart, curve_sentences, rows_sentence
from explain.attributions.engines.dispatch import choose_engine, open_model
from explain.attributions.limits import Limits
from explain.attributions.performance.measured import Answerer
from explain.attributions.performance.truth import Column
from explain.attributions.summary import Cohort, Cohorts, Curve
from explain.attributions.worker import cohorts as grouping
from explain.attributions.worker.cohorts import cohorts
from explain.attributions.worker.curves import LINES, POINTS, ROWS, curves, grid


def drawn(case: Any, *, focus: int = 0, lime: bool = False) -> tuple[Any, Any]:
    """The curves of a case over all its rows, as many as are asked at once; and the rows that were asked."""
    opened = open_model(case.path, case.model_format, Limits())
    values = case.frame.to_numpy(dtype=float)[:ROWS]
    engine, _ = choose_engine(opened, values, None, Limits(), 0)
    strongest = np.arange(values.shape[1], 0.0, -1.0)
    return curves(
        list(case.frame.columns), values, np.arange(len(values)), strongest, engine.raw,
        Answerer(opened.kind, opened.classes, engine.output_space), focus=focus, seed=0,
    ), case.frame[:ROWS]  # fmt: skip


@pytest.mark.parametrize("name", ["xgb_binary", "xgb_regression", "forest", "hist", "boosting", "logistic"])
def test_curves_are_those_of_scikit_learn(cases: Any, name: str) -> None:
    found, rows = drawn(cases[name])
    assert found["rows"] == len(rows)
    assert found["unit"] == ("value" if name in ("xgb_regression", "boosting") else "chance")
    for curve in found["curves"][:3]:
        how: dict[str, Any] = {"response_method": "predict_proba"} if found["unit"] == "chance" else {}
        wanted = partial_dependence(
            cases[name].model, rows, [curve["feature"]], custom_values={curve["feature"]: np.array(curve["at"])},
            method="brute", kind="both", **how,
        )  # fmt: skip
        np.testing.assert_allclose(curve["mean"][0], wanted["average"][0], rtol=1e-3, atol=2e-5)
        chosen = np.array(curve["numbers"]) - 1
        np.testing.assert_allclose(curve["lines"], wanted["individual"][0][chosen], rtol=2e-3, atol=2e-4)
        assert curve["own"] == pytest.approx(list(rows[curve["feature"]].iloc[chosen]), rel=1e-4)


def test_several_classes_have_a_mean_each_and_lines_of_the_one_in_focus(cases: Any) -> None:
    case = cases["mlp"]
    found, rows = drawn(case, focus=2)
    curve = found["curves"][0]
    asked = rows.copy()
    asked[curve["feature"]] = curve["at"][3]
    wanted = case.model.predict_proba(asked)
    assert [line[3] for line in curve["mean"]] == pytest.approx(list(wanted.mean(axis=0)), rel=1e-3)
    assert sum(line[3] for line in curve["mean"]) == pytest.approx(1, abs=1e-3)
    assert [line[3] for line in curve["lines"]] == pytest.approx(
        list(wanted[np.array(curve["numbers"]) - 1, 2]), rel=2e-3, abs=1e-4
    )
    assert len(curve["lines"]) == LINES


@pytest.mark.parametrize("answer", [np.nan, np.inf])
def test_a_model_that_answers_with_no_numbers_has_no_curves(answer: float) -> None:
    values = np.arange(6.0).reshape(3, 2)
    found = curves(
        ["a", "b"], values, np.arange(3), np.ones(2), lambda rows: np.full((len(rows), 1), answer),
        Answerer("regression", (), "value"), focus=0, seed=0,
    )  # fmt: skip
    assert found is None


def test_features_that_never_vary_or_never_count_are_not_asked_for() -> None:
    values = np.array([[1.0, 5.0, 1.0], [2.0, 5.0, np.nan], [3.0, 5.0, 4.0]])
    found = curves(
        ["a", "still", "unused"], values, np.array([4, 7, 9]), np.array([1.0, 1.0, 0.0]), lambda rows: rows[:, :1] * 2,
        Answerer("regression", (), "value"), focus=0, seed=0,
    )  # fmt: skip
    assert found is not None
    (curve,) = found["curves"]
    assert curve == {
        "feature": "a", "at": [1.0, 2.0, 3.0], "mean": [[2.0, 4.0, 6.0]], "lines": [[2.0, 4.0, 6.0]] * 3,
        "numbers": [5, 8, 10], "own": [1.0, 2.0, 3.0],
    }  # fmt: skip


@given(st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1, max_size=200))
def test_only_values_of_rows_are_asked_for(written: list[float | None]) -> None:
    column = np.array([np.nan if value is None else value for value in written])
    found = grid(column)
    assert len(found) <= POINTS
    assert set(found) <= set(column[~np.isnan(column)])
    assert (np.diff(found) > 0).all()


def test_groups_are_told_with_what_the_model_goes_by_in_each() -> None:
    generator = np.random.default_rng(0)
    region = np.repeat([0.0, 1.0, 2.0], (100, 60, 5))
    values = np.column_stack([generator.normal(size=165), np.repeat([0.0, 1.0], (100, 65))])
    found = np.column_stack([np.where(region == 0, 3.0, -1.0), np.full(165, 0.5)])
    told = cohorts(
        ["size", "rush"],
        values,
        found,
        np.abs(found).mean(axis=0),
        [Column("region", region, ("north", "south", "east"))],
    )
    by_region, by_size, by_rush = told
    assert (by_region["column"], by_region["features"], by_region["left_out"]) == ("region", ["size", "rush"], 5)
    assert [(group["value"], group["rows"], group["sizes"], group["pushes"]) for group in by_region["groups"]] == [
        ("north", 100, [3.0, 0.5], [3.0, 0.5]), ("south", 60, [1.0, 0.5], [-1.0, 0.5]),
    ]  # fmt: skip
    assert [group["rows"] for group in by_size["groups"]] == [55, 55, 55]
    ends = [(group["low"], group["high"]) for group in by_size["groups"]]
    assert all(low is not None and high is not None and low < high for low, high in ends)
    assert [(group["value"], group["rows"]) for group in by_rush["groups"]] == [(0.0, 100), (1.0, 65)]


def test_a_column_that_makes_no_two_groups_is_left_out() -> None:
    found = np.ones((30, 1))
    few = Column("few", np.repeat([0.0, 1.0], (grouping.LEAST_ROWS, 10)))
    empty = Column("empty", np.full(30, np.nan))
    assert cohorts(["still"], np.ones((30, 1)), found, np.ones(1), [few, empty]) == []


DAYS = Curve(
    feature="days", at=[1.0, 8.0, 30.0], mean=[[0.2, 0.05, 0.604]], lines=[[0.1, 0.0, 0.1 + step / 20] for step in range(10)],
    numbers=list(range(1, 11)), own=[1.0] * 10,
)  # fmt: skip
WORDS: Any = {"days": {"label": "Lead time", "unit": "days"}, "region": {"label": "Region"}}


def test_a_curve_is_drawn_and_said_in_the_words_of_the_dictionary() -> None:
    chart = curve_chart(DAYS, WORDS, unit="chance", outcome="chance that an order is late")
    assert len(chart.figure["data"]) == 11
    assert chart.figure["data"][-1]["y"] == [0.2, 0.05, 0.604]
    assert chart.headers == ["Lead time (days)", "Mean answer", "Lowest row", "Highest row"]
    assert chart.rows[-1] == ["30 days", "60 %", "10 %", "55 %"]
    assert curve_sentences(DAYS, WORDS, unit="chance", outcome="chance that an order is late") == [
        "On average the chance that an order is late goes from 20 % (1 days) to 60 % (30 days), lowest at 8 days: 5 %."
    ]
    assert rows_sentence(DAYS["lines"], "chance") == (
        "Between those two ends 8 of 10 rows move by +5 to +40 percentage points."
    )
    assert rows_sentence(DAYS["lines"][:9], "chance") == ""
    other = curve_chart(DAYS, WORDS, unit="value", outcome="cost", single=False)
    assert (len(other.figure["data"]), other.rows[0]) == (1, ["1 days", "0.2"])
    assert [answer_text(share, "chance") for share in (0, 0.004, 0.996, 1)] == [
        "0 %",
        "under 1 %",
        "over 99 %",
        "100 %",
    ]


def test_groups_are_told_apart_by_what_counts_most_in_them() -> None:
    def group(value: str, sizes: list[float]) -> Cohort:
        return Cohort(value=value, low=None, high=None, rows=50, sizes=sizes, pushes=[0.0, 0.0])

    found = Cohorts(
        column="region", features=["days", "rush"], groups=[group("north", [3.0, 1.0]), group("south", [1.0, 1.0])], left_out=0
    )  # fmt: skip
    chart = cohort_chart(found, WORDS, output_space="log-odds")
    assert chart.headers[1:] == ["north (50 rows)", "south (50 rows)"]
    assert chart.rows[0] == ["Lead time (days)", "3", "1"]
    assert len({trace["marker"]["symbol"] for trace in chart.figure["data"]}) == 2
    assert len({trace["marker"]["color"] for trace in chart.figure["data"]}) == 2
    assert cohort_sentence(found, WORDS) == (
        "What differs most is lead time: 75 % of the influence where region is north, 50 % where it is south."
    )
    even = found | {"groups": [group("north", [1.0, 1.0]), group("south", [5.0, 5.0])]}
    assert "no share of the influence differs" in cohort_sentence(even, WORDS)  # type: ignore[arg-type]
