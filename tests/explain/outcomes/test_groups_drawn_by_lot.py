"""Method 1: units of which a lot decided, compared by Welch with each unit's own baseline (CUPED)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from explain.outcomes.compute.answer import effect
from explain.outcomes.compute.methods.randomised import theta_of, welch
from explain.outcomes.compute.refusal import CalculationRefused
from explain.outcomes.compute.report import build_report
from tests.explain.outcomes.conftest import MakeInputs, MakeKpi

BEFORE, AFTER = 20, 20


def units(count: int, change: float, seed: int, before: bool = True) -> list[list[float | None]]:
    """Units that differ by 5 among each other and by 1 from period to period, `change` higher after."""
    random = np.random.default_rng(seed)
    rows = random.normal(100, 5, (count, 1)) + random.normal(0, 1, (count, BEFORE + AFTER))
    rows[:, BEFORE:] += change
    return [[None if k < BEFORE and not before else float(x) for k, x in enumerate(row)] for row in rows]


def asked(treated: list[list[float | None]], control: list[list[float | None]], **more: Any) -> dict[str, Any]:
    values = np.nanmean(np.array(treated, dtype=float), axis=0)
    return {
        "values": [None if np.isnan(value) else float(value) for value in values],
        "go_live": BEFORE,
        "groups": {"treated": treated, "control": control},
        **more,
    }


def test_the_difference_its_error_and_freedom_are_those_of_welch() -> None:
    random = np.random.default_rng(3)
    first, second = random.normal(5, 1, 9), random.normal(4, 3, 14)
    found, oracle = welch(first, second), stats.ttest_ind(first, second, equal_var=False)
    assert found.difference / found.error == pytest.approx(oracle.statistic)
    assert found.freedom == pytest.approx(oracle.df)


def test_theta_is_the_covariance_over_the_variance_within_the_groups() -> None:
    random = np.random.default_rng(4)
    x = random.normal(0, 1, 40)
    y = 3 * x + random.normal(0, 0.1, 40)
    theta = theta_of([(y[:20] + 50, x[:20]), (y[20:], x[20:] + 9)])
    assert theta == pytest.approx(3, abs=0.1)
    assert theta_of([(y, np.ones(40))]) is None


def test_groups_of_a_lot_are_chosen_before_everything_else_and_give_the_truth() -> None:
    found = effect(asked(units(12, -3.0, 1), units(12, 0.0, 2), direction="decrease"))
    assert (found["method"], found["status"], found["verdict"]) == ("randomised", "measured", "improved")
    assert found["interval"][0] < -3.0 < found["interval"][1]
    assert "12 units with the change, 12 without it" in found["why"]
    assert len(found["counterfactual"]) == AFTER
    away = [value - row["value"] for value, row in zip(asked(units(12, -3.0, 1), [])["values"][BEFORE:],
                                                       found["counterfactual"], strict=True)]  # fmt: skip
    assert float(np.mean(away)) == pytest.approx(found["effect"])


def test_the_units_own_baselines_make_the_interval_narrower() -> None:
    with_baseline = effect(asked(units(12, -3.0, 1), units(12, 0.0, 2)))
    treated, control = units(12, -3.0, 1), units(12, 0.0, 2, before=False)
    without = effect({**asked(treated, control)})
    assert with_baseline["standard_error"] < without["standard_error"] / 3


def test_the_interval_of_groups_holds_the_truth_in_nineteen_of_twenty() -> None:
    held = 0
    for seed in range(200):
        found = effect(asked(units(8, 2.0, 2 * seed), units(8, 0.0, 2 * seed + 1)))
        held += found["interval"][0] <= 2.0 <= found["interval"][1]
    assert held >= 183  # a share of 0.95 gives 183 or more in 99 of 100 such tests


def test_too_few_units_leave_the_question_to_the_next_method() -> None:
    found = effect(asked(units(3, -3.0, 1), units(12, 0.0, 2)))
    assert found["method"] != "randomised"
    assert "too few have figures: 4 on each side are needed" in found["why"]


@pytest.mark.parametrize(
    ("groups", "field"),
    [([], "groups"), ({"treated": []}, "groups"), ({"treated": [[1]], "control": [[1]]}, "groups.treated[0]")],
)
def test_groups_that_are_none_are_refused_by_name(groups: Any, field: str) -> None:
    with pytest.raises(CalculationRefused) as error:
        effect({"values": [1.0] * 20, "go_live": 10, "groups": groups})
    assert error.value.field == field


def test_the_method_cannot_be_asked_for_without_groups() -> None:
    with pytest.raises(CalculationRefused) as error:
        effect({"values": [1.0] * 20, "go_live": 10, "method": "randomised"})
    assert error.value.code == "missing"


def test_a_report_compares_units_until_the_first_that_waited_joins(inputs: MakeInputs, kpi: MakeKpi) -> None:
    def unit(name: str, change: float, joined: float = 0.0) -> list[list[Any]]:
        base = 100.0 + len(name)  # units differ by their names' length only
        rows = [[f"2024-{k:02d}-01", base + k % 2, 1] for k in range(1, 13)]
        return rows + [[f"2025-{k:02d}-01", base + k % 2 + change + (joined if k > 9 else 0), 1] for k in range(1, 13)]

    names = ["u" * k for k in range(1, 6)]
    controls = [
        *({"key": f"t{n}", "name": n, "part": "treated", "why": "Lot.", "joined_on": None, "added_on": "2024-12-01"}
          for n in names),
        *({"key": f"h{n}", "name": n, "part": "held", "why": "Lot.", "added_on": "2024-12-01",
           "joined_on": "2025-10-01" if n == "u" else None} for n in names),
    ]  # fmt: skip
    compared = {f"t{n}": unit(n, -10.0) for n in names} | {
        f"h{n}": unit(n, 0.0, -10.0 if n == "u" else 0) for n in names
    }
    made = kpi(kind="level", after=[90.0, 91.0] * 6, controls=controls)
    found = build_report(inputs(kpis=[made], compared=compared))["kpis"][0]
    assert found["effect"]["method"] == "randomised"
    assert found["effect"]["effect"] == pytest.approx(-10.0)
    assert len(found["controls"]) == 10
