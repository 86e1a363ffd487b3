"""Claims and rates as files."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from foundation.people.models import User
from lifecycle.kpis.claims.services import propose_claim
from lifecycle.kpis.models import Kpi
from lifecycle.kpis.rates.models import ExchangeRate
from lifecycle.kpis.rates.rows import from_text
from lifecycle.projects.models import Project
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db


def _rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def _sheets(content: bytes) -> dict[str, list[tuple[Any, ...]]]:
    book = load_workbook(io.BytesIO(content))
    return {page.title: list(page.iter_rows(values_only=True)) for page in book}


@pytest.fixture
def claimed(kpi: Kpi, other: Project, other_lead: User) -> Kpi:
    propose_claim(
        actor=other_lead, kpi=kpi, project=other, share=Decimal("0.4"), from_month=date(2026, 1, 1),
        note='=HYPERLINK("http://example.org")',
    )  # fmt: skip
    return kpi


def test_claims_go_into_a_file_that_no_spreadsheet_runs(claimed: Kpi, lead: User, sign_in: SignIn) -> None:
    answer = sign_in(lead).get(f"{claimed.get_absolute_url()}claims.csv")
    assert answer["Content-Disposition"] == f'attachment; filename="{claimed.project.key}-{claimed.key}-claims.csv"'
    own, routing = _rows(answer.content)
    assert (Decimal(own["Share (%)"]), own["State"], own["Counts"]) == (100, "agreed", "yes")
    assert (Decimal(routing["Share (%)"]), routing["From"], routing["State"], routing["Counts"]) == (
        40,
        "2026-01-01",
        "proposed",
        "no",
    )
    assert routing["Note"] == '\'=HYPERLINK("http://example.org")'


def test_the_spreadsheet_of_claims_has_the_months_too(claimed: Kpi, lead: User, sign_in: SignIn) -> None:
    sheets = _sheets(sign_in(lead).get(f"{claimed.get_absolute_url()}claims.xlsx").content)
    assert list(sheets) == ["Claims", "Month by month"]
    assert [row[:3] for row in sheets["Claims"][3:]] == [
        (claimed.project.name, claimed.project.key, 100),
        ("Routing", "routing", 40),
    ]
    head, newest = sheets["Month by month"][2:4]
    assert head == ("Month", f"{claimed.project.name} (%)", "Asked for (%)", "Left over (%)", "In dispute")
    assert newest[1:] == (100, 100, 0, "no")


def test_rates_that_were_taken_away_can_be_uploaded_again(lead: User, viewer: User, sign_in: SignIn) -> None:
    for quote, rate, on, kind in (
        ("EUR", "0.9213", date(2026, 3, 1), "month"),
        ("EUR", "0.0000000001", date(2026, 3, 2), "spot"),
        ("CHF", "0.88", date(2026, 3, 2), "spot"),
    ):
        ExchangeRate.objects.create(
            base="USD", quote=quote, rate=Decimal(rate), on=on, kind=kind, source="Bank", recorded_by=lead
        )
    content = sign_in(viewer).get("/rates.csv").content
    good, faults = from_text(content)
    assert not faults
    assert sorted((row.quote, row.on.isoformat(), row.rate, row.kind, row.source) for row in good) == [
        ("CHF", "2026-03-02", Decimal("0.88"), "spot", "Bank"),
        ("EUR", "2026-03-01", Decimal("0.9213"), "month", "Bank"),
        ("EUR", "2026-03-02", Decimal("0.0000000001"), "spot", "Bank"),
    ]
    of_pair = sign_in(viewer).get("/rates.xlsx", {"base": "usd", "quote": "chf"}).content
    assert [row[:4] for row in _sheets(of_pair)["Exchange rates"][1:]] == [
        ("USD", "CHF", _sheets(of_pair)["Exchange rates"][1][2], 0.88)
    ]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_files_take_no_more_queries_with_more_rows(
    claimed: Kpi, lead: User, sign_in: SignIn, django_assert_max_num_queries: Any, form: str
) -> None:
    client = sign_in(lead)
    with django_assert_max_num_queries(12):
        client.get(f"{claimed.get_absolute_url()}claims.{form}")
    with django_assert_max_num_queries(6):
        client.get(f"/rates.{form}")
