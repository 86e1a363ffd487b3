"""LIME: weights of local linear models, how well they fit, and how far two seeds lie apart."""

from __future__ import annotations

import numpy as np
import pytest
from lime.lime_tabular import LimeTabularExplainer
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from explain.attributions.engines.lime_local import ROWS, Lime, lime_rows
from explain.attributions.engines.result import Floats
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused


def engine(predict: object, background: Floats, seed: int = 0) -> Lime:
    return Lime(predict, background, seed, "value", "the rows themselves", "asked for")  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def background() -> Floats:
    return np.random.default_rng(1).normal(size=(800, 4))


def test_a_model_of_quartiles_is_fitted_wholly_and_its_parts_add_up(background: Floats) -> None:
    low = np.quantile(background, 0.25, axis=0)

    def predict(values: Floats) -> Floats:
        """3 where the first is in the lowest quartile, 2 where the second is; nothing else counts."""
        return (3.0 * (values[:, 0] <= low[0]) + 2.0 * (values[:, 1] <= low[1]))[:, None]

    lime = engine(predict, background)
    rows = np.array([[-3.0, -3.0, 0.0, 0.0]])
    found = lime.explain(rows)
    parts = found.values[0, :, 0]
    assert parts[0] == pytest.approx(3 * 0.70, abs=0.25)  # 1 less its weighted mean, near the row more often met
    assert parts[1] / parts[0] == pytest.approx(2 / 3, abs=0.05)
    assert np.abs(parts[2:]).max() < 0.05
    assert found.base_values[0, 0] + parts.sum() == pytest.approx(5.0, abs=0.05)
    assert found.fit is not None
    assert found.fit[0, 0] > 0.999


def test_a_model_that_no_line_follows_says_so_by_its_r2(background: Floats) -> None:
    lime = engine(lambda values: np.sin(40 * values[:, [0]]) * np.sign(values[:, [1]]), background)
    fit = lime.explain(background[:3]).fit
    assert fit is not None
    assert fit.max() < 0.2


def test_a_constant_model_has_no_parts_and_fits(background: Floats) -> None:
    lime = engine(lambda values: np.full((len(values), 2), 7.0), background)
    found = lime.explain(background[:2])
    assert np.abs(found.values).max() < 1e-9
    np.testing.assert_allclose(found.base_values, 7.0)
    np.testing.assert_array_equal(found.fit, [[1.0, 1.0]] * 2)


def test_empty_cells_are_a_value_of_their_own(background: Floats) -> None:
    holed = background.copy()
    holed[::3, 2] = np.nan
    lime = engine(lambda values: np.isnan(values[:, [2]]).astype(float), holed)
    found = lime.explain(np.array([[0.0, 0.0, np.nan, 0.0]]))
    assert found.values[0, 2, 0] == pytest.approx(np.abs(found.values).max())
    assert found.fit is not None
    assert found.fit[0, 0] > 0.999


def test_the_same_seed_gives_the_same_and_another_one_shows_the_spread(background: Floats) -> None:
    def predict(values: Floats) -> Floats:
        return (values[:, [0]] * values[:, [1]]) ** 2

    first, again, other = (engine(predict, background, seed).explain(background[:2]) for seed in (3, 3, 4))
    assert np.array_equal(first.values, again.values)
    assert not np.array_equal(first.values, other.values)
    assert first.spread is not None
    assert first.spread.max() > 0


def test_the_order_of_the_strongest_is_that_of_the_lime_package() -> None:
    frame, target = load_breast_cancer(return_X_y=True)
    frame = frame[:, :6]
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(frame, target)
    theirs = LimeTabularExplainer(frame, mode="classification", random_state=0, feature_selection="none")
    ours = engine(lambda values: model.predict_proba(values)[:, [1]], frame)
    agreed = []
    for row in frame[[0, 19, 100, 250, 400]]:
        exp = theirs.explain_instance(row, model.predict_proba, num_features=6, num_samples=3_000)
        wanted = np.zeros(6)
        for place, weight in exp.local_exp[1]:
            wanted[place] = weight
        found = ours.explain(row[None]).values[0, :, 0]
        strong = int(np.abs(wanted).argmax())
        assert np.sign(found[strong]) == np.sign(wanted[strong])
        agreed.append(np.corrcoef(found, wanted)[0, 1])
    assert np.mean(agreed) > 0.85


def test_rows_have_a_budget() -> None:
    limits = Limits()
    assert lime_rows(50_000, limits, rows_asked=None) == ROWS
    assert lime_rows(500, limits, rows_asked=400) == 400
    with pytest.raises(ExplainRefused, match="at most 2,000 rows"):
        lime_rows(50_000, limits, rows_asked=50_000)
