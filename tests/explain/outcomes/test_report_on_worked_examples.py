"""A report from inputs whose answers are worked out by hand beside each test."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.outcomes.compute.refusal import CalculationRefused
from explain.outcomes.compute.report import build_report
from foundation.web.digest import canonical_json
from tests.explain.outcomes.conftest import MakeInputs, MakeKpi
from tests.explain.outcomes.examples import around, line, monthly, weekly


def codes(report: dict[str, Any]) -> list[str]:
    return [caveat["code"] for caveat in report["caveats"]]


def test_ten_defects_fewer_a_month_at_ten_each_bring_1200_a_year(inputs: MakeInputs) -> None:
    # 12 months x 10 defects x 10 EUR = 1200; spent 600; ROI (1200 - 600)/600 = 100 %.
    report = build_report(inputs())
    figures = report["figures"]
    assert figures["benefits_to_date"] == "1200.00"
    assert figures["costs_to_date"] == "600.00"
    assert figures["net_to_date"] == "600.00"
    assert figures["roi_percent"] == "100.0000"
    # Running: -510, -400, -290, -200, -110, 0: at zero for good after the sixth month, which has index 5.
    assert figures["payback"] == "5.00"
    # The year ahead brings another 12 x 100 without cost; at no discount NPV = 600 + 1200.
    assert figures["npv_horizon"] == "1800.00"
    assert figures["npv_forecast"] == "1200.00"
    # NPV is zero at 600/2400 of the benefits.
    assert figures["break_even_factor"] == "0.2500"
    assert report["grade"] == "measured"
    assert report["months_measured"] == report["months_expected"] == 12
    assert report["kpis"][0]["effect"]["effect"] == -10.0
    assert report["kpis"][0]["effect"]["verdict"] == "improved"


def test_a_forecast_is_never_summed_into_what_is_realised(inputs: MakeInputs) -> None:
    report = build_report(inputs())
    ahead = [row for row in report["months"] if row["is_forecast"]]
    past = [row for row in report["months"] if not row["is_forecast"]]
    assert len(past) == len(ahead) == 12
    assert all(row["benefit"] is None and row["cumulative_realised"] is None for row in ahead)
    assert all(row["forecast_benefit"] is None and row["cumulative_forecast"] is None for row in past)
    assert sum(Decimal(row["benefit"]) for row in past) == Decimal(report["figures"]["benefits_to_date"])


def test_money_is_discounted_by_the_month(inputs: MakeInputs) -> None:
    # 21 % a year: after 12 months a flow is worth 1/1.21. One cost now, one benefit of 121 planned twelve months later.
    lines = [
        line("cost", "planned", "2025-01-01", "100"),
        line("benefit", "planned", "2026-01-01", "121"),
    ]
    report = build_report(inputs(kpis=[], lines=lines, project={"discount_rate": "0.21"}, go_live=None))
    assert report["figures"]["planned"]["npv"] == "0.00"
    assert report["grade"] == "assumed"
    assert report["figures"]["roi_percent"] is None
    assert report["figures"]["undefined"]["roi_percent"] == "nothing measured yet"


def test_a_case_based_kpi_is_counted_with_the_cases_of_the_month(inputs: MakeInputs, kpi: MakeKpi) -> None:
    # 10 minutes less a case x 50 cases x 0.5 EUR a minute = 250 a month; 40 % of it is this project's, a quarter is cash.
    minutes = kpi(
        kind="level",
        unit="min",
        volume_kpi="cases",
        attribution="0.4",
        cashable="0.25",
        series=monthly(date(2025, 1, 1), [90.0, 90.0, 90.0, 90.0] * 3),
    )
    minutes["unit_values"][0]["amount"] = "0.5"
    cases = kpi(key="cases", baseline=None, unit_values=[], is_primary=False, series=[])
    report = build_report(inputs(kpis=[minutes, cases], volumes={"cases": monthly(date(2025, 1, 1), [50.0] * 12)}))
    found = report["kpis"][0]
    assert [row["key"] for row in report["kpis"]] == ["defects"]
    assert {month["units"] for month in found["months"]} == {500.0}
    assert report["figures"]["benefits_to_date"] == "300.00"  # 12 x 250 x 0.4 x 0.25
    assert report["figures"]["benefits_to_date_soft"] == "1200.00"  # 12 x 250 x 0.4
    steps = {row["label"]: row["amount"] for row in report["waterfall"]}
    assert steps == {
        "Gross benefit": "3000.00",
        "Share of others": "-1800.00",
        "Freed, not cash": "-900.00",
        "Build": "-600.00",
        "Net to date": "-300.00",
    }


def test_a_weekly_kpi_meets_monthly_cases_by_the_mean_of_the_month(inputs: MakeInputs, kpi: MakeKpi) -> None:
    # Weeks that begin in the month, mean improvement 10, times 50 cases, times 10 EUR; January 2026 is not over.
    values = weekly(date(2024, 1, 1), around(100.0, 52))
    made = kpi(
        kind="level",
        frequency="week",
        volume_kpi="cases",
        series=weekly(date(2025, 1, 6), [90.0] * 51),
    )
    made["baseline"] |= {"values": values, "count": 52}
    cases = kpi(key="cases", baseline=None, unit_values=[], series=[])
    report = build_report(inputs(kpis=[made, cases], volumes={"cases": monthly(date(2025, 1, 1), [50.0] * 12)}))
    assert report["figures"]["benefits_to_date"] == "60000.00"
    assert report["months_measured"] == 12


def test_a_level_without_volume_counts_by_the_share_of_the_month(inputs: MakeInputs, kpi: MakeKpi) -> None:
    # Live from 15 January: the monthly reading of January began before, so February is the first month: 11 x 10 x 10.
    stock = kpi(kind="level", series=monthly(date(2025, 1, 1), [90.0] * 12))
    report = build_report(inputs(kpis=[stock], go_live={"on": "2025-01-15", "ramp_until": None}))
    assert report["figures"]["benefits_to_date"] == "1100.00"
    assert report["months_expected"] == 11


def test_the_ramp_counts_in_the_money_but_not_in_the_effect(inputs: MakeInputs, kpi: MakeKpi) -> None:
    # Two months of ramp at 5 better, ten at 10 better: 2 x 50 + 10 x 100 = 1100; the effect is that of the ten.
    values = [95.0, 95.0, *([91.0, 89.0] * 5)]
    report = build_report(inputs(kpis=[kpi(after=values)], go_live={"on": "2025-01-01", "ramp_until": "2025-03-01"}))
    assert report["kpis"][0]["effect"]["n_post"] == 10
    assert report["kpis"][0]["effect"]["effect"] == -10.0
    assert report["figures"]["benefits_to_date"] == "1100.00"


def test_a_month_without_readings_is_unknown_and_not_zero(inputs: MakeInputs, kpi: MakeKpi) -> None:
    made = kpi(after=[90.0, 91.0, 89.0, 90.0, 90.0, 91.0, 89.0, 90.0, 90.0, 91.0, 89.0, 90.0])
    del made["series"][3]
    report = build_report(
        inputs(kpis=[made], lines=[*inputs()["cash_lines"], line("benefit", "planned", "2025-04-01", "70")])
    )
    april = report["months"][3]
    assert april["benefit"] is None
    assert april["unknown"] == ["Defects"]
    assert (report["months_measured"], report["months_expected"]) == (11, 12)
    assert report["figures"]["benefits_to_date"] == "1100.00"
    assert "benefits_unknown" in codes(report)
    assert report["plan"]["months_unknown"] == 1
    assert "11 of 12 months since go-live are measured." in report["statements"]
    assert {row["label"]: row["amount"] for row in report["variance"]}[
        "Planned benefits of months that are not measured"
    ] == "-70.00"


def test_a_worsening_is_a_dis_benefit_and_is_kept(inputs: MakeInputs, kpi: MakeKpi) -> None:
    report = build_report(inputs(kpis=[kpi(after=around(105.0, 12))]))
    assert report["kpis"][0]["effect"]["verdict"] == "worsened"
    assert report["figures"]["benefits_to_date"] == "-600.00"
    assert report["figures"]["net_to_date"] == "-1200.00"
    assert report["figures"]["roi_percent"] == "-200.0000"
    assert report["figures"]["payback_status"] == "never"
    assert report["figures"]["irr"]["status"] == "none"
    assert {"label": "Months that were worse", "amount": "-600.00", "kind": "change"} in report["waterfall"]
    assert "Not shown to be worth its cost" in " ".join(report["statements"])


def test_without_cost_roi_is_undefined_and_the_net_is_shown(inputs: MakeInputs) -> None:
    report = build_report(inputs(lines=[]))
    assert report["figures"]["net_to_date"] == "1200.00"
    assert report["figures"]["roi_percent"] is None
    assert report["figures"]["undefined"]["roi_percent"] == "zero cost"


@pytest.mark.parametrize("where", ["line", "value"])
def test_unlike_currencies_give_no_total_but_leave_the_effect(inputs: MakeInputs, kpi: MakeKpi, where: str) -> None:
    made = kpi()
    lines = [line("cost", "actual", "2025-01-01", "600")]
    if where == "line":
        lines.append(line("cost", "actual", "2025-02-01", "5", currency="USD"))
    else:
        made["unit_values"][0]["currency"] = "USD"
    report = build_report(inputs(kpis=[made], lines=lines))
    assert report["figures"]["net_to_date"] is None
    assert report["figures"]["npv_horizon"] is None
    assert report["figures"]["undefined"]["net_to_date"] == "other currencies without a rate"
    assert "currency_mismatch" in codes(report)
    assert report["kpis"][0]["effect"]["effect"] == -10.0
    assert report["portfolio"]["realised_net"] == []


def test_a_project_with_outputs_only_shows_no_outcome_and_no_roi(inputs: MakeInputs) -> None:
    outputs = [{"name": "triage", "number": 1, "metrics": {"auc": 0.97}}]
    report = build_report(inputs(kpis=[], outputs=outputs))
    assert report["grade"] == ""
    assert report["figures"]["roi_percent"] is None
    assert report["figures"]["net_to_date"] is None
    assert report["figures"]["costs_to_date"] == "600.00"
    assert report["figures"]["undefined"]["roi_percent"] == "no outcome measured"
    assert report["outputs"] == outputs
    assert report["statements"][0].startswith("No outcome measured.")


def test_too_few_readings_give_a_reason_instead_of_a_number(inputs: MakeInputs, kpi: MakeKpi) -> None:
    report = build_report(inputs(kpis=[kpi(after=[90.0, 91.0, 89.0])], as_of="2025-03-31"))
    assert report["grade"] == "not_enough_data"
    assert report["figures"]["net_to_date"] is None
    assert report["kpis"][0]["effect"]["reasons"] == ["too_few_periods_after"]
    assert report["uncertainty"] is None


def test_a_retrospective_baseline_holds_the_grade_at_indicative(inputs: MakeInputs, kpi: MakeKpi) -> None:
    made = kpi()
    made["baseline"]["retrospective"] = True
    report = build_report(inputs(kpis=[made]))
    assert report["grade"] == "indicative"
    assert report["kpis"][0]["effect"]["reasons"] == ["retrospective_baseline"]


def test_grades_are_not_added_to_each_other(inputs: MakeInputs, kpi: MakeKpi) -> None:
    other = kpi(key="other", name="Other", is_primary=False)
    other["baseline"]["retrospective"] = True
    report = build_report(inputs(kpis=[kpi(), other]))
    assert report["figures"]["benefits_to_date"] == "1200.00"
    assert [row["is_counted"] for row in report["kpis"]] == [True, False]
    assert report["kpis"][1]["benefit_hard"] == "1200.00"
    assert "other_grade" in codes(report)


def test_of_a_chain_of_kpis_only_the_last_is_turned_into_money(inputs: MakeInputs, kpi: MakeKpi) -> None:
    derived = kpi(key="cost", name="Cost of defects", is_primary=False, derived_from="defects")
    report = build_report(inputs(kpis=[kpi(), derived]))
    assert report["figures"]["benefits_to_date"] == "1200.00"
    assert [row["money"] for row in report["kpis"]] == ["counted_in_derived", "counted"]


def test_a_benefit_booked_on_a_measured_kpi_does_not_count_twice(inputs: MakeInputs) -> None:
    lines = [
        line("cost", "actual", "2025-01-01", "600"),
        line("benefit", "actual", "2025-02-01", "50", kpi="defects"),
        line("benefit", "actual", "2025-02-01", "7"),
    ]
    report = build_report(inputs(lines=lines))
    assert report["figures"]["benefits_to_date"] == "1207.00"
    assert "booked_twice" in codes(report)


def test_a_past_month_without_booked_cost_takes_its_plan_and_lowers_the_grade(inputs: MakeInputs) -> None:
    lines = [
        line("cost", "actual", "2025-01-01", "600"),
        line("cost", "planned", "2025-01-01", "10", category="run", until="2025-12-31"),
    ]
    report = build_report(inputs(lines=lines))
    assert report["figures"]["costs_to_date"] == "710.00"  # 600 booked + 11 months of plan
    assert report["grade"] == "indicative"
    assert "costs_from_plan" in codes(report)
    assert [row["cost_from_plan"] for row in report["months"][:3]] == [False, True, True]


def test_the_variances_sum_to_the_difference_of_plan_and_realised(inputs: MakeInputs) -> None:
    lines = [
        line("cost", "actual", "2025-01-01", "600"),
        line("cost", "planned", "2025-01-01", "450.55"),
        line("cost", "actual", "2025-02-01", "20", category="run", until="2025-12-31"),
        line("cost", "planned", "2025-02-01", "25", category="run", until="2025-12-31"),
        line("benefit", "planned", "2025-03-01", "150", until="2026-12-31"),
    ]
    report = build_report(inputs(lines=lines))
    figures = report["figures"]
    total = sum(Decimal(row["amount"]) for row in report["variance"])
    assert total == Decimal(figures["net_to_date"]) - Decimal(figures["planned"]["net_to_date"])
    # Planned March to December 10 x 150 = 1500, realised 1200: 80 %.
    assert report["plan"]["realisation_rate"] == "0.8000"
    assert sum(Decimal(r["amount"]) for r in report["waterfall"][:-1]) == Decimal(report["waterfall"][-1]["amount"])


def test_what_lies_after_the_day_of_the_report_changes_nothing_realised(inputs: MakeInputs, kpi: MakeKpi) -> None:
    cut = {"as_of": "2025-09-30"}
    known = build_report(inputs(kpis=[kpi(after=around(90.0, 12)[:9])], **cut))
    later = build_report(
        inputs(
            kpis=[kpi(after=[*around(90.0, 12)[:9], 0.0, 0.0, 0.0])],
            lines=[*inputs()["cash_lines"], line("benefit", "actual", "2025-11-01", "9999")],
            **cut,
        )
    )
    for name in ("benefits_to_date", "costs_to_date", "net_to_date", "roi_percent", "npv_to_date"):
        assert known["figures"][name] == later["figures"][name]
    assert known["kpis"][0]["effect"] == later["kpis"][0]["effect"]
    assert "booked_ahead" in codes(later)


def test_a_stopped_project_has_no_forecast(inputs: MakeInputs) -> None:
    lines = [*inputs()["cash_lines"], line("cost", "planned", "2026-01-01", "40", until="2026-12-31")]
    report = build_report(inputs(lines=lines, stopped=True))
    assert report["figures"]["npv_forecast"] == "0.00"
    assert report["figures"]["npv_horizon"] == report["figures"]["npv_to_date"] == "600.00"
    assert "stopped" in codes(report)


def test_a_value_that_ends_is_not_carried_on(inputs: MakeInputs, kpi: MakeKpi) -> None:
    made = kpi()
    made["unit_values"][0]["valid_to"] = "2025-06-30"
    report = build_report(inputs(kpis=[made]))
    assert (report["months_measured"], report["months_expected"]) == (6, 12)
    assert report["figures"]["npv_forecast"] == "0.00"
    assert "value_missing" in codes(report)


def test_a_yen_has_no_cents(inputs: MakeInputs, kpi: MakeKpi) -> None:
    made = kpi()
    made["unit_values"][0] |= {"currency": "JPY", "amount": "10.4"}
    report = build_report(
        inputs(
            kpis=[made],
            lines=[line("cost", "actual", "2025-01-01", "600", currency="JPY")],
            project={"currency": "JPY"},
        )
    )
    assert report["figures"]["benefits_to_date"] == "1248"


def test_the_interval_of_the_money_is_that_of_the_effect(inputs: MakeInputs) -> None:
    report = build_report(inputs())
    low, high = report["figures"]["net_interval"]
    # One error for all months: 12 x 10 EUR x t(.9, 22) x s.e. of the effect on either side of 600.
    half = 120 * 1.3212 * report["kpis"][0]["effect"]["standard_error"]
    assert low == pytest.approx(600 - half, rel=0.01)
    assert high == pytest.approx(600 + half, rel=0.01)
    assert report["figures"]["chance_positive"] > 0.99
    assert "chance is over 99 %" in " ".join(report["statements"])
    assert " proved" not in canonical_json(report)


def test_a_range_of_the_value_per_unit_moves_the_tornado(inputs: MakeInputs, kpi: MakeKpi) -> None:
    made = kpi()
    made["unit_values"][0] |= {"low": "5", "high": "15"}
    drivers = [bar["driver"] for bar in build_report(inputs(kpis=[made]))["uncertainty"]["tornado"]]
    assert drivers == ["Defects: value per unit", "Defects: effect"]


def test_equal_inputs_and_seed_give_equal_json_and_another_seed_does_not(inputs: MakeInputs) -> None:
    given_inputs = inputs()
    untouched = canonical_json(given_inputs)
    first, second = canonical_json(build_report(given_inputs, 7)), canonical_json(build_report(inputs(), 7))
    assert first == second
    assert canonical_json(given_inputs) == untouched
    assert canonical_json(build_report(inputs(), 8)) != first


def test_amounts_that_cannot_be_computed_with_are_refused(inputs: MakeInputs) -> None:
    with pytest.raises(CalculationRefused) as error:
        build_report(inputs(lines=[line("cost", "actual", "2025-01-01", "1" + "0" * 24)]))
    assert error.value.code == "number_out_of_range"


@settings(max_examples=25, deadline=None)
@given(
    values=st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=12, max_size=12),
    costs=st.lists(st.decimals(0, 10**6, places=2), min_size=1, max_size=6),
    kind=st.sampled_from(["flow", "level"]),
)
def test_whatever_was_measured_the_report_is_json_and_its_parts_sum(
    values: list[float | None], costs: list[Decimal], kind: str
) -> None:
    made = _plain_kpi(kind, values)
    report = build_report(_plain_inputs(made, costs))
    canonical_json(report)  # no NaN, no infinity
    figures = report["figures"]
    if figures["net_to_date"] is not None:
        assert Decimal(figures["net_to_date"]) == pytest.approx(
            Decimal(figures["benefits_to_date"]) - Decimal(figures["costs_to_date"]), abs=Decimal("0.02")
        )
        assert len(report["uncertainty"]["band"]) == len(report["months"])


def _plain_kpi(kind: str, values: list[float | None]) -> dict[str, Any]:
    points = monthly(date(2025, 1, 1), [0.0] * 12)
    return {
        "key": "k", "name": "K", "unit": "min", "direction": "decrease", "kind": kind, "frequency": "month",
        "version": 1, "is_primary": True, "attribution": "0.5", "cashable": "0.5", "simulated": "", "volume_kpi": None,
        "derived_from": None, "before": [], "target": {"value": 1.0, "due_on": "2025-12-31"},
        "baseline": {
            "id": 1, "starts_on": "2024-01-01", "ends_on": "2024-12-31", "values_hash": "0", "mean": 0.0,
            "moving_range": 1.0, "count": 12, "retrospective": False, "frozen_at": "2025-01-01T00:00:00+00:00",
            "values": monthly(date(2024, 1, 1), around(3.0, 12)),
        },
        "series": [[day, value, 1] for (day, _, _), value in zip(points, values, strict=True) if value is not None],
        "unit_values": [
            {"amount": "3", "low": "1", "high": "4", "currency": "EUR", "valid_from": "2024-01-01", "valid_to": None,
             "evidence": ""}
        ],
    }  # fmt: skip


def _plain_inputs(made: dict[str, Any], costs: list[Decimal]) -> dict[str, Any]:
    return {
        "shape": "kpis/1", "as_of": "2025-12-31",
        "project": {"key": "p", "name": "P", "currency": "EUR", "discount_rate": "0.1", "horizon_months": 24,
                    "started_on": "2024-12-01"},
        "go_live": {"on": "2025-01-01", "ramp_until": None}, "kpis": [made], "volumes": {},
        "cash_lines": [line("cost", "actual", f"2025-{k + 1:02d}-01", str(cost)) for k, cost in enumerate(costs)],
    }  # fmt: skip
