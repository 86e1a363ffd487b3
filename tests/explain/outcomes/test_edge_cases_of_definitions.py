"""The edge cases that every report has to answer rightly, one test each, named after the case: what is counted, and in which unit."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine

from explain.outcomes.compute.report import build_report
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.models import Kpi
from lifecycle.kpis.selectors import inputs_for_report, series_of
from lifecycle.kpis.services import edit_kpi, record_measurement
from lifecycle.projects.models import Project
from tests.explain.outcomes.conftest import MakeInputs, MakeKpi
from tests.explain.outcomes.examples import warned


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
