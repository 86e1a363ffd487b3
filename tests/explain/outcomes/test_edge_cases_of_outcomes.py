"""The edge cases that every report has to answer rightly, one test each, named after the case: figures and money."""

from __future__ import annotations

import json
import math
from datetime import date
from typing import Any

import pytest

from explain.outcomes.compute.answer import effect
from explain.outcomes.compute.cash_flow import cash_flow
from explain.outcomes.compute.report import build_report
from foundation.people.models import User
from foundation.web.digest import canonical_json
from lifecycle.projects.models import Project
from tests.explain.outcomes.conftest import MakeInputs, MakeKpi
from tests.explain.outcomes.examples import around, codes, line, monthly, warned

STRIKE = {
    "starts_on": "2025-06-01", "ends_on": "2025-06-30", "event": "Strike.", "proposed_by": "Lea Lead",
    "approved_by": "Sam Sponsor", "approved_on": "2025-07-02",
}  # fmt: skip


def test_cost_zero_leaves_roi_undefined_and_shows_the_net_benefit(inputs: MakeInputs) -> None:
    figures = build_report(inputs(lines=[]))["figures"]
    assert (figures["roi_percent"], figures["undefined"]["roi_percent"]) == (None, "zero cost")
    assert figures["net_to_date"] == "1200.00"


def test_baseline_zero_leaves_the_relative_change_undefined_and_shows_the_absolute_one_and_money(
    inputs: MakeInputs, kpi: MakeKpi
) -> None:
    made = kpi(after=around(-10.0, 12))
    made["baseline"]["values"] = monthly(date(2024, 1, 1), around(0.0, 12))
    report = build_report(inputs(kpis=[made]))
    assert report["kpis"][0]["effect"]["relative"] is None
    assert report["kpis"][0]["effect"]["effect"] == -10.0
    assert report["figures"]["benefits_to_date"] == "1200.00"


@pytest.mark.parametrize(
    "flows", [["5", "6"], ["-5", "-6"], ["0", "0"], ["-5"]], ids=["all gains", "all costs", "all zero", "one flow"]
)
def test_flows_of_one_sign_all_zero_or_one_alone_have_no_rate_of_return(flows: list[str]) -> None:
    assert cash_flow({"flows": flows, "rate": "0.1"})["irr"] == {"status": "none", "roots": []}


def test_a_project_without_any_flow_has_no_rate_of_return(inputs: MakeInputs) -> None:
    figures = build_report(inputs(kpis=[], lines=[]))["figures"]
    assert figures["irr"] is None
    assert figures["undefined"]["irr_annual"] == "no outcome measured"


def test_flows_that_change_sign_more_than_once_have_their_roots_counted(inputs: MakeInputs) -> None:
    lines = [
        line("cost", "actual", "2025-01-01", "600"),
        line("cost", "planned", "2026-12-01", "5000", category="decommissioning"),
    ]
    figures = build_report(inputs(lines=lines))["figures"]
    assert figures["sign_changes"] == 2
    assert figures["irr"]["status"] in ("none", "multiple")
    assert cash_flow({"flows": ["100", "-230", "132"], "rate": "0.1"})["irr"]["status"] == "multiple"


def test_negative_benefits_are_kept_as_dis_benefits_and_payback_may_vanish(inputs: MakeInputs, kpi: MakeKpi) -> None:
    report = build_report(inputs(kpis=[kpi(after=around(105.0, 12))]))
    assert report["figures"]["benefits_to_date"] == "-600.00"
    assert report["figures"]["payback_status"] == "never"
    assert report["kpis"][0]["effect"]["verdict"] == "worsened"


def test_months_without_readings_are_unknown_not_zero_and_not_in_the_mean(inputs: MakeInputs, kpi: MakeKpi) -> None:
    made = kpi()
    gone = made["series"].pop(5)
    report = build_report(inputs(kpis=[made]))
    assert report["kpis"][0]["effect"]["n_post"] == 11
    june = report["months"][5]
    assert (june["month"], june["benefit"], june["unknown"]) == (gone[0], None, ["Defects"])
    assert "11 of 12 months since go-live are measured." in report["statements"]


def test_months_without_cost_take_recurring_lines_by_rule_and_else_the_plan_with_a_flag(inputs: MakeInputs) -> None:
    lines = [
        line("cost", "actual", "2025-01-01", "20", category="run", until="2025-03-31"),
        line("cost", "planned", "2025-01-01", "25", category="run", until="2025-12-31"),
    ]
    report = build_report(inputs(lines=lines))
    assert report["figures"]["costs_to_date"] == "285.00"  # 3 x 20 by the booked rule, 9 x 25 of the plan
    assert [row["cost_from_plan"] for row in report["months"][:5]] == [False, False, False, True, True]
    assert "costs_from_plan" in codes(report)


