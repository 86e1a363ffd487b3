"""Pages and REST of the acceptance."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from foundation.people.models import User
from lifecycle.acceptance.models import Acceptance
from lifecycle.acceptance.services import (
    invite_signatory,
    offer_acceptance,
    open_acceptance,
    propose_change,
    set_criterion,
    write_handoff,
)
from lifecycle.acceptance.urls import api_urlpatterns, urlpatterns
from lifecycle.projects.models import Project
from tests.conftest import PASSWORD
from tests.lifecycle.acceptance.conftest import agree_on

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
BASE = "/projects/triage/acceptance/"
XSS = "<script>alert(1)</script> [x](javascript:alert(1))"


def test_an_outsider_finds_nothing_at_any_address(
    offered: Acceptance, sign_in: SignIn, outsider: User, lead: User, contributor: User
) -> None:
    client, result = sign_in(outsider), offered.results.first()
    assert result is not None
    asked = propose_change(
        actor=lead, project=offered.project, key="waiting-time", measure="Wait", threshold="8", reason="x"
    )
    record = write_handoff(
        actor=contributor, project=offered.project, receiving_party="Ward", handed_on=date(2026, 3, 1), items={}
    )
    link = invite_signatory(
        actor=lead, acceptance_id=offered.pk, name="Ann", email="ann@customer.example", organisation="Customer"
    )
    known: dict[str, Any] = {
        "key": "triage", "number": 1, "result_id": result.pk, "criterion_key": "waiting-time", "condition": 1,
        "change_id": asked.pk, "link_id": link.pk,
    }  # fmt: skip
    ids = {"acceptances": offered.pk, "criterion-changes": asked.pk, "signatories": link.pk, "handoffs": record.pk}
    for pattern in [*urlpatterns, *api_urlpatterns]:
        name, wanted = pattern.name or "", pattern.pattern.converters
        if "token" in wanted:
            continue
        given = {part: known.get(part) for part in wanted}
        if "pk" in given:
            given["pk"] = ids[str(pattern.pattern).split("/")[0]]
        path = reverse(f"{'api' if name.startswith('api-') else 'acceptance'}:{name}", kwargs=given)
        statuses = {client.get(path).status_code, client.post(path).status_code}
        assert 404 in statuses, path
        assert statuses <= {404, 405}, path


@pytest.mark.parametrize("who", ["lead", "customer", "contributor", "reviewer", "sponsor", "viewer", "manager"])
def test_every_reader_gets_a_page_in_every_state(
    who: str, project: Project, lead: User, sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    client = sign_in(request.getfixturevalue(who))
    assert client.get(BASE).status_code == client.get(f"{BASE}criteria/").status_code == 200
    judged: Acceptance = request.getfixturevalue("judged")
    result = judged.results.first()
    assert result is not None
    for path in (BASE, f"{BASE}?judge={result.pk}", f"{BASE}?judge=x", f"{BASE}criteria/?edit=waiting-time"):
        assert client.get(path).status_code == 200, path
    offer_acceptance(actor=lead, acceptance_id=judged.pk, approved_use="Order.")
    text = client.get(BASE).content.decode()
    assert ('type="password"' in text) is (who == "customer")
    assert judged.results.count() == 2


def test_an_acceptance_goes_its_whole_way_through_pages(
    ready_project: Project, sign_in: SignIn, lead: User, customer: User
) -> None:
    team, client = sign_in(lead), sign_in(customer)
    team.post(f"{BASE}open/")
    found = Acceptance.objects.get()
    for result in found.results.all():
        team.post(f"{BASE}1/judge/{result.pk}/", {"observed": "9 days", "verdict": "met"})
    team.post(f"{BASE}1/offer/", {"approved_use": "Order of samples.", "limits": ""})
    found.refresh_from_db()
    given = {"verdict": "accepted_with_conditions", "password": PASSWORD, "digest": found.digest}
    page = {"referer": f"http://testserver{BASE}"}
    refused = client.post(f"{BASE}1/decide/", {**given, "text_1": "Runbook"}, headers=page, follow=True)
    assert b"Give the day by which it is met." in refused.content
    assert PASSWORD.encode() not in refused.content
    client.post(f"{BASE}1/decide/", {**given, "text_1": "Runbook", "due_on_1": "2100-01-01"})
    found.refresh_from_db()
    assert found.state == "accepted_with_conditions"
    text = client.get(BASE).content.decode()
    assert "Runbook" in text
    assert "valid" in text
    assert found.digest in text


def test_an_edit_form_keeps_words_and_takes_the_new_version(
    project: Project, sign_in: SignIn, lead: User, sponsor: User
) -> None:
    set_criterion(actor=lead, project=project, measure="Wait", threshold="10")
    set_criterion(actor=sponsor, project=project, measure="Wait", threshold="9", key="wait")
    answer = sign_in(lead).post(
        f"{BASE}criteria/",
        {"measure": "Wait", "threshold": "My eight", "key": "wait", "version": 1},
        headers={"referer": f"http://testserver{BASE}criteria/?edit=wait"},
        follow=True,
    )
    text = answer.content.decode()
    assert "Somebody else changed this criterion" in text
    assert "My eight" in text
    assert 'name="version" value="2"' in text


def test_texts_are_never_markup(project: Project, sign_in: SignIn, lead: User, customer: User) -> None:
    from tests.lifecycle.acceptance.conftest import put_in_last_stage

    set_criterion(actor=lead, project=project, measure=XSS, threshold=XSS, how_measured=XSS, baseline=XSS, judge=XSS)
    put_in_last_stage(project)
    made = open_acceptance(actor=lead, project=project)
    team = sign_in(lead)
    result = made.results.get()
    team.post(f"{BASE}1/judge/{result.pk}/", {"observed": XSS, "verdict": "waived", "evidence": XSS, "reason": XSS})
    team.post(f"{BASE}1/offer/", {"approved_use": XSS, "limits": XSS})
    for path in (BASE, f"{BASE}criteria/"):
        text = sign_in(customer).get(path).content.decode()
        assert "<script>alert" not in text
        assert 'href="javascript:' not in text


def test_a_page_costs_the_same_however_many_criteria(
    project: Project, sign_in: SignIn, lead: User, sponsor: User
) -> None:
    from tests.lifecycle.acceptance.conftest import put_in_last_stage

    set_criterion(actor=lead, project=project, measure="First", threshold="1")
    put_in_last_stage(project)
    open_acceptance(actor=lead, project=project)
    client = sign_in(lead)
    paths = [BASE, f"{BASE}criteria/", "/api/v1/projects/triage/acceptances/", "/api/v1/projects/triage/criteria/"]

    def counts() -> list[int]:
        found = []
        for path in paths:
            client.get(path)
            with CaptureQueriesContext(connection) as caught:
                assert client.get(path).status_code == 200
            found.append(len(caught))
        return found

    before = counts()
    for number in range(6):
        agree_on(lead, sponsor, project, measure=f"More {number}", threshold="1")
    assert Acceptance.objects.get().results.count() == 7
    assert counts() == before
    assert max(before) <= 20


def test_an_acceptance_goes_its_whole_way_over_rest(
    ready_project: Project, api: Callable[[User], Any], lead: User, contributor: User, customer: User
) -> None:
    team, worker, client = api(lead), api(contributor), api(customer)
    made = team.post("/api/v1/projects/triage/acceptances/")
    assert made.status_code == 201, made.json()
    one = f"/api/v1/acceptances/{made.json()['id']}/"
    for key in ("waiting-time", "missed-tumours"):
        judged = worker.post(f"{one}judgements/", {"criterion": key, "verdict": "met", "observed": "9 days"})
        assert judged.status_code == 201
    models = [{"name": "triage", "version": "3"}]
    offered = team.post(f"{one}offers/", {"approved_use": "Order.", "limits": "None.", "models": models})
    assert offered.json()["manifest"]["models"] == models
    wrong = client.post(
        f"{one}decisions/", {"verdict": "accepted", "password": "guess", "digest": offered.json()["digest"]}
    )
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (403, "password_wrong")
    decided = client.post(
        f"{one}decisions/",
        {
            "verdict": "accepted_with_conditions",
            "password": PASSWORD,
            "digest": offered.json()["digest"],
            "conditions": [{"text": "Runbook", "due_on": "2100-01-01"}],
        },
    )
    assert decided.status_code == 201, decided.json()
    assert decided.json()["signature"]["state"] == "valid"
    assert client.get("/api/v1/projects/triage/acceptances/").json()["count"] == 1
    ready_project.refresh_from_db()
    assert ready_project.state == "in_use"
    late = team.post("/api/v1/projects/triage/criteria/", {"measure": "New", "threshold": "1"})
    assert late.json()["error"]["code"] == "project_closed"
