"""Value page, report, portfolio and REST: who sees what, in how many queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext

from explain.outcomes.evidence import collect, summarise
from explain.outcomes.models import OutcomeReport
from explain.outcomes.runs import make_report
from explain.outcomes.services import request_report
from explain.outcomes.shown import shown
from foundation.audit import triggers
from foundation.people.models import User
from lifecycle.projects.models import Project
from tests.conftest import SignIn

END = date(2025, 12, 31)
Api = Callable[[User], Any]


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u202f", " ").replace("\u00a0", " ").split())


@pytest.mark.parametrize("who", ["lead", "sponsor", "viewer", "manager"])
def test_the_value_page_says_what_the_project_brings(
    who: str, reported: OutcomeReport, sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    page = text(sign_in(request.getfixturevalue(who)).get("/projects/triage/value/"))
    assert "+600" in page
    assert "100&nbsp;%" in page
    assert "Improved" in page
    assert "measured" in page
    assert ("Compute a report" in page) == (who != "viewer")
    assert ("Ask one of them" in page) == (who == "viewer")


def test_both_ends_of_an_interval_are_written_alike(reported: OutcomeReport) -> None:
    result = shown(reported.result)
    result["figures"] |= {"net_interval": [-14000.4, -29.66], "net_to_date": Decimal("-4112.37")}
    page = render_to_string("explain/outcomes/figures.html", {"result": result}).replace("\u00a0", " ")
    assert "P10 −14 k€ to P90 0 k€" in page
    assert "−4 k€" in page


def test_an_empty_value_page_says_what_is_needed(project: Project, lead: User, sign_in: SignIn) -> None:
    assert "frozen baseline" in text(sign_in(lead).get("/projects/triage/value/"))
    assert "No project that you may see" in text(sign_in(lead).get("/value/"))


def test_asking_on_the_page_leads_to_a_report_that_shows_its_progress(
    project: Project, lead: User, sign_in: SignIn
) -> None:
    client = sign_in(lead)
    response = client.post("/projects/triage/value/", {"as_of": "", "seed": ""})
    assert response.status_code == 302
    assert response["Location"] == "/projects/triage/outcomes/1/"
    assert "waiting for a worker" in text(client.get(response["Location"]))
    assert "is being computed" in text(client.get("/projects/triage/value/"))
    assert client.post("/projects/triage/value/", {"as_of": "nonsense"}).status_code == 400


def test_a_viewer_who_posts_is_refused(project: Project, viewer: User, sign_in: SignIn) -> None:
    sign_in(viewer).post("/projects/triage/value/", {})
    assert not OutcomeReport.objects.exists()


def test_the_report_shows_figures_method_hashes_and_definitions(
    reported: OutcomeReport, lead: User, sign_in: SignIn
) -> None:
    page = text(sign_in(lead).get("/projects/triage/outcomes/1/"))
    for part in (
        reported.inputs_hash, reported.content_hash, "Seed 0", "report-3", "AR(1)", "Where did it go?", "Gross benefit",
        "Build: cost against plan", "12 of 12 months", "Difference of means", "P10 to P90", "Benefits less costs",
        'id="curve-chart"', 'id="waterfall-chart"', 'id="bars-chart"', 'id="run-defects"',
    ):  # fmt: skip
        assert part in page, part


@pytest.mark.parametrize(
    "path", ["/projects/triage/value/", "/projects/triage/outcomes/1/", "/api/v1/projects/triage/outcome-reports/",
             "/api/v1/projects/triage/outcome-reports/1/"]
)  # fmt: skip
def test_what_one_may_not_see_is_not_found(path: str, reported: OutcomeReport, outsider: User, sign_in: SignIn) -> None:
    client = sign_in(outsider)
    assert client.get(path).status_code == 404
    assert client.get("/projects/nothing/value/").status_code == 404


def test_a_report_that_does_not_exist_is_not_found(reported: OutcomeReport, lead: User, sign_in: SignIn) -> None:
    assert sign_in(lead).get("/projects/triage/outcomes/99/").status_code == 404
    assert sign_in(lead).get("/api/v1/projects/triage/outcome-reports/99/").status_code == 404


def _queries(client: Any, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def test_the_value_page_needs_a_constant_number_of_queries(
    reported: OutcomeReport, lead: User, project: Project, sign_in: SignIn
) -> None:
    client = sign_in(lead)
    one = _queries(client, "/projects/triage/value/")
    for _ in range(3):
        report = request_report(actor=lead, project=project, as_of=END)
        make_report(report.job_id or 0)
    assert _queries(client, "/projects/triage/value/") <= one + 1  # a notice more may be counted


def test_the_evidence_of_a_report_says_effect_worth_and_grade(reported: OutcomeReport, project: Project) -> None:
    stage = project.stages.first()
    assert stage is not None
    summary = summarise(project, collect(stage))
    assert summary is not None
    shown = render_to_string(summary.template, summary.context)
    for part in ("Improved", "measured", "effect-chart-figure", "Outcome report 1"):
        assert part in shown
    effect, worth, chance, horizon = summary.figures
    assert effect.label.endswith(": effect")
    assert effect.grade == "measured"
    assert effect.note.startswith("95 %: ")
    assert "600" in worth.value
    assert (worth.label, worth.grade) == ("Net benefit to date", reported.grade)
    assert (chance.label, chance.value) == ("Chance that it pays", "over 99 %")
    assert chance.note.startswith("break-even in month") or chance.note == "pays from the start"
    assert horizon.label == f"Net present value, {reported.result['horizon_months']} months"


def test_a_report_without_a_measured_effect_offers_no_number_for_it(reported: OutcomeReport, project: Project) -> None:
    stage = project.stages.first()
    assert stage is not None
    for kpi in reported.result["kpis"]:
        kpi["effect"] |= {"effect": None, "interval": None, "status": "not_enough_data"}
    triggers.remove_kept(connection, OutcomeReport._meta.db_table)
    OutcomeReport.objects.filter(pk=reported.pk).update(result=reported.result, benefits_to_date=None, npv=None)
    summary = summarise(project, collect(stage))
    assert summary is not None
    effect = summary.figures[0]
    assert (effect.value, effect.note, effect.grade) == ("not known", "", "not_enough_data")
    assert [figure.label for figure in summary.figures[1:]] == ["Chance that it pays"]


def test_the_api_takes_a_request_and_answers_with_the_job(project: Project, lead: User, viewer: User, api: Api) -> None:
    answer = api(lead).post("/api/v1/projects/triage/outcome-reports/", {"seed": 3})
    assert answer.status_code == 202
    report = OutcomeReport.objects.get()
    assert answer.json() == {"number": 1, "state": "waiting", "as_of": report.as_of.isoformat(), "job": report.job_id}
    assert report.seed == 3
    refused = api(viewer).post("/api/v1/projects/triage/outcome-reports/", {})
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "not_permitted"
    ahead = api(lead).post("/api/v1/projects/triage/outcome-reports/", {"as_of": "2999-01-01"})
    assert (ahead.status_code, ahead.json()["error"]["code"]) == (400, "as_of_ahead")


def test_the_api_gives_money_as_text(reported: OutcomeReport, lead: User, manager: User, api: Api) -> None:
    listed = api(lead).get("/api/v1/projects/triage/outcome-reports/").json()
    assert listed["count"] == 1
    assert listed["results"][0]["net_to_date"] == "600.0000"
    assert "result" not in listed["results"][0]
    detail = api(lead).get("/api/v1/projects/triage/outcome-reports/1/").json()
    assert detail["result"]["figures"]["npv_horizon"] == "1800.00"
