"""What an outcome report is computed from."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import time_machine

from foundation.people.models import User
from foundation.web.digest import digest_of
from lifecycle.kpis.models import Baseline, Kpi
from lifecycle.kpis.periods import organisation_today
from lifecycle.kpis.selectors import inputs_for_report
from lifecycle.kpis.services import (
    add_cash_line,
    approve_baseline,
    define_kpi,
    edit_kpi,
    propose_baseline,
    record_go_live,
    record_measurement,
    record_measurements,
    set_target,
    set_unit_value,
    void_cash_line,
)
from lifecycle.projects.models import Project
from tests.lifecycle.kpis.weeks import BEFORE, FIRST, weeks


def test_the_inputs_hold_everything_as_plain_json(frozen: Baseline, lead: User) -> None:
    kpi = frozen.kpi
    volume = define_kpi(
        actor=lead, project=kpi.project, name="Samples", unit="1", direction="increase", kind="flow", frequency="week"
    )
    edit_kpi(actor=lead, kpi=kpi, volume_kpi=volume)
    record_measurements(actor=lead, kpi=volume, rows=weeks([100.0, 110.0]), source="csv")
    record_measurement(actor=lead, kpi=kpi, day=date(2026, 4, 6), value=9.0)
    set_target(actor=lead, kpi=kpi, value=9.5, due_on=date(2026, 12, 1))
    set_unit_value(actor=lead, kpi=kpi, amount=Decimal("38.50"), currency="EUR", valid_from=date(2026, 1, 1))
    record_go_live(actor=lead, project=kpi.project, on=date(2026, 4, 1))
    add_cash_line(
        actor=lead, project=kpi.project, side="cost", basis="planned", category="run", month=FIRST,
        until=date(2026, 12, 1), amount=Decimal("1000"),
    )  # fmt: skip
    found = inputs_for_report(kpi.project, organisation_today())
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    first = found["kpis"][0]
    assert first["baseline"]["values_hash"] == digest_of(first["baseline"]["values"])
    assert first["baseline"]["retrospective"] is True
    assert first["series"] == [["2026-04-06", 9.0, 1]]
    assert first["volume_kpi"] == "samples"
    assert first["unit_values"][0]["amount"] == "38.5"
    assert first["target"] == {"value": 9.5, "due_on": "2026-12-01"}
    assert found["volumes"] == {"samples": [["2026-01-05", 100.0, 1], ["2026-01-12", 110.0, 1]]}
    assert found["cash_lines"][0]["amount"] == "1000"
    assert found["project"]["discount_rate"] == "0.1"
    assert found["go_live"] == {"on": "2026-04-01", "ramp_until": None}
    assert digest_of(found) == digest_of(inputs_for_report(kpi.project, organisation_today()))


def test_the_inputs_take_twelve_queries_however_many_kpis(
    frozen: Baseline, lead: User, django_assert_num_queries: Any
) -> None:
    for number in range(3):
        other = define_kpi(
            actor=lead, project=frozen.kpi.project, name=f"Other {number}", unit="1", direction="increase",
            kind="flow", frequency="week", volume_kpi=frozen.kpi,
        )  # fmt: skip
        record_measurements(actor=lead, kpi=other, rows=weeks([1.0, 2.0]), source="csv")
    with django_assert_num_queries(12):
        assert len(inputs_for_report(frozen.kpi.project, organisation_today())["kpis"]) == 4


def test_a_report_of_an_earlier_day_is_the_same_for_ever(project: Project, lead: User, sponsor: User) -> None:
    Project.objects.filter(pk=project.pk).update(created_at=datetime(2025, 12, 1, tzinfo=UTC))
    day = date(2026, 4, 30)
    with time_machine.travel(datetime(2026, 4, 30, 9, tzinfo=UTC)):
        kpi = define_kpi(
            actor=lead, project=project, name="Days", unit="d", direction="decrease", kind="level", frequency="week"
        )
        record_measurements(actor=lead, kpi=kpi, rows=weeks(BEFORE), source="form")
        proposed = propose_baseline(actor=lead, kpi=kpi, starts_on=FIRST, ends_on=date(2026, 3, 29))
        approve_baseline(actor=sponsor, baseline_id=proposed.pk)
        kept = add_cash_line(
            actor=lead, project=project, side="cost", basis="actual", category="run", month=FIRST, amount=Decimal(5)
        )
        before = inputs_for_report(project, day)
    with time_machine.travel(datetime(2026, 6, 1, 9, tzinfo=UTC)):
        record_measurement(actor=lead, kpi=kpi, day=FIRST, value=50.0)
        set_target(actor=lead, kpi=kpi, value=1.0, due_on=day)
        void_cash_line(actor=lead, line_id=kept.pk)
        record_go_live(actor=lead, project=project, on=date(2026, 4, 1))
        second = propose_baseline(actor=lead, kpi=kpi, starts_on=FIRST, ends_on=date(2026, 2, 15))
        approve_baseline(actor=sponsor, baseline_id=second.pk)
        after = inputs_for_report(project, date(2026, 6, 1))
    assert digest_of(inputs_for_report(project, day)) == digest_of(before)
    assert before["kpis"][0]["baseline"]["id"] == proposed.pk
    assert after["kpis"][0]["baseline"]["id"] == second.pk
    assert (len(before["cash_lines"]), after["cash_lines"]) == (1, [])


def test_readings_before_the_window_are_kept_apart(measured: Kpi, lead: User, sponsor: User) -> None:
    proposed = propose_baseline(actor=lead, kpi=measured, starts_on=date(2026, 1, 19), ends_on=date(2026, 3, 1))
    approve_baseline(actor=sponsor, baseline_id=proposed.pk)
    first = inputs_for_report(measured.project, organisation_today())["kpis"][0]
    assert [point[0] for point in first["before"]] == ["2026-01-05", "2026-01-12"]
    assert first["series"][0][0] == "2026-03-02"
    assert len(first["before"]) + len(first["baseline"]["values"]) + len(first["series"]) == len(BEFORE)