def test_a_baseline_taken_after_go_live_is_flagged_and_at_most_indicative(inputs: MakeInputs, kpi: MakeKpi) -> None:
    made = kpi()
    made["baseline"]["retrospective"] = True
    report = build_report(inputs(kpis=[made]))
    assert (report["grade"], report["kpis"][0]["effect"]["reasons"]) == ("indicative", ["retrospective_baseline"])


def test_a_currency_without_a_rate_gives_currency_mismatch_and_no_total(inputs: MakeInputs, kpi: MakeKpi) -> None:
    made = kpi()
    made["unit_values"][0]["currency"] = "XAF"
    report = build_report(inputs(kpis=[made]))
    assert "currency_mismatch" in codes(report)
    assert report["kpis"][0]["money"] == "currency_mismatch"
    assert report["figures"]["net_to_date"] is None


def test_a_target_that_equals_the_baseline_leaves_progress_undefined(inputs: MakeInputs, kpi: MakeKpi) -> None:
    report = build_report(inputs(kpis=[kpi(target={"value": 100.0, "due_on": "2025-12-31"})]))
    assert report["kpis"][0]["target"]["progress"] is None


def test_a_one_off_event_may_be_left_out_and_the_report_prints_both(inputs: MakeInputs, kpi: MakeKpi) -> None:
    values = around(90.0, 12)
    values[5] = 300.0
    report = build_report(inputs(kpis=[kpi(after=values, exclusions=[STRIKE])]))
    found = report["kpis"][0]
    assert found["effect"]["n_post"] == 11
    assert found["effect"]["effect"] == pytest.approx(-10.0 + 1 / 11)
    assert found["with_all"]["effect"] == pytest.approx(-10.0 + (300 - 89) / 12, abs=0.2)
    assert (found["exclusions"][0]["event"], found["exclusions"][0]["approved_by"]) == ("Strike.", "Sam Sponsor")
    assert "exclusions" in codes(report)
    assert report["figures"]["benefits_to_date"] == found["benefit_hard"] != found["with_all"]["benefit_hard"]
    assert report["months_expected"] == 11


def test_an_exclusion_outside_the_windows_changes_nothing(inputs: MakeInputs, kpi: MakeKpi) -> None:
    before = {**STRIKE, "starts_on": "2020-01-01", "ends_on": "2020-12-31"}
    found, plain = (build_report(inputs(kpis=[kpi(exclusions=rows)])) for rows in ([before], []))
    assert canonical_json(found) == canonical_json(plain)


def test_a_kpi_chosen_because_it_was_just_then_bad_is_warned_of_regression_to_the_mean(
    inputs: MakeInputs, kpi: MakeKpi
) -> None:
    usual, close = (monthly(date(2022, 1, 1), around(level, 24)) for level in (80.0, 99.0))
    assert warned(build_report(inputs(kpis=[kpi(before=usual)]))) == ["regression_to_the_mean"]
    assert warned(build_report(inputs(kpis=[kpi(before=close)]))) == []


@pytest.mark.django_db
def test_a_float_as_money_is_refused_at_the_door(project: Project, lead: User, api: Any) -> None:
    given = {"side": "cost", "basis": "actual", "category": "run", "month": "2026-01-01", "amount": 0.1}
    answer = api(lead).post(f"/api/v1/projects/{project.key}/cash-lines/", given, format="json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "money_is_float")
    assert project.cash_lines.count() == 0


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_becomes_null_with_a_reason_and_never_json(
    value: float, inputs: MakeInputs, kpi: MakeKpi
) -> None:
    made = kpi()
    made["series"][3][1] = value
    report = build_report(inputs(kpis=[made]))
    text = canonical_json(report)
    assert "NaN" not in text
    assert "Infinity" not in text
    assert report["kpis"][0]["effect"]["n_post"] == 11
    assert "non_finite_values" in report["kpis"][0]["effect"]["reasons"]
    assert json.loads(text)["months"][3]["benefit"] is None
    steady = effect({"values": [5.0] * 20, "go_live": 10})
    assert steady["relative"] == 0
    assert effect({"values": [0.0] * 20, "go_live": 10})["undefined"]["relative"] == "the counterfactual mean is zero"
