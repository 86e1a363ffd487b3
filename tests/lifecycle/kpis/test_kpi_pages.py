"""Pages of the room: who sees them, what they ask of the database, and that nothing typed is lost."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from foundation.people.models import User
from lifecycle.kpis.csv_files import Reading
from lifecycle.kpis.models import Baseline, CashLine, GoLive, Kpi, Target, ValuePerUnit
from lifecycle.kpis.services import define_kpi, propose_baseline, record_measurements, set_target
from lifecycle.kpis.urls import api_urlpatterns, urlpatterns
from tests.lifecycle.kpis.weeks import BEFORE, FIRST, weeks


def page(kpi: Kpi, rest: str = "") -> str:
    return f"/projects/{kpi.project.key}/kpis/{kpi.key}/{rest}"


def test_an_outsider_finds_nothing_on_any_route(
    frozen: Baseline, lead: User, outsider: User, sign_in: Any, api: Any
) -> None:
    line = CashLine.objects.create(
        project=frozen.kpi.project, side="cost", basis="planned", category="run", month=FIRST, amount=1,
        currency="EUR", recorded_by=lead,
    )  # fmt: skip
    given = {"key": frozen.kpi.project.key, "kpi_key": frozen.kpi.key, "baseline_id": frozen.pk, "line_id": line.pk,
             "control_id": 1, "exclusion_id": 1}  # fmt: skip
    given |= {"claim_id": frozen.kpi.claims.get().pk, "move": "dispute"}
    checked = 0
    for patterns, space, client in (
        (urlpatterns, "kpis", sign_in(outsider)),
        (api_urlpatterns, "api", api(outsider)),
    ):
        # Exchange rates hang on no project: everybody who has signed in reads them.
        for pattern in (one for one in patterns if "rate" not in str(one.name)):
            names = pattern.pattern.converters
            address = reverse(f"{space}:{pattern.name}", kwargs={name: given[name] for name in names})
            for method in ("get", "post", "patch"):
                answer = getattr(client, method)(address)
                assert answer.status_code in (404, 405), (method, address, answer.status_code)
                checked += answer.status_code == 404
    assert checked >= sum("rate" not in str(one.name) for one in [*urlpatterns, *api_urlpatterns])


@pytest.mark.parametrize("person", ["lead", "sponsor", "viewer", "reviewer", "manager"])
def test_members_and_managers_read_every_page(
    frozen: Baseline, person: str, sign_in: Any, request: pytest.FixtureRequest
) -> None:
    client: Client = sign_in(request.getfixturevalue(person))
    for address in ("/projects/triage/kpis/", page(frozen.kpi), page(frozen.kpi, "?page=1"), "/projects/triage/money/"):
        assert client.get(address).status_code == 200, address


def test_a_viewer_is_told_who_may_record_and_sees_no_form(frozen: Baseline, viewer: User, sign_in: Any) -> None:
    client: Client = sign_in(viewer)
    text = client.get(page(frozen.kpi)).content.decode()
    assert "Only the project lead and contributors may record" in text
    assert "Record</button>" not in text
    assert client.get("/projects/triage/kpis/new/").status_code == 403
    assert client.post(page(frozen.kpi, "readings/"), {"day": "2026-01-05", "value": "1"}).status_code == 403


def test_pages_without_anything_say_what_to_do(project: Any, lead: User, sign_in: Any) -> None:
    client: Client = sign_in(lead)
    assert "Define a KPI" in client.get("/projects/triage/kpis/").content.decode()
    assert "No lines yet" in client.get("/projects/triage/money/").content.decode()


def test_the_list_takes_the_same_queries_for_one_kpi_and_for_five(frozen: Baseline, lead: User, sign_in: Any) -> None:
    client: Client = sign_in(lead)
    client.get("/projects/triage/kpis/")
    with CaptureQueriesContext(connection) as one:
        client.get("/projects/triage/kpis/")
    for number in range(4):
        other = define_kpi(
            actor=lead, project=frozen.kpi.project, name=f"K{number}", unit="1", direction="increase", kind="flow",
            frequency="week", volume_kpi=frozen.kpi,
        )  # fmt: skip
        record_measurements(actor=lead, kpi=other, rows=weeks([1.0, 2.0, 3.0]), source="csv")
        set_target(actor=lead, kpi=other, value=1, due_on=date(2026, 12, 1))
    with CaptureQueriesContext(connection) as five:
        answer = client.get("/projects/triage/kpis/")
    assert answer.content.decode().count("<polyline") >= 5
    assert len(five) == len(one)


def test_the_page_takes_the_same_queries_for_few_and_many_readings(frozen: Baseline, lead: User, sign_in: Any) -> None:
    client: Client = sign_in(lead)
    client.get(page(frozen.kpi))
    with CaptureQueriesContext(connection) as few:
        client.get(page(frozen.kpi))
    record_measurements(actor=lead, kpi=frozen.kpi, rows=weeks([5.0] * 30), source="csv")
    with CaptureQueriesContext(connection) as many:
        client.get(page(frozen.kpi, "?page=1"))
    assert len(many) == len(few)


def test_a_kpi_is_defined_and_changed_by_form(project: Any, lead: User, sign_in: Any) -> None:
    client: Client = sign_in(lead)
    given = {
        "name": "Scrap rate", "unit": "%", "direction": "decrease", "kind": "level", "frequency": "week",
        "attribution": "1", "cashable": "0.5",
    }  # fmt: skip
    answer = client.post("/projects/triage/kpis/new/", given)
    assert answer.status_code == 302
    kpi = Kpi.objects.get(key="scrap-rate")
    assert str(kpi.cashable) == "0.50000"
    answer = client.post(page(kpi, "edit/"), given | {"name": "Scrap, line 2", "is_primary": "on"})
    assert answer.status_code == 302
    kpi.refresh_from_db()
    assert (kpi.name, kpi.is_primary, kpi.version) == ("Scrap, line 2", True, 1)


def test_what_was_typed_survives_an_error(kpi: Kpi, lead: User, sign_in: Any) -> None:
    client: Client = sign_in(lead)
    answer = client.post("/projects/triage/kpis/new/", {"name": "Only a name", "meaning": "Long thoughts"})
    assert answer.status_code == 400
    assert "Long thoughts" in answer.content.decode()
    answer = client.post(page(kpi, "readings/"), {"day": "2099-01-05", "value": "4", "note": "a careful note"})
    assert answer.status_code == 400
    assert "a careful note" in answer.content.decode()
    assert "lies in the future" in answer.content.decode()
    answer = client.post(page(kpi, "unit-values/"), {"amount": "1,5", "currency": "EUR", "evidence": "controlling"})
    assert "controlling" in answer.content.decode()
    assert "with a point" in answer.content.decode()


def test_a_definition_under_a_frozen_baseline_is_refused_on_the_form(
    frozen: Baseline, lead: User, sign_in: Any
) -> None:
    given = {
        "name": frozen.kpi.name, "unit": "h", "direction": "decrease", "kind": "level", "frequency": "week",
        "attribution": "1", "cashable": "1",
    }  # fmt: skip
    client: Client = sign_in(lead)
    answer = client.post(page(frozen.kpi, "edit/"), given)
    assert answer.status_code == 400
    assert "A baseline is frozen" in answer.content.decode()
    assert client.post(page(frozen.kpi, "edit/"), given | {"supersede_baseline": "on"}).status_code == 302


def test_the_sample_file_names_periods_of_this_kpi(kpi: Kpi, viewer: User, sign_in: Any) -> None:
    lines = sign_in(viewer).get(page(kpi, "sample.csv")).content.decode().splitlines()
    assert lines[0] == "date,value,note"
    periods = [date.fromisoformat(line.split(",")[0]) for line in lines[1:]]
    assert len(periods) == 6
    assert all(period.isoweekday() == 1 for period in periods)


def test_a_baseline_goes_from_the_lead_to_the_sponsor(measured: Kpi, lead: User, sponsor: User, sign_in: Any) -> None:
    team, business = sign_in(lead), sign_in(sponsor)
    answer = team.post(page(measured, "baselines/"), {"starts_on": "2026-01-05", "ends_on": "2026-03-29"})
    assert answer.status_code == 302
    proposed = Baseline.objects.get()
    assert "Only the sponsor or the customer may approve" in team.get(page(measured)).content.decode()
    assert team.post(page(measured, f"baselines/{proposed.pk}/approve/")).status_code == 403
    assert "Approve and freeze" in business.get(page(measured)).content.decode()
    assert business.post(page(measured, f"baselines/{proposed.pk}/approve/")).status_code == 302
    text = team.get(page(measured)).content.decode()
    assert "approved by Sam Sponsor" in text


def test_a_proposal_can_be_withdrawn_on_the_page(measured: Kpi, lead: User, sign_in: Any) -> None:
    proposed = propose_baseline(actor=lead, kpi=measured, starts_on=FIRST, ends_on=date(2026, 3, 29))
    assert sign_in(lead).post(page(measured, f"baselines/{proposed.pk}/withdraw/")).status_code == 302
    proposed.refresh_from_db()
    assert proposed.state == "withdrawn"


def test_target_value_and_go_live_are_set_on_the_page(kpi: Kpi, contributor: User, sign_in: Any) -> None:
    client: Client = sign_in(contributor)
    assert client.post(page(kpi, "targets/"), {"value": "9.5", "due_on": "2026-12-01"}).status_code == 302
    given = {"amount": "38.50", "low": "30", "high": "45", "currency": "eur", "valid_from": "2026-01-01"}
    assert client.post(page(kpi, "unit-values/"), given).status_code == 302
    assert client.post(page(kpi, "go-live/"), {"on": "2026-04-01", "ramp_until": "2026-05-01"}).status_code == 302
    assert (Target.objects.get().value, str(ValuePerUnit.objects.get().amount)) == (9.5, "38.5000")
    assert GoLive.objects.get().ramp_until == date(2026, 5, 1)


def test_a_cash_line_is_added_and_voided_on_the_page(project: Any, lead: User, sign_in: Any) -> None:
    client: Client = sign_in(lead)
    given = {"basis": "planned", "category": "build", "amount": "1 250.50", "currency": "EUR", "month": "2026-02"}
    assert client.post("/projects/triage/money/", given).status_code == 302
    line = CashLine.objects.get()
    assert (line.side, str(line.amount), line.month) == ("cost", "1250.5000", date(2026, 2, 1))
    assert client.post(f"/projects/triage/money/{line.pk}/void/").status_code == 302
    assert "1 void line" in client.get("/projects/triage/money/").content.decode()
    answer = client.post("/projects/triage/money/", given | {"amount": "12,50", "note": "first invoice"})
    assert answer.status_code == 400
    assert "first invoice" in answer.content.decode()


def test_amounts_of_a_table_are_written_alike_and_nothing_entered_is_no_zero(
    project: Any, lead: User, sign_in: Any
) -> None:
    client: Client = sign_in(lead)
    given = {"basis": "planned", "category": "build", "currency": "EUR", "month": "2026-02"}
    for amount in ("800", "6300.50"):
        client.post("/projects/triage/money/", given | {"amount": amount})
    text = client.get("/projects/triage/money/").content.decode()
    assert "−800.00\u00a0€" in text
    assert "−6\u202f300.50\u00a0€" in text
    assert "actual: none yet" in text
    assert "0.00\u00a0€" not in text.replace("800.00", "")


def test_a_simulated_series_says_so_under_its_chart(measured: Kpi, viewer: User, sign_in: Any) -> None:
    Kpi.objects.filter(pk=measured.pk).update(simulated="AR(1) noise around 11.6, seed 7.")
    text = sign_in(viewer).get(page(measured)).content.decode()
    assert "Simulated series: AR(1) noise around 11.6, seed 7." in text


def test_a_long_series_is_leafed_through_and_drawn_in_part(kpi: Kpi, lead: User, sign_in: Any) -> None:
    Kpi.objects.filter(pk=kpi.pk).update(frequency="day")
    first = date(2020, 1, 1)
    rows = [Reading(first + timedelta(days=n), float(n)) for n in range(1500)]
    record_measurements(actor=lead, kpi=kpi, rows=rows, source="api")
    client: Client = sign_in(lead)
    text = client.get(page(kpi)).content.decode()
    assert "The newest 750 of 1500 readings are drawn." in text
    assert "Leaf through all 1500" in text
    assert 'value="2020-01-01"' in text  # a baseline is proposed over all readings, drawn or not
    last = client.get(page(kpi, "?page=15")).content.decode()
    assert "Page 15 of 15" in last
    assert "1 Jan 2020" in last
    assert "Older" not in last
    assert "Page 15 of 15" in client.get(page(kpi, "?page=99999")).content.decode()
    assert client.get(page(kpi, "?page=x")).status_code == 200


def test_the_run_chart_draws_what_is_frozen(frozen: Baseline, lead: User) -> None:
    from lifecycle.kpis.charts import run_chart
    from lifecycle.kpis.selectors import kpi_page

    shown = kpi_page(frozen.kpi, lead)
    chart = run_chart(frozen.kpi, shown.series, baseline=shown.frozen)
    levels = [shape["y0"] for shape in chart.figure["layout"]["shapes"] if shape["yref"] == "y"]
    assert frozen.mean is not None
    assert frozen.moving_range is not None
    assert levels == pytest.approx(
        [frozen.mean, frozen.mean + 2.66 * frozen.moving_range, frozen.mean - 2.66 * frozen.moving_range]
    )
    assert chart.figure["data"][0]["y"] == BEFORE
    assert chart.figure["layout"]["yaxis"]["title"]["text"] == "d"
    assert [row[3] for row in chart.rows] == ["yes"] * 12
