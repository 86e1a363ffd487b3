"""A report takes the method whose conditions hold, counts months against its counterfactual, and keeps its promises."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.outcomes.charts.of_report import run_chart_of
from explain.outcomes.compute.effect import level_effect
from explain.outcomes.compute.report import build_report
from explain.outcomes.models import OutcomeReport
from foundation.audit import triggers
from foundation.people.models import User
from foundation.web.digest import canonical_json
from tests.explain.outcomes.conftest import MakeInputs, MakeKpi
from tests.explain.outcomes.examples import around, monthly, weekly

WAVE = [0.0, 3.0, 6.0, 8.0, 6.0, 3.0, 0.0, -3.0, -6.0, -8.0, -6.0, -3.0]


def control(key: str = "other", added_on: str = "2024-06-01") -> dict[str, Any]:
    return {"key": key, "name": "The other line", "part": "control", "why": "No camera there.", "joined_on": None,
            "added_on": added_on}  # fmt: skip


def of_weeks(kpi: MakeKpi, before: list[float], after: list[float], **changes: Any) -> dict[str, Any]:
    made = kpi(frequency="week", series=weekly(date(2024, 12, 30), after), **changes)
    made["baseline"] |= {"values": weekly(date(2024, 1, 1), before), "ends_on": "2024-12-29", "count": len(before)}
    return made


LIVE = {"on": "2024-12-30", "ramp_until": None}


def test_a_control_in_step_takes_its_change_off_and_the_months_follow_its_course(
    inputs: MakeInputs, kpi: MakeKpi
) -> None:
    random = np.random.default_rng(5)
    course = [float(x) for x in 50 + 8 * np.sin(np.arange(104) / 5) + random.normal(0, 0.3, 104)]
    course = [value + (5.0 if k >= 52 else 0.0) for k, value in enumerate(course)]  # everything rose by 5 ...
    values = [value + float(random.normal(50, 0.3)) - (10.0 if k >= 52 else 0.0) for k, value in enumerate(course)]
    made = of_weeks(kpi, values[:52], values[52:], controls=[control()])
    other = [*weekly(date(2024, 1, 1), course[:52]), *weekly(date(2024, 12, 30), course[52:])]
    found = build_report(inputs(kpis=[made], go_live=LIVE, compared={"other": other}))["kpis"][0]
    assert found["effect"]["method"] == "did"
    assert found["effect"]["effect"] == pytest.approx(-10, abs=0.3)  # ... and the change by 10 shows all the same
    assert "The two move one to one" in found["effect"]["why"]
    # The sum of the months is the effect times the periods: what is drawn is what is counted.
    units = sum(month["units"] for month in found["months"])
    assert units == pytest.approx(-found["effect"]["effect"] * found["effect"]["n_post"])
    assert len(found["counterfactual"]) == found["effect"]["n_post"]
    assert len({row[1] for row in found["counterfactual"]}) > 40


def test_a_trend_is_carried_on_and_not_taken_for_an_effect(inputs: MakeInputs, kpi: MakeKpi) -> None:
    random = np.random.default_rng(6)
    values = [float(200 - k + random.normal(0, 2)) for k in range(104)]
    report = build_report(inputs(kpis=[of_weeks(kpi, values[:52], values[52:])], go_live=LIVE))
    found = report["kpis"][0]
    assert found["effect"]["method"] == "its"
    assert found["effect"]["verdict"] == "no_change"
    first, last = found["counterfactual"][0], found["counterfactual"][-1]
    assert last[1] - first[1] == pytest.approx(-50, abs=5)
    assert first[2] < first[1] < first[3]


def test_a_declared_season_is_carried_on(inputs: MakeInputs, kpi: MakeKpi) -> None:
    random = np.random.default_rng(7)
    before, after = (
        [float(level + WAVE[k % 12] + random.normal(0, 0.5)) for k in range(count)]
        for level, count in ((100.0, 36), (90.0, 12))
    )
    made = kpi(season=12, after=after)
    made["baseline"] |= {"starts_on": "2022-01-01", "values": monthly(date(2022, 1, 1), before), "count": 36}
    found = build_report(inputs(kpis=[made]))["kpis"][0]
    assert (found["effect"]["method"], found["season"]) == ("its", 12)
    assert found["effect"]["effect"] == pytest.approx(-10, abs=1.5)
    assert max(row[1] for row in found["counterfactual"]) - min(row[1] for row in found["counterfactual"]) > 12


def test_a_count_takes_its_volume_as_exposure_and_is_not_multiplied_with_it_again(
    inputs: MakeInputs, kpi: MakeKpi
) -> None:
    random = np.random.default_rng(8)
    cases = [float(x) for x in random.integers(800, 1200, 104)]
    events = [float(random.poisson(n * (0.10 if k < 52 else 0.07))) for k, n in enumerate(cases)]
    made = of_weeks(kpi, events[:52], events[52:], counts=True, volume_kpi="cases")
    other = kpi(key="cases", frequency="week", baseline=None, unit_values=[], series=[])
    volumes = [*weekly(date(2024, 1, 1), cases[:52]), *weekly(date(2024, 12, 30), cases[52:])]
    found = build_report(inputs(kpis=[made, other], go_live=LIVE, volumes={"cases": volumes}))["kpis"][0]
    assert found["effect"]["rate_ratio"] == pytest.approx(0.7, abs=0.06)
    units = sum(month["units"] for month in found["months"])
    assert units == pytest.approx(-found["effect"]["effect"] * found["effect"]["n_post"])
    assert [warning["code"] for warning in found["warnings"]] == ["exposure_is_the_volume"]


def test_a_value_per_case_is_counted_on_the_cases_that_there_really_were(inputs: MakeInputs, kpi: MakeKpi) -> None:
    made = kpi(kind="level", volume_kpi="cases", after=[90.0, 92.0] * 6)
    other = kpi(key="cases", baseline=None, unit_values=[], series=[])
    grown = [100.0 * (1 + k) for k in range(12)]
    report = build_report(inputs(kpis=[made, other], volumes={"cases": monthly(date(2025, 1, 1), grown)}))
    by_hand = sum((100.0 - value) * cases for value, cases in zip([90.0, 92.0] * 6, grown, strict=True))
    assert sum(month["units"] for month in report["kpis"][0]["months"]) == pytest.approx(by_hand)
    assert "really were after go-live" in report["kpis"][0]["volume_held"]


def test_the_money_is_drawn_with_the_error_of_the_method_that_was_chosen(inputs: MakeInputs, kpi: MakeKpi) -> None:
    random = np.random.default_rng(9)
    values = [float(200 - k + random.normal(0, 2)) for k in range(104)]
    report = build_report(inputs(kpis=[of_weeks(kpi, values[:52], values[52:])], go_live=LIVE))
    effect, (low, high) = report["kpis"][0]["effect"], report["figures"]["net_interval"]
    half = 1.29 * effect["standard_error"] * 52 * 10  # t(.9) x s.e. x periods x EUR
    assert (high - low) / 2 == pytest.approx(half, rel=0.05)


def test_a_control_that_was_named_after_go_live_is_said_to_be_late(inputs: MakeInputs, kpi: MakeKpi) -> None:
    report = build_report(inputs(kpis=[kpi(controls=[control(added_on="2025-03-01")])], compared={"other": []}))
    assert [warning["code"] for warning in report["kpis"][0]["warnings"]] == ["control_added_late"]


def test_a_structural_report_is_the_same_to_the_byte_with_the_same_seed(inputs: MakeInputs, kpi: MakeKpi) -> None:
    random = np.random.default_rng(10)
    course = [float(x) for x in 50 + 8 * np.sin(np.arange(104) / 5)]
    values = [3 * value + float(random.normal(0, 1)) - (10.0 if k >= 52 else 0.0) for k, value in enumerate(course)]
    other = [*weekly(date(2024, 1, 1), course[:52]), *weekly(date(2024, 12, 30), course[52:])]
    asked = inputs(kpis=[of_weeks(kpi, values[:52], values[52:], controls=[control()])], go_live=LIVE,
                   compared={"other": other})  # fmt: skip
    first, second = (build_report(asked, seed=11) for _ in range(2))
    assert first["kpis"][0]["effect"]["method"] == "structural"
    assert canonical_json(first) == canonical_json(second)
    assert first["figures"]["chance_positive"] is not None  # an interval of paths has no degrees of freedom


def test_statsmodels_is_loaded_only_where_its_method_is_called_for() -> None:
    code = (
        "import sys; from explain.outcomes.compute.answer import effect; "
        "effect({'values': [1.0, 2.0, 3.0, 2.0] * 10, 'go_live': 20}); "
        "sys.exit('statsmodels' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.django_db
def test_a_report_of_the_former_formula_is_still_shown(reported: OutcomeReport, lead: User, sign_in: Any) -> None:
    """Reports before report-2 have neither counterfactual nor warnings; their chart draws the baseline's mean."""
    result = dict(reported.result)
    new = (
        "counterfactual",
        "warnings",
        "with_all",
        "exclusions",
        "controls",
        "season",
        "counts",
        "bridge",
        "volume_held",
    )
    old = [{name: value for name, value in kpi.items() if name not in new} for kpi in result["kpis"]]
    result |= {"kpis": old, "formula_version": "report-1"}
    del result["retirement"]
    triggers.remove_kept(connection, OutcomeReport._meta.db_table)
    OutcomeReport.objects.filter(pk=reported.pk).update(result=result)
    page = sign_in(lead).get(f"/projects/{reported.project.key}/outcomes/1/")
    assert page.status_code == 200
    chart = run_chart_of(old[0], result)
    assert chart is not None
    assert "without the change" in [trace.get("name") for trace in chart["data"]]


