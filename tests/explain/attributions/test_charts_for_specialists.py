"""Dependence, heatmap, paths of rows, and two explanations side by side."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from explain.attributions import runs
from explain.attributions.charts.compared import shares
from explain.attributions.charts.decision import PATHS, decision
from explain.attributions.charts.dependence import dependence
from explain.attributions.charts.heatmap import COLUMNS, heatmap
from explain.attributions.comparing import compare, rank_correlation, reservations, sentences
from explain.attributions.models import Explanation
from explain.attributions.services import request_explanation
from explain.attributions.summary import Driver, Row
from explain.attributions.worker import digest
from foundation.people.models import User
from lifecycle.projects.models import Project
from tests.explain.attributions.test_pages_and_api import text_of

FEATURES = ["area", "age", "texture"]
WORDS = {"area": {"label": "Largest area", "unit": "mm²"}}


def rows_of(count: int, seed: int = 0) -> list[Row]:
    """Rows whose answer is area times age, roughly."""
    generator = np.random.default_rng(seed)
    found = []
    for number in range(count):
        area, age, texture = generator.normal(size=3).round(3).tolist()
        parts = [area * (1 + age), 0.1 * age, 0.0]
        found.append(
            Row(
                row=number + 1,
                values=[area, age, texture if number % 4 else None],
                attributions=[parts],
                base_values=[0.5],
                predictions=[0.5 + sum(parts)],
            )
        )
    return found


def driver(feature: str, share: float, direction: float | None = 0.9) -> Driver:
    return Driver(
        feature=feature, mean_abs=share, share=share, direction=direction, quantiles={}, low=0.0, high=1.0,
        effect=0.1, effect_probability=None,
    )  # fmt: skip


DRIVERS = [driver("area", 0.8), driver("age", 0.15), driver("texture", 0.05, None)]


def test_a_dependence_has_a_dot_for_each_row_with_a_value_and_says_its_partner() -> None:
    rows = rows_of(200)
    chart = dependence(rows, FEATURES, "area", "age", WORDS, output_space="log-odds")
    (dots,) = chart.figure["data"]
    assert len(dots["x"]) == 200
    assert dots["x"] == sorted(dots["x"])
    assert all(0 <= colour <= 1 for colour in dots["marker"]["color"])
    assert "age" in dots["customdata"][0][1]
    assert sum(int(row[1]) for row in chart.rows) == 200
    assert len(chart.rows) == 10
    missing = dependence(rows, FEATURES, "texture", None, WORDS, output_space="log-odds")
    assert len(missing.figure["data"][0]["x"]) == 150
    assert missing.figure["data"][0]["marker"]["color"] == "token:accent"
    assert json.loads(json.dumps(missing.figure, allow_nan=False)) == missing.figure


def test_a_feature_with_two_values_makes_two_groups_in_the_table() -> None:
    rows = [
        Row(row=n + 1, values=[float(n % 2)], attributions=[[float(n % 2)]], base_values=[0.0], predictions=[0.0])
        for n in range(40)
    ]
    chart = dependence(rows, ["flag"], "flag", None, {}, output_space="value")
    assert chart.rows == [["0", "20", "0"], ["1", "20", "+1"]]


def test_a_heatmap_goes_from_the_lowest_to_the_highest_answer_and_is_symmetric_about_zero() -> None:
    rows = rows_of(500)
    chart = heatmap(rows, FEATURES, DRIVERS, WORDS, output_space="log-odds")
    (cells,) = chart.figure["data"]
    assert len(cells["z"]) == 3
    assert {len(line) for line in cells["z"]} == {COLUMNS}
    assert cells["zmin"] == -cells["zmax"]
    by_row = {row["row"]: sum(row["attributions"][0]) for row in rows}
    answers = [by_row[number] for number in cells["customdata"][0]]
    assert answers == sorted(answers)
    assert chart.rows[0][0] == "Largest area (mm²)"


def test_every_path_goes_from_the_base_value_to_its_answer_and_the_chosen_one_stands_out() -> None:
    rows = rows_of(120)
    chart = decision(rows, FEATURES, DRIVERS, WORDS, output_space="log-odds", chosen=rows[6], most=2)
    paths = chart.figure["data"]
    assert len(paths) in (PATHS, PATHS + 1)
    by_name = {f"row {row['row']}": row for row in rows}
    for path in paths:
        row = by_name[path["name"]]
        assert path["x"][0] == 0.5
        assert path["x"][-1] == pytest.approx(row["predictions"][0], rel=1e-3, abs=1e-3)
        assert len(path["x"]) == len(path["y"]) == 4
    assert [path["name"] for path in paths if path["line"]["width"] == 3] == ["row 7"]
    assert chart.rows[0][0] == "row 7"


def test_the_partner_is_the_feature_that_bends_the_effect() -> None:
    generator = np.random.default_rng(3)
    values = generator.normal(size=(3_000, 4))
    found = np.column_stack([values[:, 0] * (1 + values[:, 2]), values[:, 1], values[:, 2] * 0.1, np.zeros(3_000)])
    values[::7, 2] = np.nan
    told = digest.partners(list("abcd"), values, found, np.abs(found).mean(axis=0), seed=0)
    assert told["a"] == "c"
    assert told["d"] is None


def test_few_rows_and_empty_columns_have_no_partner() -> None:
    values = np.array([[np.nan, 1.0], [np.nan, 1.0]])
    assert digest.partners(["a", "b"], values, np.zeros((2, 2)), np.zeros(2), seed=0) == {"a": None, "b": None}


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=30))
def test_ranks_correlate_as_in_scipy(pairs: list[tuple[int, int]]) -> None:
    first, second = ([float(value) for value in side] for side in zip(*pairs, strict=True))
    found = rank_correlation(first, second)
    if found is None:
        assert len(set(first)) == 1 or len(set(second)) == 1
    else:
        assert found == pytest.approx(scipy.stats.spearmanr(first, second).statistic, abs=1e-9)


def test_what_turned_and_what_grew_is_said_in_words() -> None:
    second = [driver("age", 0.6), driver("area", 0.3, -0.8), driver("weight", 0.1)]
    found = compare(DRIVERS, second)
    assert [pair.feature for pair in found.pairs] == ["area", "age", "weight", "texture"]
    assert (found.overlap, found.of) == (2, 3)
    said = " ".join(sentences(found, WORDS, names=("v1", "v2")))
    assert "2 of the 3 strongest features are the same in both." in said
    assert "Largest area pushes the result the other way in v2." in said
    assert "v2 rests more on age (15 % to 60 %) and weight (0 % to 10 %)." in said
    assert "v2 rests less on largest area (80 % to 30 %) and texture (5 % to 0 %)." in said
    chart = shares(found.pairs, WORDS, names=("v1", "v2"))
    assert chart.rows[2] == ["weight", "0.0 %", "10.0 %", "not used", "3", "", "raises"]


def test_the_same_twice_differs_in_nothing() -> None:
    said = " ".join(sentences(compare(DRIVERS, DRIVERS), {}, names=("v1", "v2")))
    assert "No feature with a clear direction changes it." in said
    assert "No feature's share of all influence moves" in said


def test_what_forbids_a_comparison_number_by_number_is_said() -> None:
    one = {
        "output_space": "log-odds",
        "data_sha256": "a",
        "model_sha256": "a",
        "seed_spread": None,
        "rows": 500,
        "method": "shap",
    }
    assert reservations(one, one) == []
    other = one | {
        "output_space": "probability",
        "data_sha256": "b",
        "model_sha256": "b",
        "seed_spread": 0.1,
        "rows": 20,
    }
    assert len(reservations(one, other)) == 4


@pytest.mark.django_db
def test_the_page_of_all_charts_draws_the_chosen_feature(
    sign_in: Any, viewer: User, done: Explanation, django_assert_max_num_queries: Any
) -> None:
    client = sign_in(viewer)
    address = f"{done.get_absolute_url()}charts/"
    with django_assert_max_num_queries(6):
        shown = text_of(client.get(address))
    for title in (
        "Its part, by its value",
        "as it changes",
        "in which group of rows",
        "All rows side by side",
        "How rows come to their answers",
    ):
        assert title in shown
    part = client.get(address, {"feature": "age"}, headers={"HX-Request": "true", "HX-Target": "dependence"})
    assert '<option value="age" selected>age (years)</option>' in text_of(part)
    assert "All rows side by side" not in text_of(part)
    groups = text_of(client.get(address, {"column": "age"}, headers={"HX-Request": "true", "HX-Target": "groups"}))
    assert '<option value="age" selected>age (years)</option>' in groups
    assert "All rows side by side" not in groups
    assert client.get(address, {"feature": "nothing", "output": "99", "row": "x"}).status_code == 200


@pytest.mark.django_db
def test_two_explanations_are_compared_on_a_page(
    sign_in: Any, viewer: User, contributor: User, project: Project, done: Explanation
) -> None:

    client = sign_in(viewer)
    address = f"/projects/{project.key}/explanations/compare/"
    assert "there is only one" in text_of(client.get(address))
    again = request_explanation(
        actor=contributor, project=project, model_version=done.model_version, data_set=done.data_set, seed=5
    )
    assert again.job is not None
    assert runs.compute_explanation(again.job.pk) == "done"
    shown = text_of(client.get(address))
    assert re.search(r"(\d) of the \1 strongest features are the same in both\.", shown)
    assert re.search(r"Rank correlation of the shares 1\.00", shown)
    assert "one and the same explanation" in text_of(client.get(address, {"first": done.pk, "second": done.pk}))
    assert client.get(address, {"first": 999, "second": done.pk}).status_code == 400
