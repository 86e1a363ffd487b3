"""What each filter of the portfolio leaves, on pages, in downloads and over REST."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from explain.outcomes.models import OutcomeReport
from explain.outcomes.selectors import Filters, portfolio_of
from foundation.people.models import User
from lifecycle.projects.models import Member, Project, Role, Stage
from tests.conftest import SignIn
from tests.explain.outcomes.portfolio.conftest import Another, Api, text


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