_numbers = st.lists(st.integers(-1000, 1000).map(float), min_size=24, max_size=40)


@settings(max_examples=40, deadline=None)
@given(values=_numbers, shift=st.integers(-10_000, 10_000), factor=st.sampled_from([0.25, 0.5, 2.0, 8.0]))
def test_shifting_leaves_the_effect_and_scaling_scales_it(values: list[float], shift: int, factor: float) -> None:
    plain = level_effect(values, 12)
    moved, scaled = level_effect([v + shift for v in values], 12), level_effect([v * factor for v in values], 12)
    if plain.effect is None or plain.interval is None:
        assert moved.effect is None
        assert scaled.effect is None
        return
    near = 1e-6 * (abs(shift) + 1000)
    assert moved.effect == pytest.approx(plain.effect, abs=near)
    assert moved.interval == pytest.approx(plain.interval, abs=near)
    assert scaled.effect == pytest.approx(plain.effect * factor, abs=1e-9)
    assert scaled.interval == pytest.approx([bound * factor for bound in plain.interval], abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(values=_numbers)
def test_reversing_a_series_turns_its_effect_round(values: list[float]) -> None:
    there, back = level_effect(values, 12), level_effect(values[::-1], len(values) - 12)
    if there.effect is None or there.interval is None:
        assert back.effect is None
        return
    assert back.effect == pytest.approx(-there.effect, abs=1e-6)
    assert back.interval == pytest.approx([-there.interval[1], -there.interval[0]], abs=1e-6)


@pytest.mark.parametrize("shift", [0.0, 1000.0])
def test_a_shifted_report_brings_the_same_money(inputs: MakeInputs, kpi: MakeKpi, shift: float) -> None:
    made = kpi(after=[value + shift for value in around(90.0, 12)])
    made["baseline"]["values"] = monthly(date(2024, 1, 1), [value + shift for value in around(100.0, 12)])
    assert Decimal(build_report(inputs(kpis=[made]))["figures"]["benefits_to_date"]) == 1200
