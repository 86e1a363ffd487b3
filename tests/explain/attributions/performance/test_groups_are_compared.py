"""Groups: how they are cut, what is compared, and which differences are put into words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn import metrics

from explain.attributions.performance.groups import MOST, cut
from explain.attributions.performance.measured import Answerer, measure
from explain.attributions.performance.others import REST
from explain.attributions.performance.shown.of_groups import group_table
from explain.attributions.performance.truth import Column

NAN = float("nan")


def _rows(seed: int = 0, n: int = 900) -> tuple[Any, Any, Any]:
    """Chances, truth and a group of 0 and 1; in group 1 a third of the positives gets a low chance."""
    generator = np.random.default_rng(seed)
    group, truth = (generator.random(n) < 0.4).astype(float), generator.random(n) < 0.5
    chance = np.where(truth, 0.8, 0.3)
    chance[(group == 1) & truth & (generator.random(n) < 0.33)] = 0.2
    return chance, truth, group


def test_rates_of_a_group_are_those_of_its_rows_alone() -> None:
    chance, truth, group = _rows()
    found, _ = measure(
        Answerer("binary", ("0", "1"), "probability"),
        chance[:, None],
        Column("y", truth.astype(float)),
        [Column("sex", group)],
    )
    assert found is not None
    one = found["groupings"][0]
    assert (one["reference"], [entry["name"] for entry in one["groups"]]) == ("0", ["0", "1"])
    for place, entry in enumerate(one["groups"]):
        inside = group == place
        tn, fp, fn, tp = metrics.confusion_matrix(truth[inside], chance[inside] >= 0.5).ravel()
        assert (entry["rates"]["found"]["k"], entry["rates"]["found"]["n"]) == (tp, tp + fn)
        assert (entry["rates"]["false_alarms"]["k"], entry["rates"]["false_alarms"]["n"]) == (fp, fp + tn)
        assert (entry["rates"]["selection"]["k"], entry["n"]) == (tp + fp, inside.sum())
        assert entry["predicted"] == pytest.approx(chance[inside].mean(), rel=1e-5)
    gap = one["groups"][1]["differences"]["found"]
    assert gap["high"] is not None
    assert gap["high"] < 0
    assert one["groups"][0]["differences"] == {}
    says = " ".join(group_table(one, "Sex").says)
    assert "The group 1 is found less often than 0" in says
    assert "false alarm" not in says


def test_equal_groups_are_said_to_be_equal_and_small_ones_are_not_judged() -> None:
    chance, truth, _ = _rows()
    names = np.zeros(len(chance))
    names[:12] = 1
    found, _ = measure(
        Answerer("binary", ("0", "1"), "probability"),
        chance[:, None],
        Column("y", truth.astype(float)),
        [Column("place", names, ("here", "there")), Column("all", np.zeros(len(chance)))],
    )
    assert found is not None
    table = group_table(found["groupings"][0], "Place")
    assert [row.few for row in table.rows] == [False, True]
    assert table.says[0].startswith("No group differs from the largest one, here")
    assert table.says[-1] == "Too few rows to judge: there."
    assert found["groupings_why"] == ["all has the same value in every row, so there are no groups to compare."]


def test_numbers_are_compared_by_mean_error() -> None:
    generator = np.random.default_rng(3)
    group = np.repeat([0.0, 1.0], [300, 200])
    truth = generator.normal(size=500)
    raw = (truth + np.where(group == 1, 1.0, 0.0) + generator.normal(size=500) * 0.1)[:, None]
    found, _ = measure(Answerer("regression", (), "value"), raw, Column("y", truth), [Column("sex", group, ("f", "m"))])
    assert found is not None
    men = found["groupings"][0]["groups"][1]
    assert men["mean_error"] is not None
    assert men["mean_error"]["value"] == pytest.approx(-1, abs=0.03)
    assert men["differences"]["mean_error"]["value"] == pytest.approx(-1, abs=0.03)
    assert "m is answered higher against its truth than f" in group_table(found["groupings"][0], "Sex").says[0]


def test_many_numbers_are_cut_into_quarters_of_about_the_same_size() -> None:
    places, names, how = cut(Column("age", np.concatenate([np.arange(20.0, 80.0), [NAN]])))
    assert names == ["up to 34.75", "34.75 to 49.5", "49.5 to 64.25", "over 64.25", "no value"]
    assert np.bincount(places).tolist() == [15, 15, 15, 15, 1]
    assert how == "by quarter of the rows"


def test_many_words_keep_the_largest_groups_and_lose_no_row() -> None:
    generator = np.random.default_rng(5)
    values = np.minimum(generator.geometric(0.15, 2000) - 1, 29).astype(float)
    places, names, _ = cut(Column("town", values, tuple(f"town {place}" for place in range(30))))
    assert len(names) == MOST
    assert names[-1] == REST
    assert np.bincount(places, minlength=MOST).sum() == 2000
    assert (np.bincount(places)[:-1] >= np.unique(values, return_counts=True)[1].min()).all()


def test_a_column_with_most_rows_at_its_top_still_gives_groups() -> None:
    values = np.concatenate([np.arange(30.0), np.full(200, 99.0)])
    places, names, _ = cut(Column("score", values))
    assert len(names) == len(set(places.tolist()))
