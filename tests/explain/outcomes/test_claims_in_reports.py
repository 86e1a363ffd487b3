"""What a project claims of a KPI, in its report and beside the whole."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from explain.outcomes.compute.report import build_report
from explain.outcomes.models import OutcomeReport
from explain.outcomes.runs import inputs_of, make_report
from explain.outcomes.selectors.reconciliation import reconciliation_of
from explain.outcomes.services import request_report
from foundation.people.models import User
from lifecycle.kpis.claims.models import ClaimEvent, KpiClaim
from lifecycle.kpis.models import GoLive, Kpi, ValuePerUnit
from lifecycle.projects.models import Project, Role
from lifecycle.projects.services import add_member, start_project
from tests.conftest import MakePerson, SignIn
from tests.explain.outcomes.conftest import MakeInputs, MakeKpi, MakeLive

THEN = datetime(2024, 12, 31, 12, tzinfo=UTC)


def step(month: str, share: str, *, disputed: bool = False) -> dict[str, Any]:
    return {"from_month": month, "share": share, "asked": share, "disputed": disputed}


def test_each_month_counts_the_share_of_that_month(inputs: MakeInputs, kpi: MakeKpi) -> None:
    # 100 EUR a month: the whole until March, half from April to October, nothing after it, and none of what lies ahead.
    claims = [step("2025-01-01", "1"), step("2025-04-01", "0.5"), step("2025-11-01", "0")]
    report = build_report(inputs(kpis=[kpi(after=[90.0] * 12, claims=claims)]))
    assert report["figures"]["benefits_to_date"] == "650.00"  # 3 x 100 + 7 x 50
    assert report["figures"]["npv_forecast"] == "0.00"
    steps = {row["label"]: row["amount"] for row in report["waterfall"]}
    assert (steps["Gross benefit"], steps["Share of others"]) == ("1200.00", "-550.00")
    assert "claim_disputed" not in [caveat["code"] for caveat in report["caveats"]]


def test_a_dispute_is_told(inputs: MakeInputs, kpi: MakeKpi) -> None:
    report = build_report(inputs(kpis=[kpi(claims=[step("2025-01-01", "0.66667", disputed=True)])]))
    assert "claim_disputed" in [caveat["code"] for caveat in report["caveats"]]


def test_of_a_chain_of_derived_kpis_one_leaf_counts(inputs: MakeInputs, kpi: MakeKpi) -> None:
    # Minutes, the hours computed from them, and the cost computed from these: only the cost is money, once.
    hours = kpi(key="hours", derived_from="defects", is_primary=False)
    cost = kpi(key="cost", derived_from="hours", is_primary=False)
    report = build_report(inputs(kpis=[kpi(), hours, cost]))
    assert {row["key"]: row["money"] for row in report["kpis"]} == {
        "defects": "counted_in_derived",
        "hours": "counted_in_derived",
        "cost": "counted",
    }
    assert report["figures"]["benefits_to_date"] == "1200.00"


@pytest.fixture
def routing(live: MakeLive, project: Project, lead: User, sponsor: User, make_person: MakePerson) -> Project:
    """A second project, live since July 2025, with half of the first one's KPI; the first one keeps the other half."""
    live(project, lead, sponsor)
    otto = make_person("Otto Other")
    made = start_project(
        actor=otto, key="routing", name="Routing", question="Which way?", methodology=project.methodology,
        started_on=date(2024, 1, 8), risk=Project.Risk.LOW,
    )  # fmt: skip
    add_member(actor=lead, project=project, user=otto, role=Role.VIEWER)
    made.discount_rate, made.horizon_months = Decimal(0), 24
    made.save()
    GoLive.objects.create(project=made, on=date(2025, 7, 1), recorded_by=otto, recorded_at=THEN)
    kpi = Kpi.objects.get(project=project)
    for claimant, by in ((project, lead), (made, otto)):
        claim = KpiClaim.objects.create(
            kpi=kpi, project=claimant, share=Decimal("0.5"), from_month=date(2025, 1, 1), state="agreed", proposed_by=by,
            proposed_at=THEN, claimant_by=by, claimant_at=THEN, keeper_by=lead, keeper_at=THEN,
        )  # fmt: skip
        ClaimEvent.objects.create(claim=claim, deed="consented", state="agreed", counts=True, by=by, at=THEN)
    return made


def _report(project: Project, by: User) -> OutcomeReport:
    report = request_report(actor=by, project=project, as_of=date(2025, 12, 31))
    assert report.job is not None
    make_report(report.job.pk)
    report.refresh_from_db()
    return report


@pytest.mark.django_db
def test_a_claimed_kpi_of_another_project_is_read_with_the_own_go_live(routing: Project, project: Project) -> None:
    otto = User.objects.get(name="Otto Other")
    inputs = inputs_of(request_report(actor=otto, project=routing, as_of=date(2025, 12, 31)))
    (kpi,) = inputs["kpis"]
    assert kpi["key"] == f"{project.key}--defects"
    assert kpi["owner"] == {"key": project.key, "name": project.name, "kpi": "defects"}
    assert (kpi["is_primary"], kpi["attribution"]) == (False, "0.5")
    report = build_report(inputs)
    # July to December at half: 6 x 100 x 0.5. Six months are too few to judge the effect by itself.
    assert report["kpis"][0]["effect"]["n_post"] == 6
    assert report["kpis"][0]["money"] == "not_enough_data"


@pytest.mark.django_db
def test_the_whole_is_reconciled_with_the_sum_of_claims(
    routing: Project, project: Project, lead: User, sign_in: SignIn, django_assert_num_queries: Any
) -> None:
    otto = User.objects.get(name="Otto Other")
    GoLive.objects.create(project=routing, on=date(2025, 3, 1), recorded_by=otto, recorded_at=THEN)
    _report(project, lead)
    assert _report(routing, otto).benefits_to_date == 500  # March to December: 10 x 100 x 0.5
    kpi = Kpi.objects.select_related("project").get(project=project)
    with django_assert_num_queries(4):
        found = reconciliation_of(kpi, otto)
    assert (found.whole, found.claimed, found.left) == (1200, 1100, 100)
    assert found.totals == [600, 500]
    assert [sum(row.left for row in found.rows[:2]), *(row.left for row in found.rows[2:])] == [100, *[0] * 10]
    # Who is not in the second project is told that its amounts are not known, and sees none of them.
    hidden = reconciliation_of(kpi, lead)
    assert (hidden.totals, hidden.has_gaps) == ([600, None], True)
    page = sign_in(otto).get(f"/projects/{project.key}/kpis/defects/reconciliation/").content.decode()
    assert "Whole effect to date" in page
    assert "Routing" in page
    shown = sign_in(otto).get("/projects/routing/outcomes/1/").content.decode()
    assert f"/projects/{project.key}/kpis/defects/" in shown
    assert f"of {project.name}" in shown


@pytest.mark.django_db
def test_nothing_is_compared_before_there_is_a_report(routing: Project, project: Project, lead: User) -> None:
    found = reconciliation_of(Kpi.objects.select_related("project").get(project=project), lead)
    assert found.rows == []
    assert found.why_none == "The project has no report yet. Ask for one on its page Value."
    ValuePerUnit.objects.all().delete()
    _report(project, lead)
    found = reconciliation_of(Kpi.objects.select_related("project").get(project=project), lead)
    assert found.why_none == "The newest report of the project gives this KPI no worth in money."
