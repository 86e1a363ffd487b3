"""The pages and the REST of business cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from explain.cases.models import CaseVersion, Promise, Scenario
from explain.cases.services import put_forward, take_over
from foundation.people.models import User
from lifecycle.projects.models import Project
from tests.conftest import SignIn
from tests.explain.cases.conftest import Approve

CASE = "/projects/triage/case/"
API = "/api/v1/projects/triage/case/"


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u202f", " ").replace("\u00a0", " ").split())


def test_a_project_without_a_case_says_what_to_write(project: Project, lead: User, sign_in: SignIn) -> None:
    page = text(sign_in(lead).get(CASE))
    for word in ("Feasibility study", "Stakeholder map", "Write the four parts", "is the deliverable"):
        assert word in page


def test_the_page_shows_figures_parts_and_the_map(case: CaseVersion, viewer: User, sign_in: SignIn) -> None:
    page = text(sign_in(viewer).get(CASE))
    for word in ("+400 €", "Feasible if consent is renewed.", "Data are in", "Pathologists", "2 (1 to 3)", "assumed"):
        assert word in page
    assert "/case/parts/" not in page  # who may not write is offered no form


@pytest.mark.parametrize(("address", "most"), [("", 22), ("what-if/", 16), ("promise/", 18)])
def test_pages_ask_a_fixed_number_of_queries(
    address: str, most: int, promise: Promise, lead: User, sign_in: SignIn
) -> None:
    client = sign_in(lead)
    client.get(CASE + address)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(CASE + address).status_code == 200
    assert len(queries) <= most, "\n".join(query["sql"][:150] for query in queries)


def _posted(**changes: str) -> dict[str, str]:
    return {
        "stakeholders-count": "2", "expected_number": "0",
        "stakeholders-0-who": "Nurses", "stakeholders-0-influence": "3", "stakeholders-0-interest": "4",
    } | changes  # fmt: skip


def test_a_part_is_written_without_javascript(project: Project, lead: User, sign_in: SignIn) -> None:
    answer = sign_in(lead).post(f"{CASE}parts/stakeholder-map/", _posted())
    assert answer.status_code == 302
    (row,) = CaseVersion.objects.get().content["stakeholder_map"]["stakeholders"]
    assert (row["who"], row["influence"], row["needs"]) == ("Nurses", 3, "")


def test_more_rows_save_nothing_and_lose_nothing(project: Project, lead: User, sign_in: SignIn) -> None:
    page = text(sign_in(lead).post(f"{CASE}parts/stakeholder-map/", _posted(more="stakeholders")))
    assert 'value="Nurses"' in page
    assert 'name="stakeholders-4-who"' in page
    assert not CaseVersion.objects.exists()


def test_a_fault_stands_beside_its_field_and_all_that_was_typed_stays(
    project: Project, lead: User, sign_in: SignIn
) -> None:
    answer = sign_in(lead).post(f"{CASE}parts/stakeholder-map/", _posted(**{"stakeholders-0-influence": "7"}))
    page = text(answer)
    assert answer.status_code == 400
    assert "a whole number from 1 to 5 is needed" in page
    assert 'value="Nurses"' in page


def test_a_row_that_is_marked_goes_with_the_next_version(case: CaseVersion, lead: User, sign_in: SignIn) -> None:
    rows = {"stakeholders-1-who": "Doctors", "stakeholders-1-influence": "2", "stakeholders-1-interest": "2"}
    body = _posted(**rows, **{"stakeholders-0-away": "on", "expected_number": "1"})
    sign_in(lead).post(f"{CASE}parts/stakeholder-map/", body)
    newest = CaseVersion.objects.order_by("-number")[0]
    assert [row["who"] for row in newest.content["stakeholder_map"]["stakeholders"]] == ["Doctors"]


def test_more_rows_and_faults_do_not_forget_on_which_version_the_text_builds(
    case: CaseVersion, lead: User, sign_in: SignIn
) -> None:
    client = sign_in(lead)
    for changes in ({"more": "stakeholders"}, {"stakeholders-0-influence": "7"}):
        page = text(client.post(f"{CASE}parts/stakeholder-map/", _posted(**changes)))
        assert 'name="expected_number" value="0"' in page
    assert 'name="expected_number" value="1"' in text(client.get(f"{CASE}parts/stakeholder-map/"))
    # Who was told of the newer version builds on that one.
    assert 'name="expected_number" value="1"' in text(client.post(f"{CASE}parts/stakeholder-map/", _posted()))


def test_a_saved_part_tells_the_browser_to_drop_its_draft(project: Project, lead: User, sign_in: SignIn) -> None:
    client = sign_in(lead)
    address = client.post(f"{CASE}parts/stakeholder-map/", _posted()).headers["Location"]
    assert address == f"{CASE}?saved=stakeholder_map"
    key = f"{lead.pk}:case:{project.pk}:stakeholder_map"
    assert f'data-draft-saved="{key}"' in text(client.get(address))
    assert f'data-draft="{key}"' in text(client.get(f"{CASE}parts/stakeholder-map/"))
    assert "data-draft-saved" not in text(client.get(f"{CASE}?saved=%3Cb%3E"))


def test_a_conflict_is_told_in_place(case: CaseVersion, lead: User, sign_in: SignIn) -> None:
    answer = sign_in(lead).post(f"{CASE}parts/stakeholder-map/", _posted())
    assert answer.status_code == 409
    assert "while you worked on version 0" in text(answer)
    assert 'value="Nurses"' in text(answer)


def test_a_what_if_is_in_the_address_and_stores_nothing(case: CaseVersion, viewer: User, sign_in: SignIn) -> None:
    page = text(sign_in(viewer).get(f"{CASE}what-if/?uplift=50"))
    assert "−100 €" in page
    assert "as written +400 €" in page
    assert not Scenario.objects.exists()


def test_a_what_if_that_cannot_be_is_said_at_its_field(case: CaseVersion, viewer: User, sign_in: SignIn) -> None:
    answer = sign_in(viewer).get(f"{CASE}what-if/?delay=900&uplift=x")
    assert answer.status_code == 400
    assert "aria-invalid" in text(answer)


@pytest.mark.parametrize("address", ["?version=9", "?version=x", "what-if/?version=9", "parts/nothing/"])
def test_what_is_not_there_is_not_found(address: str, case: CaseVersion, lead: User, sign_in: SignIn) -> None:
    assert sign_in(lead).get(CASE + address).status_code == 404


def test_the_value_page_tells_what_was_promised(promise: Promise, viewer: User, sign_in: SignIn) -> None:
    page = text(sign_in(viewer).get("/projects/triage/value/"))
    assert "What was promised" in page
    assert "Sam Sponsor (sponsor)" in page


def test_deciders_see_the_promise_and_its_largest_driver(
    case: CaseVersion, lead: User, sponsor: User, submitted: Approve, sign_in: SignIn
) -> None:
    put_forward(actor=lead, project=case.project, number=1)
    page = text(sign_in(sponsor).get(f"/rounds/{submitted().pk}/"))
    for word in ("What is promised?", "+400 €", "Minutes saved: uplift", "of high influence: Pathologists", "P10"):
        assert word in page


def test_text_of_people_is_text_everywhere(
    project: Project, lead: User, parts: dict[str, Any], sign_in: SignIn
) -> None:
    from explain.cases.services import write_case

    parts["cost_benefit"]["benefits"][0]["name"] = "<b>x</b>"
    parts["stakeholder_map"]["stakeholders"][0]["who"] = "<script>alert(1)</script>|"
    write_case(actor=lead, project=project, parts=parts, expected_number=0)
    client = sign_in(lead)
    for address in ("", "what-if/", "parts/stakeholder-map/"):
        page = text(client.get(CASE + address))
        assert "<b>x" not in page
        assert "<script>alert" not in page


def test_a_case_goes_round_by_rest(
    project: Project, lead: User, parts: dict[str, Any], api: Callable[[User], Any]
) -> None:
    client = api(lead)
    assert client.get(API).status_code == 404
    made = client.post(API, {"parts": parts, "expected_number": 0}, format="json")
    assert made.status_code == 201, made.content
    assert client.get(API).json() == made.json()
    assert client.post(f"{API}what-if/", {"cost": "200"}, format="json").json()["totals"]["costs"] == "1200.00"
    kept = client.post(f"{API}scenarios/", {"name": "Dear", "cost": "200"}, format="json")
    assert kept.status_code == 201
    assert client.delete(f"{API}scenarios/{kept.json()['id']}/").status_code == 204
    assert client.post(f"{API}put-forward/", {"number": 1}, format="json").json()["put_forward_at"]
    parts["cost_benefit"]["costs"][0]["amount"] = 12.5
    refused = client.post(API, {"parts": parts, "expected_number": 1}, format="json")
    assert refused.status_code == 400
    assert refused.json()["error"]["code"] == "case_unsound"


def test_the_promise_by_rest(promise: Promise, lead: User, api: Callable[[User], Any]) -> None:
    take_over(actor=lead, project=promise.project)
    found = api(lead).get(f"{API}promise/").json()
    assert found["content_hash"] == promise.content_hash
    assert found["whole"][2] == {
        "measure": "Net benefit", "promised": "400.0000", "planned": "400.0000", "realised": None,
    }  # fmt: skip
