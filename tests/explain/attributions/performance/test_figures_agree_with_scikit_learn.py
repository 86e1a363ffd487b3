"""The figures are those that scikit-learn computes, on real rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn import metrics
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from explain.attributions.performance.measured import Answerer, measure
from explain.attributions.performance.others import REST
from explain.attributions.performance.shapes import Performance
from explain.attributions.performance.truth import Column


def _measured(kind: str, space: str, raw: Any, truth: Any, classes: tuple[str, ...] = ("0", "1")) -> Performance:
    raw = np.asarray(raw, dtype=float).reshape(len(truth), -1)
    found, why = measure(Answerer(kind, classes, space), raw, Column("truth", np.asarray(truth, dtype=float)))
    assert why == ""
    assert found is not None
    return found


@pytest.fixture(scope="module", params=["log-odds", "probability"])
def two(request: pytest.FixtureRequest) -> tuple[Any, Any, Performance]:
    """Truth and chances of rows that the model has not seen, and what was measured; chances of a forest have ties."""
    rows, truth = load_breast_cancer(return_X_y=True)
    rows, train = rows[:, :3], np.arange(len(rows)) % 2 == 0
    if request.param == "log-odds":
        model: Any = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows[train], truth[train])
        raw = model.decision_function(rows[~train])
    else:
        model = RandomForestClassifier(12, random_state=0).fit(rows[train], truth[train])
        raw = model.predict_proba(rows[~train])[:, 1]
    return (
        truth[~train],
        model.predict_proba(rows[~train])[:, 1],
        _measured("binary", request.param, raw, truth[~train]),
    )


def test_losses_and_areas_of_two_classes(two: tuple[Any, Any, Performance]) -> None:
    truth, chance, performance = two
    found = performance["binary"]
    assert found is not None
    for name, wanted in (
        ("log_loss", metrics.log_loss(truth, chance)),
        ("log_loss_reference", metrics.log_loss(truth, np.full(len(truth), truth.mean()))),
        ("brier", metrics.brier_score_loss(truth, chance)),
        ("average_precision", metrics.average_precision_score(truth, chance)),
    ):
        assert found[name] == pytest.approx(wanted, rel=1e-5), name  # type: ignore[literal-required]
    assert found["auc"]["value"] == pytest.approx(metrics.roc_auc_score(truth, chance), rel=1e-5)
    assert found["positives"] == truth.sum()


def test_counts_at_each_threshold_are_those_of_the_confusion_matrix(two: tuple[Any, Any, Performance]) -> None:
    truth, chance, performance = two
    found = performance["binary"]
    assert found is not None
    table = found["thresholds"]
    for place in (0, 10, 30, 50, 75, 99, 100):
        wanted = metrics.confusion_matrix(truth, chance >= table["at"][place], labels=[0, 1]).ravel()
        assert [table[name][place] for name in ("tn", "fp", "fn", "tp")] == wanted.tolist()  # type: ignore[literal-required]


def test_curves_lie_on_those_of_scikit_learn(two: tuple[Any, Any, Performance]) -> None:
    truth, chance, performance = two
    found = performance["binary"]
    assert found is not None
    alarms, hits, _ = metrics.roc_curve(truth, chance, drop_intermediate=False)
    wanted = set(zip(np.round(alarms, 5), np.round(hits, 5), strict=True))
    assert set(zip(found["roc"]["x"], found["roc"]["y"], strict=True)) <= wanted
    assert len(found["roc"]["x"]) <= 200
    precision, recall, _ = metrics.precision_recall_curve(truth, chance)
    points = set(zip(np.round(recall, 5), np.round(precision, 5), strict=True))
    assert set(zip(found["precision_recall"]["x"], found["precision_recall"]["y"], strict=True)) <= points


def test_several_classes() -> None:
    rows, truth = load_digits(return_X_y=True)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01)).fit(rows[:600], truth[:600])
    raw, truth = model.decision_function(rows[600:]), truth[600:]
    named, chances = model.predict(rows[600:]), model.predict_proba(rows[600:])
    names = tuple(str(name) for name in range(10))
    found = _measured("multiclass", "log-odds", raw, truth, names)["classes"]
    assert found is not None
    assert found["confusion"] == metrics.confusion_matrix(truth, named).tolist()
    assert found["accuracy"]["value"] == pytest.approx(metrics.accuracy_score(truth, named), rel=1e-5)
    assert found["macro_recall"] == pytest.approx(metrics.recall_score(truth, named, average="macro"), rel=1e-5)
    assert found["macro_precision"] == pytest.approx(metrics.precision_score(truth, named, average="macro"), rel=1e-5)
    assert found["log_loss"] == pytest.approx(metrics.log_loss(truth, chances), rel=1e-5)


def test_many_classes_are_folded_and_no_row_is_lost() -> None:
    generator = np.random.default_rng(0)
    truth = np.minimum(generator.geometric(0.08, 3000) - 1, 34)
    raw = generator.normal(size=(3000, 35))
    raw[np.arange(3000), truth] += 2
    names = tuple(f"class {name}" for name in range(35))
    column = Column("truth", truth.astype(float), names)
    found, _ = measure(Answerer("multiclass", names, "log-odds"), raw, column)
    assert found is not None
    assert found["classes"] is not None
    table = found["classes"]
    assert (len(table["shown"]), table["shown"][-1], table["folded"]) == (20, REST, 16)
    assert sum(map(sum, table["confusion"])) == 3000
    assert len(table["by_class"]) == 35


def test_numbers() -> None:
    rows, truth = load_diabetes(return_X_y=True)
    model = Ridge().fit(rows[:220], truth[:220])
    predicted, truth = model.predict(rows[220:]), truth[220:]
    found = _measured("regression", "value", predicted, truth)["numbers"]
    assert found is not None
    for name, wanted in (
        ("mae", metrics.mean_absolute_error(truth, predicted)),
        ("rmse", metrics.root_mean_squared_error(truth, predicted)),
        ("r2", metrics.r2_score(truth, predicted)),
        ("mean_error", float((truth - predicted).mean())),
    ):
        estimate = found[name]  # type: ignore[literal-required]
        assert estimate["value"] == pytest.approx(wanted, rel=1e-5), name
        assert estimate["low"] < wanted < estimate["high"], name
    assert sum(tenth["n"] for tenth in found["tenths"]) == len(truth)


def test_an_answer_in_logs_is_held_against_the_truth_in_its_own_unit() -> None:
    truth = np.array([1.0, 4.0, 9.0, 2.0])
    found = _measured("regression", "log", np.log(truth + 1), truth)["numbers"]
    assert found is not None
    assert found["mean_error"]["value"] == pytest.approx(-1)


def test_the_interval_of_an_auc_is_as_wide_as_the_bootstrap_says() -> None:
    generator = np.random.default_rng(1)
    truth = generator.random(400) < 0.3
    chance = 1 / (1 + np.exp(-(generator.normal(size=400) + 1.2 * truth)))
    found = _measured("binary", "probability", chance, truth)["binary"]
    assert found is not None
    again = []
    for _ in range(300):
        drawn = generator.integers(0, 400, 400)
        again.append(metrics.roc_auc_score(truth[drawn], chance[drawn]))
    low, high = np.quantile(again, (0.025, 0.975))
    assert found["auc_interval"] == "DeLong 1988"
    assert found["auc"]["low"] == pytest.approx(low, abs=0.02)
    assert found["auc"]["high"] == pytest.approx(high, abs=0.02)


def test_large_residuals_stay_in_the_sample() -> None:
    generator = np.random.default_rng(2)
    predicted = generator.normal(size=5000)
    truth = predicted + generator.normal(size=5000) * 0.1
    truth[77] += 40
    found = _measured("regression", "value", predicted, truth)["numbers"]
    assert found is not None
    assert len(found["residuals"]["residual"]) == 1000
    assert max(found["residuals"]["residual"]) > 39
    assert "1,000 of 5,000 rows are drawn" in found["residuals"]["sampling"]
