"""Tying a metric of the model to a KPI: the deed, what the database keeps, what a report knows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from explain.outcomes.links.models import MetricLink
from explain.outcomes.links.selectors import links_for_report
from explain.outcomes.links.services import end_link, tie_metric
from explain.outcomes.models import OutcomeReport
from explain.outcomes.runs import inputs_of
from explain.register.models import GateAsk, ModelVersion
from foundation.audit.models import Entry
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.periods import organisation_today
from lifecycle.methodologies.models import Methodology
from lifecycle.projects.models import Project
from lifecycle.projects.services import start_project

pytestmark = pytest.mark.django_db


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
