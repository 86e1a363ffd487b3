"""The portfolio's pages and REST: who sees what, which figures, in how many queries."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from explain.outcomes.compute.portfolio.head import LARGEST, head_of
from explain.outcomes.models import OutcomeReport, PortfolioHead
from explain.outcomes.runs import make_report
from explain.outcomes.selectors import Filters, portfolio_of
from explain.outcomes.services import request_report
from foundation.people.models import User
from lifecycle.projects.models import Member, Project, Role
from lifecycle.projects.services import edit_project, remove_member, stop_project
from tests.conftest import SignIn
from tests.explain.outcomes.portfolio.conftest import Another, Api, text

PAGES = ["/value/", "/value/pipeline/", "/value/accuracy/"]


def test_each_person_sees_the_projects_they_may_see(
    reported: OutcomeReport, another: Another, sponsor: User, manager: User, outsider: User, sign_in: SignIn
) -> None:
    another("churn", improvement=-5.0, state="stopped", stopped_reason="No use")
    assert "Churn" not in text(sign_in(sponsor).get("/value/"))
    seen = text(sign_in(manager).get("/value/"))
    assert "Churn" in seen
    assert "stopped" in seen
    assert "Tumour triage" not in text(sign_in(outsider).get("/value/"))
    assert "Tumour triage" not in sign_in(outsider).get("/value/portfolio.csv").content.decode()


def test_the_worst_against_plan_comes_with_its_reason_in_words(
    reported: OutcomeReport, another: Another, manager: User, sign_in: SignIn
) -> None:
    another("churn", improvement=-5.0)
    found = portfolio_of(manager)
    # Churn lost 600 and cost 600, against 800 planned less 500: 1500 short. Triage is above its plan.
    assert [(row.key, row.shortfall, row.reason) for row in found.worst] == [
        ("churn", Decimal(1500), "Benefits against plan")
    ]
    assert [row.key for row in found.top] == ["triage"]
    page = text(sign_in(manager).get("/value/"))
    assert "Worst against plan" in page
    assert "Benefits against plan: −1 400 €" in page
    assert "/projects/churn/outcomes/1/#why" in page


def test_grades_and_currencies_are_never_added_to_each_other(
    reported: OutcomeReport, another: Another, manager: User
) -> None:
    another("churn", improvement=-5.0)
    another("shelf", currency="USD")
    another("shop", currency="USD")
    PortfolioHead.objects.filter(project__key="churn").update(grade="indicative")
    PortfolioHead.objects.filter(project__key="shop").update(benefits_minor=10_00, net_minor=5_00, costs_minor=5_00)
    found = portfolio_of(manager)
    assert [(total.grade, total.net, total.projects) for total in found.totals] == [
        ("measured", Decimal(600), 1),
        ("indicative", Decimal(-1200), 1),
    ]
    # Shelf has values in EUR and a currency of its own: it gives no total, and shop is in USD.
    assert sum(total.projects for total in found.elsewhere) == 2
    assert found.chosen == "measured"
    assert sum(found.realised) == 600
    assert sum(portfolio_of(manager, Filters(grade="all")).realised) == -600
    assert sum(portfolio_of(manager, Filters(grade="all")).realised_benefits) == 600
    assert [row.key for row in found.rows] == ["triage", "churn"]
    dollars = portfolio_of(manager, Filters(currency="USD"))
    assert [(row.key, row.net) for row in dollars.rows] == [("shop", Decimal("5.00"))]
    assert dollars.not_added == 1


def test_a_newer_report_takes_the_place_of_the_former_head(
    reported: OutcomeReport, project: Project, lead: User
) -> None:
    assert PortfolioHead.objects.get().number == 1
    report = request_report(actor=lead, project=project, as_of=date(2025, 6, 30))
    make_report(report.job_id or 0)
    head = PortfolioHead.objects.get()
    assert (head.number, head.as_of, head.report_id) == (2, date(2025, 6, 30), report.pk)


def test_the_head_holds_the_figures_of_its_report(reported: OutcomeReport) -> None:
    head = PortfolioHead.objects.get()
    assert (head.costs_minor, head.benefits_minor, head.net_minor) == (60_000, 120_000, 60_000)
    assert (head.planned_net_minor, head.shortfall_minor) == (30_000, 0)
    assert head.npv_minor == 180_000
    assert head.below > 0 < head.above


def test_a_report_too_large_to_add_is_left_out_whole(reported: OutcomeReport, manager: User) -> None:
    result = reported.result
    result["figures"]["benefits_to_date"] = str(LARGEST)
    columns = head_of(result)
    assert (columns["net_minor"], columns["series"], columns["delay_why"]) == (None, b"", "no_total")
    PortfolioHead.objects.update(net_minor=None, costs_minor=None, benefits_minor=None)
    found = portfolio_of(manager)
    assert (found.rows, found.not_added) == ([], 1)


def test_every_figure_tells_what_it_means_and_whose_it_is(
    reported: OutcomeReport, manager: User, sign_in: SignIn
) -> None:
    page = text(sign_in(manager).get("/value/"))
    for part in ("How it is made", "Benefits less costs to date", "Owner: the lead of each project", "as of 31 December 2025",
                 "Lea Lead", "/projects/triage/outcomes/1/#how", "table=months", "table=projects"):  # fmt: skip
        assert part in page, part


def test_the_table_is_paged(reported: OutcomeReport, another: Another, manager: User, monkeypatch: Any) -> None:
    another("churn", improvement=-5.0)
    monkeypatch.setattr("explain.outcomes.selectors.portfolio.value.shapes.ROWS", 1)
    assert [portfolio_of(manager, page=page).rows[0].key for page in (1, 2, 99)] == ["triage", "churn", "churn"]
    assert len(portfolio_of(manager, every=True).rows) == 2


@pytest.mark.parametrize("path", PAGES)
def test_pages_need_a_constant_number_of_queries(
    path: str, reported: OutcomeReport, another: Another, manager: User, sign_in: SignIn
) -> None:
    client = sign_in(manager)

    def queries() -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    one = queries()
    for key in ("alpha", "beta", "gamma"):
        another(key)
    assert queries() == one <= 12


def test_rest_tells_sums_rows_and_the_curve(reported: OutcomeReport, another: Another, manager: User, api: Api) -> None:
    another("shelf", currency="USD")
    found = api(manager).get("/api/v1/portfolio/").json()
    assert found["totals"][0] | {"planned_benefits": ""} == {
        "grade": "measured", "currency": "EUR", "projects": 1, "costs": "600.0000", "benefits": "1200.0000",
        "net": "600.0000", "planned_benefits": "",
    }  # fmt: skip
    assert (found["count"], found["pages"], found["projects"][0]["project"]) == (1, 1, "triage")
    assert sum(Decimal(amount) for amount in found["realised_net"]) == 600
    assert [total["currency"] for total in found["other_currencies"]] == ["USD"]


def test_an_empty_portfolio_says_what_to_do(project: Project, lead: User, sign_in: SignIn) -> None:
    page = text(sign_in(lead).get("/value/"))
    assert "No project that you may see" in page
    assert "ask for one under Value" in page
    assert sign_in(lead).get("/value/portfolio.xlsx").status_code == 200


def test_pages_follow_each_deed_though_they_are_kept(
    reported: OutcomeReport, another: Another, manager: User, lead: User, sponsor: User, sign_in: SignIn, settings: Any
) -> None:
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "follow each deed"}
    settings.CACHES = {**settings.CACHES, "answers": memory}
    client, member = sign_in(manager), sign_in(sponsor)
    for _ in range(2):
        assert "1 project with a report" in text(client.get("/value/"))
        assert "Tumour triage" in text(member.get("/value/"))
    churn = another("churn", improvement=-5.0)
    assert "2 projects with a report" in text(client.get("/value/"))
    edit_project(actor=lead, project=churn, name="Leavers")
    assert "Leavers" in text(client.get("/value/"))
    stop_project(actor=lead, project=churn, reason="It costs more than it brings.")
    assert "Leavers" in text(client.get("/value/?state=stopped"))
    remove_member(actor=lead, member=Member.objects.get(project=reported.project, user=sponsor, role=Role.SPONSOR))
    assert "Tumour triage" not in text(member.get("/value/"))


def test_who_loses_money_is_named_with_how_sure_that_is(
    reported: OutcomeReport, another: Another, manager: User, sign_in: SignIn
) -> None:
    another("churn", improvement=-5.0)
    PortfolioHead.objects.filter(project=reported.project).update(net_minor=-900_00, chance_positive=0.8)
    found = portfolio_of(manager)
    # The other has only costs so far, and is likely to pay.
    assert [row.key for row in found.losing] == ["churn"]
    assert found.losing[0].net is not None
    assert found.losing[0].net < 0
    page = text(sign_in(manager).get("/value/"))
    listed = page[page.index("Loses money") : page.index("Net benefit below zero")]
    assert "/projects/churn/outcomes/1/#why" in listed
    assert "P10 −" in listed
    assert "Tumour triage" not in listed
