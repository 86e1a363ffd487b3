"""REST of the room."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from foundation.people.models import User
from lifecycle.kpis.models import Baseline, CashLine, Kpi, Measurement
from lifecycle.projects.models import Project

ROOT = "/api/v1/projects/triage/"
ONE = f"{ROOT}kpis/days-to-first-report/"


def test_a_kpi_is_defined_read_and_changed(project: Project, lead: User, api: Any) -> None:
    client = api(lead)
    given = {"name": "Scrap", "unit": "%", "direction": "decrease", "kind": "level", "frequency": "week"}
    made = client.post(f"{ROOT}kpis/", given)
    assert (made.status_code, made.data["key"]) == (201, "scrap")
    volume = client.post(f"{ROOT}kpis/", given | {"name": "Parts", "unit": "1", "kind": "flow"})
    assert volume.status_code == 201
    changed = client.patch(f"{ROOT}kpis/scrap/", {"volume_kpi": "parts", "attribution": "0.5"})
    assert changed.data["kpi"]["volume_kpi"] == "parts"
    assert client.patch(f"{ROOT}kpis/scrap/", {"volume_kpi": None}).data["kpi"]["volume_kpi"] is None
    assert client.patch(f"{ROOT}kpis/scrap/", {"volume_kpi": "none-such"}).json()["error"]["code"] == "kpi_unknown"
    assert client.get(f"{ROOT}kpis/").data["count"] == 2


def test_a_refusal_has_a_code_and_a_sentence(frozen: Baseline, lead: User, api: Any) -> None:
    answer = api(lead).patch(ONE, {"unit": "h"})
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "baseline_is_frozen"
    assert answer.json()["error"]["field"] == "supersede_baseline"


def test_one_reading_or_many_are_recorded(kpi: Kpi, contributor: User, api: Any) -> None:
    client = api(contributor)
    one = client.post(f"{ONE}measurements/", {"period": "2026-01-07", "value": 11.5, "note": "hand count"})
    assert (one.status_code, one.data["added"], one.data["first"]) == (201, 1, "2026-01-05")
    many = client.post(
        f"{ONE}measurements/", [{"period": "2026-01-05", "value": 11.5}, {"period": "2026-01-12", "value": 12}]
    )
    assert (many.data["added"], many.data["unchanged"]) == (1, 1)
    listed = client.get(f"{ONE}measurements/?from=2026-01-10")
    assert [row["value"] for row in listed.data["results"]] == [12.0]
    assert Measurement.objects.filter(source="api").count() == 2
    assert client.post(f"{ONE}measurements/", [{"period": "2026-01-05", "value": 11.5}]).status_code == 200


def test_bad_rows_record_none_unless_the_good_ones_are_asked_for(kpi: Kpi, lead: User, api: Any) -> None:
    client = api(lead)
    rows = [
        {"period": "2026-01-05", "value": 1},
        {"period": "soon", "value": 1},
        {"period": "2026-01-19", "value": "2"},
        {"period": "2026-01-26", "value": True},
        {"period": "2026-02-02", "value": 1e300},
        {"period": "2026-01-06", "value": 4},
        "row",
        {"value": 4},
    ]
    answer = client.post(f"{ONE}measurements/", rows)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "rows_invalid")
    # All bad rows at once, those that cannot be read and those that cannot be recorded.
    assert [(row["line"], row["code"], row["field"]) for row in error["rows"]] == [
        (2, "period_unreadable", "period"),
        (3, "value_unreadable", "value"),
        (4, "value_unreadable", "value"),
        (5, "value_not_finite", "value"),
        (6, "period_twice", "period"),
        (7, "row_unreadable", ""),
        (8, "period_missing", "period"),
    ]
    assert all(row["message"].endswith(".") for row in error["rows"])
    assert not Measurement.objects.exists()
    answer = client.post(f"{ONE}measurements/", {"rows": rows, "partial": True})
    assert answer.status_code == 201
    assert answer.data["added"] == 1
    assert [fault["line"] for fault in answer.data["faults"]] == [2, 3, 4, 5, 6, 7, 8]


def test_ten_thousand_are_taken_in_one_call_and_their_faults_are_all_told(kpi: Kpi, lead: User, api: Any) -> None:
    Kpi.objects.filter(pk=kpi.pk).update(frequency="day")
    client, first = api(lead), date(1990, 1, 1)
    rows: list[Any] = [
        {"period": (first + timedelta(days=n)).isoformat(), "value": n / 8, "note": "from the line"}
        for n in range(10_000)
    ]
    made = client.post(f"{ONE}measurements/", rows)
    assert (made.status_code, made.data["added"]) == (201, 10_000)
    for row in rows[::2]:
        row["value"] = "x"
    error = client.post(f"{ONE}measurements/", rows).json()["error"]
    assert ([row["line"] for row in error["rows"]], len(error["details"])) == (list(range(1, 10_001, 2)), 201)


def test_huge_integers_and_lists_are_refused(kpi: Kpi, lead: User, api: Any) -> None:
    client = api(lead)
    answer = client.post(f"{ONE}measurements/", {"period": "2026-01-05", "value": 10**400})
    assert answer.json()["error"]["code"] == "rows_invalid"
    answer = client.post(f"{ONE}measurements/", [{"period": "2026-01-05", "value": 1}] * 10_001)
    assert answer.json()["error"]["code"] == "too_many_rows"
    assert client.post(f"{ONE}measurements/", {"rows": "x"}).json()["error"]["code"] == "rows_unreadable"


def test_a_viewer_may_not_probe_rows(kpi: Kpi, viewer: User, api: Any) -> None:
    assert api(viewer).post(f"{ONE}measurements/", [{"period": "x"}]).status_code == 403


def test_a_file_is_uploaded(kpi: Kpi, lead: User, api: Any) -> None:
    client = api(lead)
    content = b"date,value\n2026-01-05,1\n2026-01-12,x\n"
    answer = client.post(f"{ONE}measurements/csv/", {"file": SimpleUploadedFile("a.csv", content)}, format="multipart")
    assert answer.json()["error"]["details"] == ["Line 3: “x” is no number. Write it without a unit, such as 12.5."]
    answer = client.post(
        f"{ONE}measurements/csv/", {"file": SimpleUploadedFile("a.csv", content), "partial": "true"}, format="multipart"
    )
    assert (answer.status_code, answer.data["added"], len(answer.data["faults"])) == (201, 1, 1)


def test_the_baseline_takes_two_people(measured: Kpi, lead: User, customer: User, api: Any) -> None:
    made = api(lead).post(f"{ONE}baselines/", {"starts_on": "2026-01-05", "ends_on": "2026-03-29"})
    assert (made.status_code, made.data["state"]) == (201, "proposed")
    address = f"/api/v1/baselines/{made.data['id']}/approve/"
    assert api(lead).post(address).status_code == 403
    done = api(customer).post(address)
    assert (done.status_code, done.data["state"], done.data["count"]) == (200, "frozen", 12)
    assert api(customer).post(address).json()["error"]["code"] == "baseline_not_proposed"
    assert api(lead).get(ONE).data["baseline"]["values_hash"] == done.data["values_hash"]
    assert api(lead).get(f"{ONE}baselines/").data["results"][0]["approved_by"] == "Cem Customer"


@pytest.mark.parametrize("amount", ["0.1", "1e1", "12345678.9012"])
def test_money_comes_and_goes_as_text(project: Project, lead: User, api: Any, amount: str) -> None:
    given = {"side": "cost", "basis": "planned", "category": "build", "month": "2026-01-01", "amount": amount}
    made = api(lead).post(f"{ROOT}cash-lines/", given)
    assert made.status_code == 201
    assert made.json()["amount"] == {"1e1": "10"}.get(amount, amount)


@pytest.mark.parametrize(
    ("amount", "code"),
    [(0.1, "money_is_float"), (10, "money_not_text"), ("x", "amount_invalid"), (True, "amount_invalid")],
)
def test_money_as_a_json_number_is_refused(
    project: Project, kpi: Kpi, lead: User, api: Any, amount: object, code: str
) -> None:
    client = api(lead)
    given = {"side": "cost", "basis": "planned", "category": "build", "month": "2026-01-01", "amount": amount}
    answer = client.post(f"{ROOT}cash-lines/", given)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    answer = client.post(f"{ONE}unit-values/", {"amount": amount, "currency": "EUR", "valid_from": "2026-01-01"})
    assert answer.json()["error"]["code"] == code
    assert not CashLine.objects.exists()


def test_targets_values_and_go_live_are_set(kpi: Kpi, lead: User, api: Any) -> None:
    client = api(lead)
    assert client.post(f"{ONE}targets/", {"value": 9.5, "due_on": "2026-12-01"}).status_code == 201
    given = {"amount": "38.5", "low": "30", "high": "45", "currency": "EUR", "valid_from": "2026-01-01"}
    assert client.post(f"{ONE}unit-values/", given).data["low"] == "30"
    assert client.post(f"{ROOT}go-live/", {"on": "2026-04-01", "ramp_until": "2026-05-01"}).status_code == 201
    assert client.get(f"{ROOT}go-live/").data["results"][0]["on"] == "2026-04-01"
    detail = client.get(ONE).data
    assert (detail["target"]["value"], detail["unit_value"]["amount"]) == (9.5, "38.5")
    assert client.post(f"{ONE}targets/", {"value": "NaN", "due_on": "2026-12-01"}).status_code == 400
    assert client.get(f"{ONE}targets/").data["count"] == 1


def test_a_line_is_voided(project: Project, lead: User, api: Any) -> None:
    client = api(lead)
    given = {"side": "benefit", "basis": "planned", "category": "benefit", "month": "2026-01-01", "amount": "5"}
    made = client.post(f"{ROOT}cash-lines/", given)
    assert client.post(f"/api/v1/cash-lines/{made.data['id']}/void/", {"reason": "twice"}).data["voided_at"]
    assert client.get(f"{ROOT}cash-lines/").data["count"] == 1
