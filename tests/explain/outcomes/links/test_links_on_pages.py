"""A metric tied to a KPI as people and scripts meet it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from explain.outcomes.links.models import MetricLink
from explain.outcomes.links.selectors import links_shown
from explain.outcomes.links.services import tie_metric
from explain.outcomes.models import OutcomeReport
from foundation.people.models import User
from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Project
from tests.conftest import SignIn
from tests.explain.outcomes.test_pages_of_outcomes import text

pytestmark = pytest.mark.django_db
Api = Callable[[User], Any]
PATH = "/projects/triage/links/"
REST = "/api/v1/projects/triage/metric-links/"


def test_the_page_shows_the_link_with_its_chart_and_the_form_to_the_team_only(
    report: OutcomeReport, link: MetricLink, contributor: User, viewer: User, sign_in: SignIn
) -> None:
    page = text(sign_in(contributor).get(PATH))
    for part in ("Cannot be said yet", "Fewer false alarms", "link-chart-", "Tie them", "End it", "Version 2"):
        assert part in page
    other = text(sign_in(viewer).get(PATH))
    assert "Tie them" not in other
    assert "Only the project&#x27;s team" in other
    told = text(sign_in(viewer).get(report.get_absolute_url()))
    assert "Does it pay? AUC and Defects" in told
    assert "Follows the model?" in text(sign_in(viewer).get(link.kpi.get_absolute_url()))
    assert "should move" in text(sign_in(viewer).get("/projects/triage/models/2/"))


def test_the_form_ties_says_what_is_wrong_and_ends(terms: dict[str, Any], contributor: User, sign_in: SignIn) -> None:
    client = sign_in(contributor)
    Kpi.objects.create(
        project=terms["project"], key="another", name="Another", unit="1", direction="increase", kind="flow",
        frequency="month", created_by=contributor,
    )  # fmt: skip
    sent = {"source": "0", "better": "higher", "kpi": "defects", "hypothesis": "Why not?", "point": "0.01"}
    wrong = client.post(PATH, {**sent, "expected": "0.5"})
    assert wrong.status_code == 400
    assert "makes Defects worse (lower is better)" in text(wrong)
    assert "Why not?" in text(wrong)
    assert client.post(PATH, {**sent, "expected": "-0.5"}).status_code == 302
    made = MetricLink.objects.get()
    assert (made.metric, made.expected) == ("AUC", -0.5)
    assert client.post(f"{PATH}{made.pk}/end/", {"reason": "Wrong unit."}).status_code == 302
    page = text(client.get(PATH))
    assert "ended" in page
    assert "Wrong unit." in page


def test_the_page_costs_the_same_however_many_links_there_are(
    report: OutcomeReport, link: MetricLink, viewer: User, sign_in: SignIn, contributor: User, project: Project
) -> None:
    client = sign_in(viewer)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(PATH)
        return len(queries)

    with CaptureQueriesContext(connection) as queries:
        links_shown(project)
    assert len(queries) == 2
    client.get(PATH)
    one = count()
    for number in range(5):
        kpi = Kpi.objects.create(
            project=project, key=f"k{number}", name=f"K{number}", unit="1", direction="decrease", kind="flow",
            frequency="month", created_by=contributor,
        )  # fmt: skip
        tie_metric(
            actor=contributor, project=project, kpi=kpi, model_name="Triage", metric="AUC", expected=-1.0,
            hypothesis="x",
        )  # fmt: skip
    assert count() == one


def test_rest_ties_lists_and_ends(terms: dict[str, Any], contributor: User, viewer: User, api: Api) -> None:
    client = api(contributor)
    body = {"model_name": "Triage", "metric": "AUC", "kpi": "defects", "hypothesis": "Why not?", "expected": -0.5}
    made = client.post(REST, body, format="json")
    assert made.status_code == 201
    assert (made.json()["point"], made.json()["unit"]) == (0.01, "1")
    for change, code in (({"kpi": "none"}, "kpi_unknown"), ({"expected": 0.5}, "expected_against_direction")):
        refused = client.post(REST, body | change, format="json")
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, code)
    number = made.json()["id"]
    assert [row["id"] for row in api(viewer).get(REST).json()] == [number]
    ended = client.post(f"{REST}{number}/end/", {"reason": "No."}, format="json")
    assert (ended.status_code, ended.json()["end_reason"]) == (200, "No.")
    assert client.post(f"{REST}{number}/end/", {}, format="json").status_code == 409
