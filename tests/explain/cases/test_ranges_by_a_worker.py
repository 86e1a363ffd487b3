"""What-ifs in a web that holds no statistics library: values at once, ranges when a worker has drawn them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from explain.cases.models import CaseVersion
from explain.cases.services import write_case
from explain.outcomes.calculators.command import answer
from explain.outcomes.calculators.models import Calculation
from explain.outcomes.tasks import calculation
from foundation.jobs.models import Job
from foundation.people.models import User
from lifecycle.projects.models import Project
from tests.conftest import SignIn
from tests.explain.cases.test_pages_of_cases import API, CASE, text

WHAT_IF = f"{CASE}what-if/?uplift=80"


@pytest.fixture
def web_image(monkeypatch: pytest.MonkeyPatch) -> None:
    """No numpy where pages are made; a worker's child still finds it."""

    def said(name: str, body: bytes) -> dict[str, Any]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("explain.outcomes.compute.business_case.find_spec", lambda module: None)
            return answer(name, body)

    monkeypatch.setattr("explain.cases.counting.computed", said)
    monkeypatch.setattr("explain.outcomes.calculators.services.find_spec", lambda module: None)


@pytest.fixture
def plain_case(web_image: None, project: Project, lead: User, parts: dict[str, Any]) -> CaseVersion:
    """A case that was written there: its version holds no ranges."""
    version = write_case(actor=lead, project=project, parts=parts, expected_number=0)
    assert version.result["uncertainty"] is None
    return version


def test_values_come_at_once_and_ranges_when_the_worker_is_done(
    web_image: None, case: CaseVersion, viewer: User, sign_in: SignIn
) -> None:
    client = sign_in(viewer)
    page = text(client.get(WHAT_IF))
    asked = Calculation.objects.get()
    for word in ("+200 €", "as written +400 €", "Being drawn", "being drawn by a worker", f'data-job="{asked.job_id}"'):
        assert word in page
    assert 'href="/projects/triage/case/what-if/?uplift=80">Look again</a>' in page
    assert "What drives it?" not in page
    assert calculation(asked.job_id) == "done"
    page = text(client.get(WHAT_IF))
    for word in ("+200 €", "P10", "What drives it?", "in four of five"):
        assert word in page
    assert "being drawn" not in page
    assert Job.objects.filter(kind="calculation").count() == 1


def test_the_ranges_of_the_worker_are_those_of_a_web_that_has_the_library(
    project: Project, case: CaseVersion, viewer: User, sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    client = sign_in(viewer)
    at_once = client.get(WHAT_IF).context["headline"]
    request.getfixturevalue("web_image")
    client.get(WHAT_IF)
    calculation(Calculation.objects.get().job_id)
    assert client.get(WHAT_IF).context["headline"] == at_once


def test_a_case_that_was_written_there_gets_its_ranges_too(
    plain_case: CaseVersion, viewer: User, sign_in: SignIn
) -> None:
    client = sign_in(viewer)
    assert "being drawn by a worker" in text(client.get(f"{CASE}what-if/"))
    calculation(Calculation.objects.get().job_id)
    assert client.get(f"{CASE}what-if/").context["headline"].p10 is not None


def test_where_the_library_has_come_since_no_worker_is_asked(
    plain_case: CaseVersion, viewer: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    assert sign_in(viewer).get(f"{CASE}what-if/").context["headline"].p10 is not None
    assert not Calculation.objects.exists()


def test_a_page_whose_worker_gave_up_says_so_and_does_not_ask_again_at_once(
    web_image: None, case: CaseVersion, viewer: User, sign_in: SignIn
) -> None:
    client = sign_in(viewer)
    client.get(WHAT_IF)
    Job.objects.update(state="dead")
    page = text(client.get(WHAT_IF))
    assert "no worker could draw how sure they are" in page
    assert "+200 €" in page
    assert Job.objects.count() == 1


def test_too_many_what_ifs_at_once_still_show_their_values(
    web_image: None, case: CaseVersion, viewer: User, sign_in: SignIn
) -> None:
    client = sign_in(viewer)
    for percent in range(5):
        client.get(f"{CASE}what-if/?uplift={percent}")
    last = client.get(WHAT_IF)
    assert last.status_code == 200
    assert "5 calculations of yours wait for a worker already" in text(last)
    assert "+200 €" in text(last)


def test_a_waiting_page_asks_a_fixed_number_of_queries(
    web_image: None, case: CaseVersion, viewer: User, sign_in: SignIn
) -> None:
    client = sign_in(viewer)
    client.get(WHAT_IF)
    with CaptureQueriesContext(connection) as queries:
        client.get(WHAT_IF)
    assert len(queries) <= 22, "\n".join(query["sql"][:150] for query in queries)


def test_over_rest_a_what_if_says_where_its_answer_will_be(
    web_image: None, case: CaseVersion, viewer: User, api: Callable[[User], Any]
) -> None:
    client = api(viewer)
    told = client.post(f"{API}what-if/", {"cost": "200"}, format="json")
    assert told.status_code == 202
    calculation(Calculation.objects.get().job_id)
    found = client.get(told.headers["Location"]).json()
    assert found["totals"]["costs"] == "1200.00"
    assert found["uncertainty"]["draws"] == 10_000
