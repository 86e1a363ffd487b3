"""What a KPI is compared with, what is left out of it, its season, and when the solution ended."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, transaction

from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.models import Baseline, Exclusion, Kpi, KpiControl, Retirement
from lifecycle.kpis.periods import organisation_today
from lifecycle.kpis.selectors import inputs_for_report, retirement_of
from lifecycle.kpis.services import (
    add_control,
    approve_exclusion,
    define_kpi,
    edit_kpi,
    end_control,
    end_exclusion,
    propose_exclusion,
    record_retirement,
)
from lifecycle.kpis.units import factor_between, same_unit
from lifecycle.projects.models import Project

TOMORROW = organisation_today() + timedelta(days=1)
WEEK = {"starts_on": date(2026, 2, 2), "ends_on": date(2026, 2, 8)}


def another(kpi: Kpi, lead: User, name: str = "The other lab", **changes: Any) -> Kpi:
    given = {"unit": "d", "direction": "decrease", "kind": "level", "frequency": "week", **changes}
    return define_kpi(actor=lead, project=kpi.project, name=name, **given)


def refused(code: str, deed: Any, **given: Any) -> Refused:
    with pytest.raises(Refused) as error:
        deed(**given)
    assert error.value.code == code
    return error.value


def test_a_control_is_named_with_its_reason_and_in_the_inputs_of_reports(kpi: Kpi, lead: User) -> None:
    other = another(kpi, lead)
    row = add_control(actor=lead, kpi=kpi, control=other, why="It has no model.")
    found = inputs_for_report(kpi.project, TOMORROW)
    named = next(one for one in found["kpis"] if one["key"] == kpi.key)["controls"]
    assert [(one["key"], one["part"], one["why"]) for one in named] == [
        ("the-other-lab", "control", "It has no model.")
    ]
    assert found["compared"] == {"the-other-lab": []}
    assert Entry.objects.filter(verb="add_control", thing_id=str(row.pk)).exists()


def test_a_control_has_the_same_periods_says_why_and_is_another_kpi_of_the_project(kpi: Kpi, lead: User) -> None:
    monthly = another(kpi, lead, "Monthly", frequency="month")
    assert (
        "same periods" in refused("control_invalid", add_control, actor=lead, kpi=kpi, control=monthly, why="x").message
    )
    refused("control_invalid", add_control, actor=lead, kpi=kpi, control=kpi, why="x")
    other = another(kpi, lead)
    refused("control_invalid", add_control, actor=lead, kpi=kpi, control=other, why="  ")
    add_control(actor=lead, kpi=kpi, control=other, why="x")
    refused("control_named_already", add_control, actor=lead, kpi=kpi, control=other, why="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        KpiControl.objects.create(kpi=kpi, control=other, why="again", added_by=lead)


def test_units_of_a_lot_are_averages_of_one_unit(kpi: Kpi, lead: User) -> None:
    total = another(kpi, lead, "Total", kind="flow")
    hours = another(kpi, lead, "Hours", unit="h")
    for control in (total, hours):
        refused("control_invalid", add_control, actor=lead, kpi=kpi, control=control, why="x", part="treated")


def test_a_control_that_ended_stays_in_reports_of_its_time(kpi: Kpi, lead: User, project: Project) -> None:
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    Kpi.objects.update(created_at=start - timedelta(days=9))
    with time_machine.travel(start):
        row = add_control(actor=lead, kpi=kpi, control=another(kpi, lead), why="It has no model.")
    with time_machine.travel(start + timedelta(days=10)):
        end_control(actor=lead, control_id=row.pk, reason="It has one now.")
        refused("control_ended", end_control, actor=lead, control_id=row.pk)

    def named(day: date) -> int:
        return sum(len(one["controls"]) for one in inputs_for_report(project, day)["kpis"])

    assert (named(date(2026, 3, 5)), named(date(2026, 3, 20))) == (1, 0)
    with pytest.raises(DatabaseError), transaction.atomic():
        KpiControl.objects.filter(pk=row.pk).update(why="Something else.")


def test_a_unit_that_waited_may_get_the_solution_later(kpi: Kpi, lead: User) -> None:
    held = add_control(actor=lead, kpi=kpi, control=another(kpi, lead), why="Drawn on 1 March.", part="held")
    assert end_control(actor=lead, control_id=held.pk, joined_on=date(2026, 3, 9)).joined_on == date(2026, 3, 9)
    other = add_control(actor=lead, kpi=kpi, control=another(kpi, lead, "Third"), why="No model.")
    refused("joined_invalid", end_control, actor=lead, control_id=other.pk, joined_on=date(2026, 3, 9))


def test_an_exclusion_counts_once_a_second_person_approved_it(
    measured: Kpi, lead: User, sponsor: User, contributor: User
) -> None:
    row = propose_exclusion(actor=lead, kpi=measured, event="Strike.", **WEEK)
    assert inputs_for_report(measured.project, TOMORROW)["kpis"][0]["exclusions"] == []
    assert Notice.objects.filter(user=sponsor, kind="exclusion_proposed").exists()
    for person in (lead, contributor):
        refused("not_permitted", approve_exclusion, actor=person, exclusion_id=row.pk)
    approve_exclusion(actor=sponsor, exclusion_id=row.pk)
    found = inputs_for_report(measured.project, TOMORROW)["kpis"][0]["exclusions"]
    assert [(one["starts_on"], one["event"], one["approved_by"]) for one in found] == [
        ("2026-02-02", "Strike.", sponsor.name)
    ]
    refused("exclusion_not_proposed", approve_exclusion, actor=sponsor, exclusion_id=row.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        Exclusion.objects.filter(pk=row.pk).update(ends_on=date(2026, 6, 1))
    assert end_exclusion(actor=lead, exclusion_id=row.pk).state == "lifted"
    assert inputs_for_report(measured.project, TOMORROW)["kpis"][0]["exclusions"] == []
    refused("exclusion_ended", end_exclusion, actor=lead, exclusion_id=row.pk)


def test_the_one_who_proposed_an_exclusion_does_not_approve_it(measured: Kpi, sponsor: User, lead: User) -> None:
    row = propose_exclusion(actor=lead, kpi=measured, event="Strike.", **WEEK)
    with pytest.raises(IntegrityError), transaction.atomic():
        Exclusion.objects.filter(pk=row.pk).update(
            state="approved", approved_by=lead, approved_at=datetime(2026, 3, 1, tzinfo=UTC)
        )
    assert row.state == "proposed"


def test_an_exclusion_names_its_event_and_days_that_have_passed_once(measured: Kpi, lead: User) -> None:
    def say(**given: Any) -> Any:
        return propose_exclusion(actor=lead, kpi=measured, **{"event": "Strike.", **WEEK, **given})

    refused("event_missing", say, event=" ")
    refused("window_backward", say, ends_on=date(2026, 1, 1))
    refused("window_in_future", say, ends_on=date(2999, 1, 1))
    say()
    refused("exclusion_overlaps", say, starts_on=date(2026, 1, 26))


def test_the_newest_word_on_the_retirement_counts_and_none_is_changed(project: Project, lead: User) -> None:
    refused(
        "decommissioned_before_retirement", record_retirement, actor=lead, project=project,
        retired_on=date(2026, 6, 1), decommissioned_on=date(2026, 5, 1),
    )  # fmt: skip
    record_retirement(actor=lead, project=project, retired_on=date(2026, 6, 1), decommissioned_on=date(2026, 8, 31))
    assert inputs_for_report(project, TOMORROW)["retirement"] == {"on": "2026-06-01", "decommissioned_on": "2026-08-31"}
    record_retirement(actor=lead, project=project, retired_on=None, note="It stays after all.")
    assert retirement_of(project) is None
    with pytest.raises(DatabaseError), transaction.atomic():
        Retirement.objects.update(note="Something else.")


def test_season_and_counting_are_fixed_with_the_baseline_and_keep_the_readings(frozen: Baseline, lead: User) -> None:
    kpi = frozen.kpi
    refused("baseline_is_frozen", edit_kpi, actor=lead, kpi=kpi, season=52)
    changed = edit_kpi(actor=lead, kpi=kpi, season=52, supersede_baseline=True)
    assert (changed.season, changed.version, changed.defined_at) == (52, 2, None)
    assert edit_kpi(actor=lead, kpi=changed, clear_season=True).season is None


@pytest.mark.parametrize(("changes", "field"), [({"season": 12}, "season"), ({"counts": True}, "counts")])
def test_a_season_fits_the_periods_and_a_count_adds_up(
    kpi: Kpi, lead: User, changes: dict[str, Any], field: str
) -> None:
    assert refused("kpi_invalid", edit_kpi, actor=lead, kpi=kpi, **changes).field == field


def test_rest_names_controls_exclusions_and_retirement(measured: Kpi, lead: User, sponsor: User, api: Any) -> None:
    another(measured, lead)
    base = f"/api/v1/projects/{measured.project.key}/kpis/{measured.key}/"
    made = api(lead).post(f"{base}controls/", {"control": "the-other-lab", "why": "No model."}, format="json")
    assert (made.status_code, made.json()["control"]) == (201, "the-other-lab")
    assert api(lead).post(f"/api/v1/controls/{made.json()['id']}/end/", {}, format="json").json()["ended_at"]
    unknown = api(lead).post(f"{base}controls/", {"control": "no-such", "why": "x"}, format="json")
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (400, "kpi_unknown")
    given = {"starts_on": "2026-02-02", "ends_on": "2026-02-08", "event": "Strike."}
    proposed = api(lead).post(f"{base}exclusions/", given, format="json").json()
    approved = api(sponsor).post(f"/api/v1/exclusions/{proposed['id']}/approve/", format="json")
    assert (approved.json()["state"], approved.json()["approved_by"]) == ("approved", sponsor.name)
    ended = api(lead).post(
        f"/api/v1/projects/{measured.project.key}/retirement/", {"retired_on": "2026-06-01"}, format="json"
    )
    assert ended.status_code == 201
    assert api(lead).patch(base, {"season": 52}, format="json").json()["kpi"]["season"] == 52
    assert api(lead).patch(base, {"season": None}, format="json").json()["kpi"]["season"] is None


def test_the_page_names_what_is_compared_left_out_and_retired(
    measured: Kpi, lead: User, sponsor: User, sign_in: Any
) -> None:
    other = another(measured, lead)
    client, base = sign_in(lead), measured.get_absolute_url()
    given = {"control": other.pk, "part": "control", "why": "It has no model."}
    assert client.post(f"{base}controls/", given).status_code == 302
    wrong = client.post(f"{base}exclusions/", {"starts_on": "2026-02-08", "ends_on": "2026-02-02", "event": "Strike."})
    assert (wrong.status_code, "Exchange the two dates" in wrong.content.decode()) == (400, True)
    assert "Strike." in wrong.content.decode()  # what was typed is not lost
    client.post(f"{base}exclusions/", {"starts_on": "2026-02-02", "ends_on": "2026-02-08", "event": "Strike."})
    client.post(f"{base}go-live/", {"on": "2026-04-01"})
    client.post(f"{base}retirement/", {"retired_on": "2026-06-01"})
    page = client.get(base).content.decode()
    for said in ("The other lab", "It has no model.", "Strike.", "Retired on", "Propose to leave periods out"):
        assert said in page
    assert "Approve: leave them out" in sign_in(sponsor).get(base).content.decode()


def test_units_convert_within_their_family_and_nowhere_else() -> None:
    assert factor_between("min", "h") == pytest.approx(1 / 60)
    assert factor_between("hours", "minutes") == 60
    assert factor_between("kWh", "MWh") == pytest.approx(0.001)
    assert factor_between("%", "1") == 0.01
    assert factor_between("min", "kg") is None
    assert factor_between("EUR", "USD") is None
    assert same_unit("min", "minutes")
