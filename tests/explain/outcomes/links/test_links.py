"""Tying a metric of the model to a KPI: deed, page, REST, what a report says of it, and what stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from explain.outcomes.links.models import MetricLink
from explain.outcomes.links.selectors import links_for_report, links_shown
from explain.outcomes.links.services import end_link, tie_metric
from explain.outcomes.links.triggers import hold_links, let_links_go
from explain.outcomes.models import OutcomeReport
from explain.outcomes.papers import spreadsheet_of
from explain.outcomes.papers.pdf import pdf_of, words_of
from explain.outcomes.runs import inputs_of, make_report
from explain.outcomes.services import request_report
from explain.register.models import GateAsk, ModelVersion
from foundation.audit.models import Entry
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.models import Kpi
from lifecycle.kpis.periods import organisation_today
from lifecycle.methodologies.models import Methodology
from lifecycle.projects.models import Project
from lifecycle.projects.services import start_project
from tests.conftest import SignIn
from tests.explain.outcomes.conftest import MakeLive
from tests.explain.outcomes.test_pages_of_outcomes import text

pytestmark = pytest.mark.django_db
Api = Callable[[User], Any]
PATH = "/projects/triage/links/"
REST = "/api/v1/projects/triage/metric-links/"


@pytest.fixture
def kpi(live: MakeLive, project: Project, lead: User, sponsor: User) -> Kpi:
    """Defects by month, lower is better, live since January 2025."""
    live(project, lead, sponsor)
    return Kpi.objects.get(project=project)


@pytest.fixture
def versions(project: Project, lead: User) -> list[ModelVersion]:
    """Two accepted versions: from December 2024, and from May 2025."""
    return [
        ModelVersion.objects.create(
            project=project, number=number, name="Triage", format="skops", file="x", filename="x", size=1,
            sha256=str(number) * 64, state="accepted", metrics={"AUC": auc}, uploaded_by=lead,
            uploaded_at=datetime(*day, 12, tzinfo=UTC),
        )
        for number, auc, day in ((1, 0.90, (2024, 12, 10)), (2, 0.94, (2025, 5, 1)))
    ]  # fmt: skip


@pytest.fixture
def terms(kpi: Kpi, versions: list[ModelVersion], project: Project) -> dict[str, Any]:
    return {
        "project": project, "kpi": kpi, "model_name": "Triage", "metric": "AUC", "expected": -0.5,
        "hypothesis": "Fewer false alarms, fewer defects.",
    }  # fmt: skip


@pytest.fixture
def link(terms: dict[str, Any], contributor: User) -> MetricLink:
    return tie_metric(actor=contributor, **terms)


@pytest.fixture
def report(link: MetricLink, lead: User, project: Project) -> OutcomeReport:
    """A done report that knows the link, which is as old as the story."""
    _as_if_tied_long_ago(link)
    made = request_report(actor=lead, project=project, as_of=date(2025, 12, 31))
    assert make_report(made.job_id or 0) == "done"
    made.refresh_from_db()
    return made


def _as_if_tied_long_ago(link: MetricLink) -> None:
    editor = type("Editor", (), {"connection": connection})
    let_links_go(None, editor)
    MetricLink.objects.filter(pk=link.pk).update(created_at=datetime(2024, 12, 1, tzinfo=UTC))
    hold_links(None, editor)


def test_the_team_ties_a_metric_and_the_trail_says_so(link: MetricLink, contributor: User) -> None:
    entry = Entry.objects.get(verb="tie_metric")
    assert (entry.actor_id, entry.project_id, entry.thing_kind) == (contributor.pk, link.project_id, "metric_link")
    assert entry.after["expected"] == -0.5
    assert entry.after["kpi"] == "defects"
    assert str(link) == "AUC of Triage and Defects"


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("expected_against_direction", {"expected": 0.5}),
        ("expected_against_direction", {"better": "lower"}),
        ("expected_with_direction", {"against": True}),
        ("expected_invalid", {"expected": 0.0}),
        ("expected_invalid", {"expected": float("nan")}),
        ("point_invalid", {"point": 0.0}),
        ("point_invalid", {"point": float("inf")}),
        ("metric_unknown", {"metric": "auc"}),
        ("metric_unknown", {"model_name": "Other"}),
        ("better_unknown", {"better": "up"}),
        ("empty", {"hypothesis": "  "}),
        ("text_too_long", {"hypothesis": "x" * 1001}),
    ],
)
def test_terms_that_make_no_sense_are_refused(
    code: str, changes: dict[str, Any], terms: dict[str, Any], contributor: User
) -> None:
    with pytest.raises(Refused) as refused:
        tie_metric(actor=contributor, **terms | changes)
    assert (refused.value.code, refused.value.status) == (code, 400)
    assert not MetricLink.objects.exists()


@pytest.mark.parametrize("changes", [{"expected": 0.5, "against": True}, {"better": "lower", "expected": 0.5}])
def test_a_kpi_that_pays_the_price_and_a_metric_that_falls_are_said_to_be_so(
    changes: dict[str, Any], terms: dict[str, Any], contributor: User
) -> None:
    assert tie_metric(actor=contributor, **terms | changes).expected == 0.5


def test_a_pair_is_tied_once_until_the_link_is_ended(
    link: MetricLink, terms: dict[str, Any], contributor: User
) -> None:
    with pytest.raises(Refused, match="tied to Defects already") as refused:
        tie_metric(actor=contributor, **terms)
    assert refused.value.code == "link_exists"
    ended = end_link(actor=contributor, link_id=link.pk, reason="The metric was dropped.")
    assert (ended.ended_by, ended.end_reason) == (contributor, "The metric was dropped.")
    assert Entry.objects.get(verb="end_metric_link").reason == "The metric was dropped."
    assert tie_metric(actor=contributor, **terms).pk != link.pk
    with pytest.raises(Refused) as again:
        end_link(actor=contributor, link_id=link.pk)
    assert again.value.code == "link_ended"


def test_only_the_team_ties_and_only_kpis_of_its_own_project(
    terms: dict[str, Any], crisp_dm: Methodology, sponsor: User, lead: User
) -> None:
    with pytest.raises(Refused) as refused:
        tie_metric(actor=sponsor, **terms)
    assert refused.value.status == 403
    other = start_project(
        actor=lead, key="other", name="Other", question="What else?", methodology=crisp_dm,
        started_on=date(2026, 1, 5),
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        tie_metric(actor=lead, **terms | {"project": other})
    assert refused.value.code == "kpi_unknown"


@pytest.mark.parametrize(
    "change",
    ["expected = 1", "hypothesis = 'x'", "metric = 'F1'", "point = 1", "created_at = '2020-01-01'", "kpi_version = 2"],
)
def test_the_terms_of_a_link_never_change(link: MetricLink, change: str) -> None:
    _refused(f"UPDATE explain_metriclink SET {change}")


def test_what_ended_stays_ended_and_links_are_kept(link: MetricLink, contributor: User) -> None:
    end_link(actor=contributor, link_id=link.pk)
    _refused("UPDATE explain_metriclink SET ended_at = NULL, ended_by_id = NULL")
    _refused("UPDATE explain_metriclink SET end_reason = 'another'")
    _refused("DELETE FROM explain_metriclink")


def _refused(sql: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_versions_are_in_use_from_their_upload_or_from_the_answer_to_the_pipeline(
    link: MetricLink, versions: list[ModelVersion], lead: User, project: Project
) -> None:
    at = datetime(2030, 1, 1, tzinfo=UTC)
    (told,) = links_for_report(project, at, versions)
    assert (told["basis"], told["steps"]) == ("uploaded", [["2024-12-10", 1, 0.90], ["2025-05-01", 2, 0.94]])
    for version, day, allowed in ((0, 3, True), (0, 4, True), (1, 5, False), (1, 6, True), (0, 9, True)):
        GateAsk.objects.create(
            project=project, model_version=versions[version], sha256="x", environment="production", allowed=allowed,
            reasons=[] if allowed else [{"code": "x", "message": "x"}], asked_by=lead,
            asked_at=datetime(2025, 6, day, 12, tzinfo=UTC),
        )  # fmt: skip
    (told,) = links_for_report(project, at, versions)
    assert told["basis"] == "asked"
    assert told["steps"] == [["2025-06-03", 1, 0.90], ["2025-06-06", 2, 0.94], ["2025-06-09", 1, 0.90]]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        links_for_report(project, at, versions)
    assert len(queries) == 2


def test_a_report_knows_the_links_of_its_day_and_its_money_does_not_change(
    report: OutcomeReport, link: MetricLink, contributor: User
) -> None:
    (told,) = report.result["links"]
    assert (told["id"], told["held"], told["reasons"]) == (link.pk, "unknown", ["too_few_periods"])
    assert [(use["version"], use["n"], use["why"]) for use in told["uses"]] == [
        (1, 4, "fewer than 8 measured periods"), (2, 8, ""),
    ]  # fmt: skip
    assert len(told["series"]) == 24
    end_link(actor=contributor, link_id=link.pk)
    again = inputs_of(OutcomeReport(project=link.project, as_of=organisation_today()))
    assert again["links"] == []
    assert report.benefits_to_date == 1200


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


def test_the_report_on_paper_draws_the_link(report: OutcomeReport) -> None:
    (told,) = words_of(report)["links"]
    assert told["title"] == "AUC and Defects"
    assert told["sentence"].startswith("Cannot be said yet")
    assert told["drawing"]["marks"]
    assert pdf_of(report).startswith(b"%PDF")


def test_a_report_of_a_former_version_tells_no_links(report: OutcomeReport) -> None:
    report.result.pop("links")
    assert words_of(report)["links"] == []
    assert pdf_of(report).startswith(b"%PDF")


def test_the_spreadsheet_holds_what_the_page_says_of_a_link(report: OutcomeReport, link: MetricLink) -> None:
    book = load_workbook(BytesIO(spreadsheet_of(report)))
    (head, row) = [[cell.value for cell in line] for line in book["Links"].iter_rows()][2:]
    cells, (told,) = dict(zip(head, row, strict=True)), report.result["links"]
    assert (cells["Metric"], cells["KPI"], cells["Hypothesis"]) == ("AUC", "Defects", link.hypothesis)
    assert (cells["Expected for each point"], cells["One point of the metric"]) == (link.expected, link.point)
    assert (cells["Seen for each point"], cells["Did it hold?"]) == (None, "cannot be said yet")
    assert cells["What may be said"] == told["sentence"]
    uses = [[cell.value for cell in line] for line in book["KPI by version"].iter_rows()][3:]
    assert [(row[2], row[5], row[6], row[10]) for row in uses] == [
        (use["version"], use["metric"], use["mean"], use["n"]) for use in told["uses"]
    ]


def test_what_was_seen_stands_on_paper_and_in_the_spreadsheet(report: OutcomeReport) -> None:
    told = report.result["links"][0]
    told |= {"held": "against", "status": "measured", "observed": 0.25, "interval": [0.125, 0.375], "against": True}
    facts = dict(words_of(report)["links"][0]["facts"])
    assert "0.25" in facts["Seen"]
    assert facts["Seen"].endswith("95 % interval 0.12 to 0.38: against the expectation")
    assert facts["Expected"].endswith("the team expects this KPI to get worse")
    (head, row) = [
        [c.value for c in line] for line in load_workbook(BytesIO(spreadsheet_of(report)))["Links"].iter_rows()
    ][2:]
    cells = dict(zip(head, row, strict=True))
    assert [cells[f"Seen {name}"] for name in ("for each point", "from (95 %)", "to (95 %)")] == [0.25, 0.125, 0.375]
    assert (cells["Did it hold?"], cells["Grade"]) == ("against the expectation", "measured")


def test_a_report_without_links_has_no_sheet_of_them(report: OutcomeReport) -> None:
    report.result["links"] = []
    assert not {"Links", "KPI by version"} & set(load_workbook(BytesIO(spreadsheet_of(report))).sheetnames)
