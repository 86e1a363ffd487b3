"""The edge cases that every report has to answer rightly, one test each, named after the case."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from explain.outcomes.compute.answer import effect
from explain.outcomes.compute.cash_flow import cash_flow
from explain.outcomes.compute.report import build_report
from explain.outcomes.models import OutcomeReport
from explain.outcomes.runs import make_report
from explain.outcomes.selectors import report_rows
from explain.outcomes.services import request_report
from foundation.people.models import User
from foundation.web.digest import canonical_json
from foundation.web.refused import Refused
from lifecycle.kpis.models import Kpi
from lifecycle.kpis.periods import end_of_day, organisation_day
from lifecycle.kpis.selectors import inputs_for_report, series_of
from lifecycle.kpis.services import edit_kpi, record_go_live, record_measurement
from lifecycle.projects.models import Project
from tests.explain.outcomes.conftest import MakeInputs, MakeKpi, MakeLive
from tests.explain.outcomes.examples import around, line, monthly, weekly

END = datetime(2025, 12, 31, 12, tzinfo=UTC)


def codes(report: dict[str, Any]) -> list[str]:
    return [caveat["code"] for caveat in report["caveats"]]


def warned(report: dict[str, Any], place: int = 0) -> list[str]:
    return [warning["code"] for warning in report["kpis"][place]["warnings"]]


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


def _report(project: Project, actor: User, as_of: date) -> OutcomeReport:
    report = request_report(actor=actor, project=project, as_of=as_of)
    assert report.job is not None
    assert make_report(report.job.pk) == "done"
    report.refresh_from_db()
    return report


@pytest.mark.django_db
def test_a_go_live_that_moved_cuts_the_windows_anew_in_a_new_report_and_the_old_one_stays(
    live: MakeLive, project: Project, lead: User, sponsor: User
) -> None:
    live(project, lead, sponsor)
    with time_machine.travel(END):
        first = _report(project, lead, date(2025, 12, 31))
        kept = canonical_json(first.result)
        record_go_live(actor=lead, project=project, on=date(2025, 3, 1), note="Two months late.")
        second = _report(project, lead, date(2025, 12, 31))
    first.refresh_from_db()
    assert [one.result["kpis"][0]["effect"]["n_post"] for one in (first, second)] == [12, 10]
    assert (second.number, second.former) == (2, first)
    assert canonical_json(first.result) == kept


@pytest.mark.django_db
class TestUnitChange:
    """min -> h: by the conversion table or refused, never silently."""

    @pytest.fixture
    def kpi_in_minutes(self, project: Project, lead: User) -> Kpi:
        made: Kpi = Kpi.objects.create(
            project=project, key="time", name="Time", unit="min", direction="decrease", kind="level", frequency="week",
            created_by=lead,
        )  # fmt: skip
        record_measurement(actor=lead, kpi=made, day=date(2026, 1, 5), value=90.0)
        return made

    def test_readings_are_converted_by_the_table_and_the_old_ones_stay(self, kpi_in_minutes: Kpi, lead: User) -> None:
        changed = edit_kpi(actor=lead, kpi=kpi_in_minutes, unit="h", convert_readings=True)
        assert [(point.value, point.revision) for point in series_of(changed)] == [(1.5, 2)]
        assert changed.measurements.count() == 2

    def test_a_unit_without_a_rule_is_refused(self, kpi_in_minutes: Kpi, lead: User) -> None:
        with pytest.raises(Refused) as error:
            edit_kpi(actor=lead, kpi=kpi_in_minutes, unit="kg", convert_readings=True)
        assert error.value.code == "unit_mismatch"
        assert [point.value for point in series_of(Kpi.objects.get())] == [90.0]

    def test_two_units_of_unlike_size_cannot_be_called_the_same(self, kpi_in_minutes: Kpi, lead: User) -> None:
        with pytest.raises(Refused) as error:
            edit_kpi(actor=lead, kpi=kpi_in_minutes, unit="h", keep_readings=True)
        assert error.value.code == "unit_mismatch"
        renamed = edit_kpi(actor=lead, kpi=kpi_in_minutes, unit="minutes", keep_readings=True)
        assert [point.value for point in series_of(renamed)] == [90.0]

    def test_a_row_may_name_its_unit_and_is_converted_or_refused(
        self, kpi_in_minutes: Kpi, lead: User, api: Any
    ) -> None:
        address = f"/api/v1/projects/{kpi_in_minutes.project.key}/kpis/time/measurements/"
        api(lead).post(address, [{"period": "2026-01-12", "value": 2, "unit": "h"}], format="json")
        assert [point.value for point in series_of(kpi_in_minutes)] == [90.0, 120.0]
        answer = api(lead).post(address, [{"period": "2026-01-19", "value": 2, "unit": "kg"}], format="json")
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "rows_invalid")
        assert "no rule between the two" in str(answer.json())


def test_a_currency_without_a_rate_gives_currency_mismatch_and_no_total(inputs: MakeInputs, kpi: MakeKpi) -> None:
    made = kpi()
    made["unit_values"][0]["currency"] = "XAF"
    report = build_report(inputs(kpis=[made]))
    assert "currency_mismatch" in codes(report)
    assert report["kpis"][0]["money"] == "currency_mismatch"
    assert report["figures"]["net_to_date"] is None


@pytest.mark.django_db
def test_a_late_correction_leaves_the_report_of_its_day_and_shows_in_the_next_with_the_difference(
    live: MakeLive, project: Project, lead: User, sponsor: User
) -> None:
    live(project, lead, sponsor)
    with time_machine.travel(END):
        first = _report(project, lead, date(2025, 12, 31))
    with time_machine.travel(datetime(2026, 1, 20, 12, tzinfo=UTC)):
        record_measurement(actor=lead, kpi=project.kpis.get(), day=date(2025, 3, 1), value=79.0)
        again = _report(project, lead, date(2025, 12, 31))
        restated = _report(project, lead, date(2026, 1, 20))
    assert again.inputs_hash == first.inputs_hash
    assert again.content_hash == first.content_hash
    assert restated.inputs_hash != first.inputs_hash
    # March was 89 and is 79: ten units more, at 10 EUR each.
    assert report_rows(project)[0].change == Decimal(100)


@pytest.mark.django_db
def test_a_kpi_that_was_defined_anew_has_a_bridge_and_no_mean_over_both(project: Project, lead: User) -> None:
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC)):
        made = Kpi.objects.create(
            project=project, key="orders", name="Orders", unit="1", direction="increase", kind="flow",
            frequency="week", created_by=lead,
        )  # fmt: skip
        for day, value in ((date(2026, 1, 5), 10.0), (date(2026, 1, 12), 12.0)):
            record_measurement(actor=lead, kpi=made, day=day, value=value)
    with time_machine.travel(datetime(2026, 4, 1, 12, tzinfo=UTC)):
        made = edit_kpi(actor=lead, kpi=made, unit="order lines")
        for day, value in ((date(2026, 1, 12), 36.0), (date(2026, 1, 19), 33.0)):
            record_measurement(actor=lead, kpi=made, day=day, value=value)
        found = inputs_for_report(project, date(2026, 4, 1))["kpis"][0]
    assert found["version"] == 2
    assert [value for _, value, _ in found["series"]] == [36.0, 33.0]
    assert found["bridge"] == {
        "periods": 1, "first": "2026-01-12", "last": "2026-01-12", "former_mean": 12.0, "present_mean": 36.0,
    }  # fmt: skip


def test_a_report_tells_the_bridge_between_two_definitions(inputs: MakeInputs, kpi: MakeKpi) -> None:
    bridge = {"periods": 3, "first": "2024-01-01", "last": "2024-03-01", "former_mean": 50.0, "present_mean": 100.0}
    report = build_report(inputs(kpis=[kpi(version=2, bridge=bridge)]))
    assert warned(report) == ["definition_changed"]
    assert "reads 100 where the former read 50" in report["kpis"][0]["warnings"][0]["text"]
    assert report["kpis"][0]["effect"]["effect"] == -10.0


def test_a_target_that_equals_the_baseline_leaves_progress_undefined(inputs: MakeInputs, kpi: MakeKpi) -> None:
    report = build_report(inputs(kpis=[kpi(target={"value": 100.0, "due_on": "2025-12-31"})]))
    assert report["kpis"][0]["target"]["progress"] is None


def test_partial_first_and_last_months_count_by_their_days_and_payback_is_not_rounded(
    inputs: MakeInputs, kpi: MakeKpi
) -> None:
    # Weekly stock, 10 better at 10 EUR a month: 15 of 31 days of January, 12 of 30 of September (retired on the 13th).
    values = weekly(date(2025, 1, 20), [90.0, 91.0, 89.0, 90.0] * 13)
    made = kpi(kind="level", frequency="week", series=values)
    made["baseline"]["values"] = weekly(date(2024, 1, 1), around(100.0, 52))
    made["baseline"]["ends_on"] = "2024-12-29"
    report = build_report(
        inputs(
            kpis=[made], go_live={"on": "2025-01-17", "ramp_until": None},
            retirement={"on": "2025-09-13", "decommissioned_on": None},
        )
    )  # fmt: skip
    months = report["kpis"][0]["months"]
    assert [row["month"] for row in months] == [f"2025-0{k}-01" for k in range(1, 10)]
    means = [row["mean"] for row in months]
    assert months[0]["units"] == pytest.approx((100 - means[0]) * 15 / 31)
    assert months[-1]["units"] == pytest.approx((100 - means[-1]) * 12 / 30)
    assert report["figures"]["payback"] is None or Decimal(report["figures"]["payback"]) % 1 != 0


@pytest.mark.django_db
class TestLeapDayAndTimeZone:
    def test_a_leap_day_is_a_period_of_its_own(self, inputs: MakeInputs, kpi: MakeKpi) -> None:
        days = [date.fromordinal(date(2024, 2, 1).toordinal() + k) for k in range(29)]
        made = kpi(frequency="day", series=[[day.isoformat(), 90.0 + k % 3, 1] for k, day in enumerate(days)])
        made["baseline"] |= {
            "starts_on": "2024-01-01", "ends_on": "2024-01-31", "count": 31,
            "values": [[f"2024-01-{k:02d}", 100.0 + k % 3, 1] for k in range(1, 32)],
        }  # fmt: skip
        report = build_report(inputs(kpis=[made], go_live={"on": "2024-02-01", "ramp_until": None}, as_of="2024-02-29"))
        assert report["kpis"][0]["after"][-1][0] == "2024-02-29"
        assert report["kpis"][0]["effect"]["n_post"] == 29
        assert report["kpis"][0]["months"][0]["measured"] == 29

    def test_days_are_those_of_the_organisation_also_where_the_clock_is_put_forward(self, settings: Any) -> None:
        settings.ORGANISATION_TIME_ZONE = "Europe/Berlin"
        # 30 March 2025 has 23 hours there; its last instant is 21:59:59 UTC, that of the day before 22:59:59.
        assert end_of_day(date(2025, 3, 30)).astimezone(UTC).hour == 21
        assert end_of_day(date(2025, 3, 29)).astimezone(UTC).hour == 22
        assert organisation_day(datetime(2025, 3, 30, 22, 30, tzinfo=UTC)) == date(2025, 3, 31)


STRIKE = {
    "starts_on": "2025-06-01", "ends_on": "2025-06-30", "event": "Strike.", "proposed_by": "Lea Lead",
    "approved_by": "Sam Sponsor", "approved_on": "2025-07-02",
}  # fmt: skip


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


def test_the_ramp_is_left_out_of_the_effect_and_kept_in_the_money(inputs: MakeInputs, kpi: MakeKpi) -> None:
    made = kpi(after=[60.0, 60.0, *around(90.0, 12)[:10]])
    report = build_report(inputs(kpis=[made], go_live={"on": "2025-01-01", "ramp_until": "2025-03-01"}))
    assert report["kpis"][0]["effect"]["effect"] == pytest.approx(-10.0, abs=0.2)
    assert report["kpis"][0]["months"][0]["units"] == pytest.approx(40.0)
    assert report["kpis"][0]["months"][0]["in_ramp"] is True


def test_an_effect_that_wears_off_is_told_by_its_two_halves(inputs: MakeInputs, kpi: MakeKpi) -> None:
    fading = build_report(inputs(kpis=[kpi(after=[*around(88.0, 8)[:6], *around(92.0, 8)[:6]])]))
    assert warned(fading) == ["effect_changes"]
    assert "The effect fades" in fading["kpis"][0]["warnings"][0]["text"]
    assert fading["kpis"][0]["effect"]["novelty"]["significant"] is True
    assert build_report(inputs())["kpis"][0]["effect"]["novelty"]["significant"] is False


def test_of_a_retired_model_benefits_stop_and_run_costs_go_on_until_decommissioned(
    inputs: MakeInputs, kpi: MakeKpi
) -> None:
    lines = [
        line("cost", "planned", "2025-01-01", "10", category="run", until="2026-11-30"),
        line("cost", "planned", "2026-06-01", "99", category="decommissioning"),
    ]
    goes_on = build_report(inputs(lines=lines))
    retired = build_report(inputs(lines=lines, retirement={"on": "2025-10-01", "decommissioned_on": "2026-03-31"}))
    assert len(retired["kpis"][0]["after"]) == 9
    assert retired["figures"]["benefits_to_date"] == "890.00" != goes_on["figures"]["benefits_to_date"]
    assert all(Decimal(row["forecast_benefit"]) == 0 for row in retired["months"] if row["is_forecast"])
    costs = {row["month"]: row["cost"] for row in retired["months"]}
    assert [costs[f"2026-0{k}-01"] for k in (3, 4, 6)] == ["10.00", "0.00", "99.00"]
    assert "retired" in codes(retired)


def test_benefits_booked_after_the_retirement_are_left_out_and_said_so(inputs: MakeInputs) -> None:
    lines = [
        line("cost", "actual", "2025-01-01", "600"),
        line("benefit", "actual", "2025-09-01", "7"),
        line("benefit", "actual", "2025-11-01", "70"),
    ]
    report = build_report(inputs(lines=lines, retirement={"on": "2025-10-01", "decommissioned_on": None}))
    assert report["figures"]["benefits_to_date"] == "897.00"
    assert "booked_after_retirement" in codes(report)


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
