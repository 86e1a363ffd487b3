"""A claim that is split by steps: what the report counts, and which shares follow."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from explain.outcomes.compute.report import build_report
from explain.outcomes.compute.report.staggered import steps_of_claimants
from tests.explain.outcomes.conftest import MakeInputs, MakeKpi
from tests.explain.outcomes.examples import around

# Defects a month: 100 before, then the first project takes 6 away, and a year later the second one 4 more. 10 EUR each.
COURSE = [*around(94.0, 12), *around(90.0, 12)]


def claimant(key: str, live_on: str | None, *rules: str, own: bool = False, **more: Any) -> dict[str, Any]:
    return {
        "key": key, "name": key.title(), "is_own": own, "rules": list(rules or ("staggered",)), "live_on": live_on,
        "ramp_until": None, "retired_on": None, **more,
    }  # fmt: skip


FIRST, SECOND = claimant("triage", "2025-01-01"), claimant("routing", "2026-01-01")


@pytest.fixture
def reported(inputs: MakeInputs, kpi: MakeKpi) -> Any:
    """reported(claimants, share=..., after=...): the report of the claimant that is `is_own`, as of the end of 2026."""

    def make(
        claimants: list[dict[str, Any]], *, share: str = "0.5", after: list[float] | None = None, **changes: Any
    ) -> Any:
        own = next(one for one in claimants if one["is_own"])
        steps = [{"from_month": "2025-01-01", "share": share, "asked": share, "disputed": False}]
        made = kpi(after=COURSE if after is None else after, claims=steps, claimants=claimants, **changes)
        live = {"on": own["live_on"], "ramp_until": own["ramp_until"]}
        return build_report(
            inputs(kpis=[made], lines=[], as_of="2026-12-31", go_live=live, project={"horizon_months": 36})
        )

    return make


def shares_by_month(steps: dict[str, Any]) -> dict[str, dict[str, int]]:
    return {row["from_month"]: {part["name"]: part["percent"] for part in row["parts"]} for row in steps["shares"]}


def mine(one: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**one, "is_own": True, **more}


def test_each_project_counts_its_own_step_and_together_they_count_the_whole_once(reported: Any) -> None:
    first, second = reported([mine(FIRST), SECOND]), reported([FIRST, mine(SECOND)])
    # 24 months x 6 x 10 EUR, and 12 months x 4 x 10 EUR: together 12 x 6 x 10 + 12 x 10 x 10, the whole.
    assert first["figures"]["benefits_to_date"] == "1440.00"
    assert second["figures"]["benefits_to_date"] == "480.00"
    whole = {row["label"]: row["amount"] for row in first["waterfall"]}
    assert (whole["Gross benefit"], whole["Share of others"]) == ("1920.00", "-480.00")
    assert {caveat["code"] for caveat in second["caveats"]} >= {"own_step"}
    assert second["kpis"][0]["own_step"]["counts"]
    assert second["statements"][0].startswith("Defects: Improved: 4 lower than without Routing (95 % interval −4.")
    assert second["kpis"][0]["effect"]["method"] == "staggered"
    # Both reports find the same steps.
    plain = [[(row["key"], row["step"]) for row in one["kpis"][0]["steps"]["rows"]] for one in (first, second)]
    assert plain[0] == plain[1] == [("triage", pytest.approx(-6.0)), ("routing", pytest.approx(-4.0))]


def test_what_lies_ahead_and_how_sure_it_is_go_by_the_own_step(reported: Any) -> None:
    second = reported([FIRST, mine(SECOND)])
    # Three months of the last twelve are the mean volume: 1 a month, so 4 x 10 EUR for each month ahead.
    coming = [row["forecast_benefit"] for row in second["months"] if row["is_forecast"]]
    assert coming
    assert set(coming) == {"40.00"}
    risk = second["uncertainty"]
    assert risk["npv"]["p10"] < float(second["figures"]["npv_horizon"]) < risk["npv"]["p90"]


def test_shares_follow_from_steps_that_improved_it_month_by_month(reported: Any) -> None:
    steps = reported([mine(FIRST), SECOND])["kpis"][0]["steps"]
    assert shares_by_month(steps) == {
        "2025-01-01": {"Triage": 100},
        "2026-01-01": {"Triage": 60, "Routing": 40},
    }
    assert steps["shares_why"] == ""


def test_a_step_within_chance_counts_by_its_best_estimate_and_gives_no_shares(reported: Any) -> None:
    report = reported([FIRST, mine(SECOND)], after=[*around(94.0, 12), *around(93.9, 12)])
    steps = report["kpis"][0]["steps"]
    assert steps["shares"] == []
    assert steps["shares_why"] == (
        "The step of Routing cannot be told from chance: its interval holds zero. So no shares follow, and the claims stay "
        "as they are."
    )
    assert report["figures"]["benefits_to_date"] == "12.00"  # 12 x 0.1 x 10 EUR
    assert "not_demonstrated" in [caveat["code"] for caveat in report["caveats"]]


def test_a_step_that_made_it_worse_counts_against_the_project(reported: Any) -> None:
    report = reported([FIRST, mine(SECOND)], after=[*around(90.0, 12), *around(94.0, 12)])
    assert report["figures"]["benefits_to_date"] == "-480.00"
    assert "made the KPI worse, and no share of a change is below zero" in report["kpis"][0]["steps"]["shares_why"]


def test_beside_a_claim_by_another_rule_the_agreed_share_counts(reported: Any) -> None:
    report = reported([claimant("triage", "2025-01-01", "agreed"), mine(SECOND)])
    own = report["kpis"][0]["own_step"]
    assert not own["counts"]
    assert own["why_not"] == "The claim of Triage is split by another rule, so both would count the same change."
    assert report["figures"]["benefits_to_date"] == "600.00"  # half of 12 x 10 x 10 EUR
    assert "own_step_unknown" in [caveat["code"] for caveat in report["caveats"]]


def test_a_project_that_claims_nothing_counts_no_step(reported: Any) -> None:
    report = reported([FIRST, mine(SECOND)], share="0")
    assert report["figures"]["benefits_to_date"] == "0.00"


def test_the_ramp_counts_on_neither_side_and_brings_nothing(reported: Any) -> None:
    after = [*around(94.0, 12), 120.0, 120.0, *around(90.0, 10)]
    report = reported([FIRST, mine(SECOND, ramp_until="2026-03-01")], after=after)
    assert report["kpis"][0]["own_step"]["step"] == pytest.approx(-4.0, abs=0.2)
    months = {row["month"]: row["hard"] for row in report["kpis"][0]["months"]}
    assert (months["2026-01-01"], months["2026-02-01"]) == ("0.00", "0.00")
    assert float(months["2026-03-01"]) == pytest.approx(40, abs=2)


@pytest.mark.parametrize(
    ("claimants", "changes", "why"),
    [
        ([FIRST, claimant("routing", "2025-01-01")], {}, "Triage and Routing went live in the same period"),
        ([FIRST, claimant("routing", "2025-06-01")], {}, "the fewest are 5"),
        ([FIRST, claimant("routing", "2026-06-15")], {}, "the fewest are 6"),
        ([FIRST, SECOND], {"counts": True}, "steps of a ratio do not add up"),
        # A baseline of one season alone: trend, season and steps at the turn of the year say the same.
        ([FIRST, SECOND], {"season": 12}, "The readings do not tell the steps apart"),
        ([claimant("routing", None), claimant("triage", "2027-05-01")], {}, "None of the projects is live yet."),
        ([FIRST, claimant("routing", "2024-11-01")], {}, "went live before the baseline ended"),
    ],
)
def test_steps_that_cannot_be_told_say_why(
    kpi: MakeKpi, claimants: list[dict[str, Any]], changes: dict[str, Any], why: str
) -> None:
    measured = steps_of_claimants(kpi(**{"after": COURSE, "claimants": claimants, **changes}), date(2026, 12, 31))
    assert measured is not None
    found = measured.table
    assert why in found["why"]
    assert found["status"] == "not_enough_data"
    assert all(row["step"] is None for row in found["rows"])


def test_who_is_not_live_yet_has_no_step_and_the_others_keep_theirs(reported: Any) -> None:
    report = reported([mine(FIRST), claimant("routing", None)], after=around(94.0, 24))
    rows = report["kpis"][0]["steps"]["rows"]
    assert [(row["step"] is None, row["why"]) for row in rows] == [(False, ""), (True, "Routing is not live yet.")]
    assert report["figures"]["benefits_to_date"] == "1440.00"


def test_who_was_taken_away_keeps_its_step_up_to_that_day(kpi: MakeKpi) -> None:
    gone = {**FIRST, "retired_on": "2027-01-01"}
    measured = steps_of_claimants(kpi(after=[*COURSE, *around(96.0, 12)], claimants=[gone, SECOND]), date(2027, 12, 31))
    assert measured is not None
    found = measured.table
    assert [row["step"] for row in found["rows"]] == pytest.approx([-6.0, -4.0])
    assert shares_by_month(found)["2027-01-01"] == {"Routing": 100}


def test_a_kpi_that_nobody_else_claims_has_no_steps(inputs: MakeInputs) -> None:
    report = build_report(inputs())
    assert report["kpis"][0]["steps"] is None
    assert report["kpis"][0]["own_step"] is None
