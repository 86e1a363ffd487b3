"""The edge cases that every report has to answer rightly, one test each, named after the case: when things happened."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from explain.outcomes.compute.report import build_report
from explain.outcomes.models import OutcomeReport
from explain.outcomes.runs import make_report
from explain.outcomes.selectors import report_rows
from explain.outcomes.services import request_report
from foundation.people.models import User
from foundation.web.digest import canonical_json
from lifecycle.kpis.periods import end_of_day, organisation_day
from lifecycle.kpis.services import record_go_live, record_measurement
from lifecycle.projects.models import Project
from tests.explain.outcomes.conftest import MakeInputs, MakeKpi, MakeLive
from tests.explain.outcomes.examples import around, codes, line, warned, weekly

END = datetime(2025, 12, 31, 12, tzinfo=UTC)


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
