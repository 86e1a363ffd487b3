"""The portfolio's pages, REST and downloads: who sees what, which figures, in how many queries."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from explain.outcomes.compute.portfolio.head import LARGEST, head_of
from explain.outcomes.models import OutcomeReport, PortfolioHead
from explain.outcomes.runs import make_report
from explain.outcomes.selectors import Filters, pipeline_of, portfolio_of, promises_of
from explain.outcomes.services import request_report
from foundation.people.models import User
from lifecycle.kpis.models import GoLive
from lifecycle.projects.models import Member, Project, Role, Stage
from lifecycle.projects.services import edit_project, remove_member, stop_project
from lifecycle.signoff.models import Round
from tests.conftest import SignIn
from tests.explain.outcomes.portfolio.conftest import Another

PAGES = ["/value/", "/value/pipeline/", "/value/accuracy/"]
Api = Callable[[User], Any]


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\u202f", " ").replace("\u00a0", " ").split())


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


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("unit=Claims", {"churn"}), ("risk=high", {"churn"}), ("state=in_use", {"triage"}), ("state=active", {"churn"}),
        ("stage=business-understanding", {"churn", "triage"}), ("grade=measured", {"churn", "triage"}),
        ("grade=assumed", set()), ("methodology=crisp-dm", {"churn", "triage"}), ("currency=EUR&unit=Claims", {"churn"}),
        ("from=2025-01&to=2025-06", {"churn", "triage"}),
    ],
)  # fmt: skip
def test_each_filter_narrows_pages_and_downloads_alike(
    query: str, left: set[str], reported: OutcomeReport, another: Another, manager: User, sign_in: SignIn
) -> None:
    another("churn", unit="Claims", risk="high")
    Project.objects.filter(key="triage").update(state="in_use")
    client = sign_in(manager)
    if "stage" in query or "methodology" in query:
        stage = Stage.objects.filter(project__key="churn", state="open").get()
        query = query.replace("business-understanding", stage.key).replace("crisp-dm", stage.project.methodology.key)
    page = client.get(f"/value/?{query}")
    assert page.status_code == 200
    assert {row.key for row in page.context["portfolio"].rows} == left
    rows = list(
        csv.DictReader(
            io.StringIO(client.get(f"/value/portfolio.csv?table=projects&{query}").content.decode("utf-8-sig"))
        )
    )
    assert {row["Key"] for row in rows} == left
    for kept in query.split("&"):
        assert kept in text(page).split('href="/value/pipeline/?')[1].split('"')[0]
    assert client.get(f"/value/pipeline/?{query}").status_code == 200
    assert client.get(f"/value/accuracy/?{query}").status_code == 200


def test_sponsor_and_customer_narrow_to_their_projects(
    reported: OutcomeReport, another: Another, manager: User, sponsor: User, customer: User, sign_in: SignIn
) -> None:
    churn = another("churn")
    Member.objects.create(project=churn, user=sponsor, role=Role.SPONSOR)
    Member.objects.create(project=churn, user=customer, role=Role.CUSTOMER)
    Member.objects.filter(project=reported.project, role=Role.CUSTOMER).delete()
    found = sign_in(manager).get(f"/value/?customer={customer.pk}&sponsor={sponsor.pk}")
    assert [row.key for row in found.context["portfolio"].rows] == ["churn"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("unit=Nobody", "There is no business unit “Nobody”"), ("customer=999999", "There is no customer"),
        ("sponsor=x", "There is no sponsor"), ("methodology=none", "There is no methodology"),
        ("stage=limbo", "There is no stage"), ("state=lost", "There is no state"), ("risk=huge", "There is no risk tier"),
        ("from=2026-13", "“2026-13” is no month"), ("to=soon", "“soon” is no month"),
        ("from=2026-02&to=2026-01", "before it begins"), ("currency=XXX", "There is no currency"),
        ("grade=gold", "There is no grade of evidence"),
    ],
)  # fmt: skip
def test_an_unknown_filter_is_told_and_the_rest_still_works(
    query: str, said: str, reported: OutcomeReport, manager: User, sign_in: SignIn, api: Api
) -> None:
    client = sign_in(manager)
    page = client.get(f"/value/?{query}")
    assert page.status_code == 400
    assert said in text(page)
    assert 'data-code="filter_unknown"' in text(page)
    assert "Tumour triage" in text(page)
    assert client.get(f"/value/portfolio.csv?{query}").status_code == 400
    assert client.get(f"/value/portfolio.xlsx?{query}").status_code == 400
    answer = api(manager).get(f"/api/v1/portfolio/?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "filter_unknown")
    assert client.get("/value/").status_code == 200


def test_an_unknown_table_is_refused(reported: OutcomeReport, manager: User, sign_in: SignIn) -> None:
    answer = sign_in(manager).get("/value/portfolio.csv?table=salaries")
    assert answer.status_code == 400
    assert "There is no table “salaries”" in text(answer)


def test_a_period_narrows_sums_and_months_to_its_months(
    reported: OutcomeReport, another: Another, manager: User
) -> None:
    another("churn", improvement=-5.0)
    whole = portfolio_of(manager)
    half = portfolio_of(manager, Filters(first=date(2025, 1, 1), last=date(2025, 6, 1)))
    rest = portfolio_of(manager, Filters(first=date(2025, 7, 1)))
    assert half.months == [f"2025-{month:02}" for month in range(1, 7)]
    assert half.totals[0].net + rest.totals[0].net == whole.totals[0].net
    assert half.totals[0].costs == whole.totals[0].costs == 1200
    for row in whole.rows:
        parts = [next(other.net for other in part.rows if other.key == row.key) for part in (half, rest)]
        assert sum(part for part in parts if part is not None) == row.net
    assert half.totals[0].below == 0  # no interval of a part
    empty = portfolio_of(manager, Filters(first=date(2031, 1, 1)))
    assert (empty.totals[0].net, empty.months) == (0, [])


def test_the_spreadsheet_holds_the_numbers_of_the_page(
    reported: OutcomeReport, another: Another, manager: User, sign_in: SignIn
) -> None:
    another("churn", improvement=-5.0, unit="Claims")
    client = sign_in(manager)
    page = client.get("/value/").context["portfolio"]
    book = openpyxl.load_workbook(io.BytesIO(client.get("/value/portfolio.xlsx").content))

    def rows(sheet: str) -> list[dict[str, Any]]:
        head, *body = book[sheet].iter_rows(values_only=True)
        return [dict(zip(head, row, strict=True)) for row in body]

    assert [(row["Key"], row["Net (EUR)"], row["Shortfall (EUR)"]) for row in rows("Projects")] == [
        (row.key, float(row.net), float(row.shortfall)) for row in page.rows
    ]
    assert [(row["Grade of evidence"], row["Net to date (EUR)"], row["P10 (EUR)"]) for row in rows("Net by grade")] == [
        (total.grade, float(total.net), float(total.low)) for total in page.totals
    ]
    assert [row["Realised net (EUR)"] for row in rows("Months")] == [float(a) for a in page.realised] + [None] * (
        len(page.planned) - len(page.realised)
    )
    cell = book["Projects"]["N2"]
    assert (cell.data_type, cell.number_format) == ("n", "#,##0.00")
    about = {(row["What"], row["Name"]): row["Meaning"] for row in rows("About these figures")}
    assert about["Formula", "versions of the reports"] == "report-3"
    assert about["As of", "days of the reports"] == "2025-12-31 to 2025-12-31"
    assert "Benefits less costs to date" in about["Definition", "Net benefit"]
    shown = text(client.get("/value/"))
    assert "+600 €" in shown or "−600 €" in shown


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\x07Bell=1"])
def test_text_never_becomes_a_formula(
    name: str, reported: OutcomeReport, another: Another, manager: User, sign_in: SignIn
) -> None:
    another("bad", name="Bad")
    Project.objects.filter(key="bad").update(name=name, unit=name)
    client = sign_in(manager)
    book = openpyxl.load_workbook(io.BytesIO(client.get("/value/portfolio.xlsx").content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    plain = name.replace("\x07", "")
    assert plain in [cell.value for cell in book["Projects"]["A"]]
    written = client.get("/value/portfolio.csv?table=projects").content.decode("utf-8-sig")
    names = [row["Project"] for row in csv.DictReader(io.StringIO(written))]
    assert (f"'{plain}" if plain[0] in "=+-@" else plain) in names


def test_every_table_is_there_as_csv(reported: OutcomeReport, manager: User, sign_in: SignIn) -> None:
    client = sign_in(manager)
    for name in ("about", "totals", "units", "months", "projects", "top", "shortfalls", "stages", "times", "waiting",
                 "accuracy", "cases"):  # fmt: skip
        answer = client.get(f"/value/portfolio.csv?table={name}")
        assert answer.status_code == 200
        assert answer.content.decode("utf-8-sig").count("\r\n") >= 1


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


def test_waiting_is_priced_by_the_worth_of_the_months_ahead(
    reported: OutcomeReport, lead: User, manager: User, sign_in: SignIn
) -> None:
    stage = Stage.objects.get(project=reported.project, state="open")
    Round.objects.create(
        stage=stage, project=reported.project, number=1, state="awaiting_decision", title="May it go on?", requester=lead,
        submitted_at=timezone.now() - timedelta(days=73, hours=1), digest="d",
    )  # fmt: skip
    # At 0 % a month of waiting loses the last of 12 months ahead, 100 EUR: 73 days are 2.4 months.
    assert PortfolioHead.objects.get().delay_minor == 10_000
    found = pipeline_of(manager)
    assert [(wait.days, wait.cost) for wait in found.waits] == [(73, Decimal("240.00"))]
    assert found.priced == {"EUR": Decimal("240.00")}
    PortfolioHead.objects.update(delay_minor=None, delay_why="no_forecast")
    page = text(sign_in(manager).get("/value/pipeline/"))
    assert "No price: no benefit is planned or forecast." in page
    PortfolioHead.objects.update(delay_minor=-5, delay_why="")
    assert "waiting loses nothing" in text(sign_in(manager).get("/value/pipeline/"))


def test_time_in_stage_counts_open_stages_as_open(another: Another, manager: User) -> None:
    ended, still = another("ended"), another("still")
    begin = datetime(2026, 1, 1, 12, tzinfo=UTC)
    first = Stage.objects.get(project=ended, order=1)
    Stage.objects.filter(pk=first.pk).update(state="approved", opened_at=begin, closed_at=begin + timedelta(days=30))
    Stage.objects.filter(project=still, key=first.key).update(opened_at=timezone.now() - timedelta(days=90, minutes=1))
    time = next(time for time in pipeline_of(manager).times if time.name == first.name)
    assert (time.stage.ended, time.stage.still_open, time.stage.median, time.stage.most) == (1, 1, 30, None)
    assert time.stage.longest_open == 90


def test_time_to_market_takes_the_newest_go_live_and_leaves_out_what_ended(
    reported: OutcomeReport, another: Another, manager: User, lead: User
) -> None:
    stopped = another("stopped", state="stopped", stopped_reason="No use")
    GoLive.objects.filter(project=stopped).delete()
    GoLive.objects.create(project=reported.project, on=date(2024, 4, 10), recorded_by=lead)
    found = pipeline_of(manager)
    assert (found.to_market.ended, found.to_market.median, found.never_live) == (1, 100, 1)


def test_the_funnel_shows_worth_at_each_stage(reported: OutcomeReport, another: Another, manager: User) -> None:
    another("live", state="in_use")
    stages = pipeline_of(manager).stages
    assert [(stage["projects"], stage["promised"], stage["expected"]) for stage in stages] == [
        (1, Decimal("300.00"), {"measured": Decimal("1800.00")}),
        (1, Decimal("300.00"), {"measured": Decimal("1800.00")}),
    ]
    assert stages[-1]["name"] == "in use"


def test_accuracy_needs_ten_closed_cases_and_then_suggests_a_discount(
    crisp_dm: Any, manager: User, lead: User, sign_in: SignIn
) -> None:
    def closed(count: int, realised: int, state: str = "closed") -> None:
        for _ in range(count):
            number = Project.objects.count()
            made = Project.objects.create(
                key=f"case-{number}", name=f"Case {number}", question="?", methodology=crisp_dm, created_by=lead,
                started_on=date(2024, 1, 1), state=state, stopped_reason="No use", unit="Claims",
            )  # fmt: skip
            report = OutcomeReport.objects.create(project=made, number=1, as_of=date(2025, 1, 1), currency="EUR")
            PortfolioHead.objects.create(
                project=made, report=report, number=1, as_of=report.as_of, currency="EUR", grade="measured",
                promised_net_minor=1000_00, net_minor=realised, benefits_minor=None if state == "stopped" else 1, series=b"",
            )  # fmt: skip

    closed(8, 800_00)
    page = text(sign_in(manager).get("/value/accuracy/"))
    assert "2 more closed cases with a promise are needed (8 of 10)" in page
    assert promises_of(manager).whole.median is None
    closed(2, -500_00, state="stopped")
    found = promises_of(manager)
    assert (found.whole.median, found.whole.discount) == (Decimal("0.8"), Decimal("0.2"))
    assert [(group.name, group.accuracy.rated) for group in found.by_unit] == [("Claims", 10)]
    assert min(case.rate for case in found.cases if case.rate is not None) == Decimal("-0.5")
    page = text(sign_in(manager).get("/value/accuracy/"))
    assert "take this off what a new case promises" in page
    assert "95 % interval −50 to 80 %" in page


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
