"""Steps of several projects from the portal's own rows, and where people see them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from explain.outcomes.models import OutcomeReport
from explain.outcomes.runs import inputs_of, make_report
from explain.outcomes.selectors.reconciliation import reconciliation_of
from explain.outcomes.services import request_report
from foundation.people.models import User
from lifecycle.kpis.claims.models import ClaimEvent, KpiClaim
from lifecycle.kpis.models import GoLive, Kpi, Measurement
from lifecycle.projects.models import Project, Role
from lifecycle.projects.services import add_member, start_project
from tests.conftest import MakePerson, SignIn
from tests.explain.outcomes.conftest import MakeLive
from tests.explain.outcomes.examples import around, monthly

pytestmark = pytest.mark.django_db
THEN = datetime(2024, 12, 31, 12, tzinfo=UTC)
AS_OF = date(2026, 8, 31)


@pytest.fixture
def routing(live: MakeLive, project: Project, lead: User, sponsor: User, make_person: MakePerson) -> Project:
    """A second project, live a year after the first one, which takes 5 more defects a month away; both claim by steps."""
    live(project, lead, sponsor)
    otto = make_person("Otto Other")
    made = start_project(
        actor=otto, key="routing", name="Routing", question="Which way?", methodology=project.methodology,
        started_on=date(2024, 1, 8), risk=Project.Risk.LOW,
    )  # fmt: skip
    add_member(actor=lead, project=project, user=otto, role=Role.VIEWER)
    add_member(actor=otto, project=made, user=lead, role=Role.VIEWER)
    made.discount_rate = Decimal(0)
    made.save()
    GoLive.objects.create(project=made, on=date(2026, 1, 1), recorded_by=otto, recorded_at=THEN)
    kpi = Kpi.objects.get(project=project)
    Measurement.objects.bulk_create(
        Measurement(
            kpi=kpi, period=date.fromisoformat(day), value=value, source="demo", recorded_by=lead, recorded_at=THEN
        )
        for day, value, _ in monthly(date(2026, 1, 1), around(85.0, 8))
    )
    for claimant, by, share in ((project, lead, "0.7"), (made, otto, "0.3")):
        claim = KpiClaim.objects.create(
            kpi=kpi, project=claimant, share=Decimal(share), from_month=date(2025, 1, 1), state="agreed", proposed_by=by,
            proposed_at=THEN, claimant_by=by, claimant_at=THEN, keeper_by=lead, keeper_at=THEN, rule="staggered",
        )  # fmt: skip
        ClaimEvent.objects.create(claim=claim, deed="consented", state="agreed", counts=True, by=by, at=THEN)
    return made


def _report(project: Project, by: User) -> OutcomeReport:
    report = request_report(actor=by, project=project, as_of=AS_OF)
    assert report.job is not None
    make_report(report.job.pk)
    report.refresh_from_db()
    return report


def test_inputs_name_who_claims_and_when_each_went_live(
    routing: Project, project: Project, django_assert_num_queries: Any
) -> None:
    otto = User.objects.get(name="Otto Other")
    report = request_report(actor=otto, project=routing, as_of=AS_OF)
    (kpi,) = inputs_of(report)["kpis"]
    plain = {"rules": ["staggered"], "ramp_until": None, "retired_on": None}
    assert kpi["claimants"] == [
        {"key": project.key, "name": project.name, "is_own": False, "live_on": "2025-01-01", **plain},
        {"key": "routing", "name": "Routing", "is_own": True, "live_on": "2026-01-01", **plain},
    ]
    # A retirement that was recorded counts, and what was recorded later than the day of the report does not.
    GoLive.objects.create(project=routing, on=date(2026, 3, 1), recorded_by=otto)
    assert inputs_of(report)["kpis"][0]["claimants"] == kpi["claimants"]


def test_both_reports_together_count_the_whole_once(routing: Project, project: Project, lead: User) -> None:
    otto = User.objects.get(name="Otto Other")
    first, second = _report(project, lead), _report(routing, otto)
    # 20 months of 10 and 8 months of 5, at 10 EUR each.
    assert (first.benefits_to_date, second.benefits_to_date) == (2000, 400)
    found = reconciliation_of(Kpi.objects.select_related("project").get(project=project), otto)
    assert (found.whole, found.claimed) == (2400, 2400)


def test_people_see_the_steps_beside_the_claims_and_on_the_reports(
    routing: Project, project: Project, lead: User, sign_in: SignIn
) -> None:
    otto = User.objects.get(name="Otto Other")
    client, at = sign_in(otto), f"/projects/{project.key}/kpis/defects/"
    assert "Measured step of each project" not in client.get(f"{at}claims/").content.decode()
    report = _report(project, lead)
    second = _report(routing, otto)
    for page in (f"{at}claims/", f"{at}reconciliation/"):
        shown = client.get(page).content.decode()
        assert "Measured step of each project" in shown, page
        assert "−5 (95 % interval −" in shown, page
        assert "67\u00a0%, Routing 33\u00a0%" in shown, page
    own = client.get(second.get_absolute_url()).content.decode()
    assert "lower than without Routing" in own
    assert "its own step among the go-lives of several projects" in own
    assert "This project counts its own step" in own
    assert "step of each" in client.get(report.get_absolute_url()).content.decode()


def test_paper_and_spreadsheet_of_an_own_step_are_made(routing: Project, project: Project, sign_in: SignIn) -> None:
    otto = User.objects.get(name="Otto Other")
    report = _report(routing, otto)
    for ending in ("xlsx", "pdf"):
        answer = sign_in(otto).get(f"{report.get_absolute_url()}report.{ending}")
        assert answer.status_code == 200, ending
        assert answer.content, ending
