"""Exchange rates: which one counts, and what is refused before anything is recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from foundation.audit.models import Entry
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.periods import organisation_today
from lifecycle.kpis.rates.lookup import RateTable
from lifecycle.kpis.rates.models import ExchangeRate
from lifecycle.kpis.rates.permits import may_enter
from lifecycle.kpis.rates.rows import checked, from_text
from lifecycle.kpis.rates.services import record_rate, record_rates
from tests.conftest import SignIn

ROOT = "/api/v1/exchange-rates/"
MARCH = date(2026, 3, 2)


def spot(day: str, rate: str, base: str = "USD", quote: str = "EUR") -> list[Any]:
    return [base, quote, "spot", day, rate, "Bank"]


def test_the_rate_of_a_day_is_the_latest_of_35_days() -> None:
    table = RateTable([spot("2026-03-02", "0.9"), spot("2026-03-09", "0.8")], "EUR")
    for day, rate in ((date(2026, 3, 2), "0.9"), (date(2026, 3, 8), "0.9"), (date(2026, 4, 13), "0.8")):
        found = table.on("USD", "EUR", day)
        assert found is not None
        assert found.rate == Decimal(rate)
    assert table.on("USD", "EUR", date(2026, 3, 1)) is None
    assert table.on("USD", "EUR", date(2026, 4, 14)) is None


def test_of_a_rate_and_its_other_way_round_the_later_one_counts() -> None:
    table = RateTable([spot("2026-03-02", "0.9"), spot("2026-03-09", "1.25", "EUR", "USD")], "EUR")
    found = table.on("USD", "EUR", date(2026, 3, 10))
    assert found is not None
    assert found.rate == Decimal("0.8")
    assert found.words == "turned round from 1 EUR = 1.25 USD, 2026-03-09, Bank"


def test_a_correction_is_a_later_row_of_the_same_day() -> None:
    table = RateTable([spot("2026-03-02", "0.9"), spot("2026-03-02", "0.91")], "EUR")
    found = table.on("USD", "EUR", MARCH)
    assert found is not None
    assert found.rate == Decimal("0.91")


@given(st.decimals("0.0001", 10**6, places=4), st.decimals("0.0001", 10**6, places=4))
def test_there_and_back_is_where_one_began(first: Decimal, second: Decimal) -> None:
    table = RateTable([spot("2026-03-02", str(first)), spot("2026-03-02", str(second), "EUR", "CHF")], "EUR")
    there, back = table.on("USD", "CHF", MARCH), table.on("CHF", "USD", MARCH)
    assert there is not None
    assert back is not None
    assert abs(there.rate * back.rate - 1) < Decimal("1e-20")


@pytest.mark.django_db
class TestRecording:
    """From texts to rows."""

    def test_a_pasted_table_is_read_and_recorded_once(self, manager: User) -> None:
        text = "base;quote;date;rate;source\nUSD;EUR;2026-02;0,9213;Bank\nUSD;EUR;02.03.2026;0.9187;\n"
        good, faults = from_text(text, "Central bank")
        assert faults == []
        assert [(row.kind, row.on.isoformat(), str(row.rate), row.source) for row in good] == [
            ("month", "2026-02-01", "0.9213", "Bank"),
            ("spot", "2026-03-02", "0.9187", "Central bank"),
        ]
        done = record_rates(actor=manager, rows=good)
        assert (done.added, done.corrected, done.unchanged) == (2, 0, 0)
        again = record_rates(actor=manager, rows=[good[0], good[1]._replace(rate=Decimal("0.92"))])
        assert (again.added, again.corrected, again.unchanged) == (0, 1, 1)
        assert ExchangeRate.objects.count() == 3
        assert Entry.objects.filter(verb="record_exchange_rates").count() == 2

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            ("USD;EUR;2026-03-02;", "The rate is missing."),
            ("USD;EUR;2026-03-02;nought", "no rate. Write it with a point"),
            ("USD;EUR;2026-03-02;0", "lies above zero"),
            ("USD;EUR;2026-03-02;-1", "no rate"),
            ("USD;EUR;2026-03-02;NaN", "no rate"),
            ("USD;EUR;2026-03-02;1e5", "no rate"),
            ("USD;EUR;2026-03-02;0.12345678901", "at most ten digits"),
            ("USD;EUR;2026-03-02;=1+1", "formula"),
            ("USD;USD;2026-03-02;1", "both are USD"),
            ("US;EUR;2026-03-02;1", "no currency code"),
            ("USD;EUR;2026-02-30;1", "no day of the calendar"),
            ("USD;EUR;2999-01-01;1", "lies in the future"),
            ("USD;EUR;1900-01-01;1", "too early"),
            ("USD;EUR;2026-02;0.9;spot", "is a month"),
            ("USD;EUR;2026-03-02;0.9;weekly", "no kind of rate"),
            ("USD;EUR;2026-03-01;0.9;;" + "x" * 201, "longer than 200"),
        ],
    )
    def test_a_bad_row_is_told_with_its_line_and_nothing_is_recorded(self, manager: User, row: str, words: str) -> None:
        good, faults = from_text(f"USD;EUR;2026-03-03;0.9\n{row}", "Bank")
        assert len(good) == 1
        assert faults[0].line == 2
        assert words in faults[0].sentence
        with pytest.raises(Refused) as refusal:
            record_rates(actor=manager, rows=good, faults=faults)
        assert refusal.value.code == "rows_invalid"
        assert not ExchangeRate.objects.exists()
        assert record_rates(actor=manager, rows=good, faults=faults, partial=True).added == 1

    def test_a_month_that_is_not_over_has_no_mean(self, manager: User) -> None:
        with pytest.raises(Refused, match="is not over"):
            record_rate(
                actor=manager, base="USD", quote="EUR", on=organisation_today().replace(day=1), rate=Decimal(1),
                kind="month", source="Bank",
            )  # fmt: skip

    def test_a_row_stands_there_twice(self) -> None:
        _, faults = from_text("USD;EUR;2026-03-02;0.9\nUSD;EUR;2026-03-02;0.8", "Bank")
        assert faults[0].sentence == "USD to EUR of 2026-03-02 stands on line 1 already. Keep one."

    def test_rows_are_never_changed_or_removed(self, manager: User) -> None:
        row = record_rate(
            actor=manager, base="USD", quote="EUR", on=MARCH, rate=Decimal("0.9"), kind="spot", source="Bank"
        )
        assert row is not None
        deeds: list[Callable[[], Any]] = [
            lambda: ExchangeRate.objects.update(rate=1),
            lambda: ExchangeRate.objects.all().delete(),
            lambda: ExchangeRate.objects.create(
                base="USD", quote="EUR", on=MARCH, rate=0, kind="spot", source="x", recorded_by=manager
            ),
        ]
        for deed in deeds:
            with pytest.raises(IntegrityError), transaction.atomic():
                deed()

    def test_who_enters_rates(self, manager: User, administrator: User, lead: User) -> None:
        auditor = User.objects.create_user("au@example.org", None, name="Au", is_auditor=True, is_manager=True)
        assert [bool(may_enter(person)) for person in (manager, administrator, lead, auditor)] == [
            True,
            True,
            False,
            False,
        ]


@pytest.mark.django_db
class TestOverTheApi:
    """Lists with row-wise errors; text and no numbers."""

    def test_a_list_is_recorded_and_listed(self, api: Callable[[User], Any], manager: User, lead: User) -> None:
        rows = [
            {"base": "usd", "quote": "EUR", "on": "2026-02", "rate": "0.92130", "source": "Bank"},
            {"base": "USD", "quote": "EUR", "on": "2026-03-02", "rate": "0.9187", "kind": "spot", "source": "Bank"},
        ]
        sent = api(manager).post(ROOT, rows, format="json")
        assert (sent.status_code, sent.json()["added"]) == (201, 2)
        assert api(manager).post(ROOT, rows, format="json").status_code == 200
        listed = api(lead).get(ROOT, {"base": "USD", "to": "2026-02-28"}).json()["results"]
        assert [(row["kind"], row["on"], row["rate"]) for row in listed] == [("month", "2026-02-01", "0.9213")]
        assert api(lead).post(ROOT, rows, format="json").status_code == 403

    def test_each_bad_row_is_named(self, api: Callable[[User], Any], manager: User) -> None:
        row = {"base": "USD", "quote": "EUR", "on": "2026-03-02", "source": "Bank"}
        rows = [row | {"rate": "0.9"}, row | {"rate": 0.9}, row | {"rate": 1}, row | {"rate": "x"}, 7, row | {"on": 5}]
        sent = api(manager).post(ROOT, {"rows": rows}, format="json")
        assert sent.status_code == 400
        assert sent.json()["error"]["code"] == "rows_invalid"
        told = sent.json()["error"]["details"]
        assert len(told) == 5
        assert told[0].startswith("Line 2: Rates are exact")
        assert not ExchangeRate.objects.exists()
        kept = api(manager).post(ROOT, {"rows": rows, "partial": True}, format="json").json()
        assert (kept["added"], len(kept["faults"])) == (1, 5)


@pytest.mark.django_db
class TestOnThePage:
    """What a person sees before anything is recorded."""

    def test_rows_are_seen_before_they_are_recorded(self, sign_in: SignIn, manager: User) -> None:
        file = SimpleUploadedFile("rates.csv", b"USD,EUR,2026-02,0.9213\nUSD,EUR,2026-03-02,bad\n", "text/csv")
        page = sign_in(manager).post("/rates/upload/", {"file": file, "source": "Bank"})
        assert page.status_code == 400
        assert "1 of 2 rows cannot be recorded" in page.content.decode()
        assert not ExchangeRate.objects.exists()
        form = {"text": page.context["text"], "source": "Bank", "sure": "true", "partial": "true"}
        done = sign_in(manager).post("/rates/upload/", form, follow=True).content.decode()
        assert "1 rate recorded: 1 new" in done
        assert "1 USD = 0.9213 EUR" in done

    def test_one_rate_is_entered_and_a_bad_one_stays_in_the_form(self, sign_in: SignIn, manager: User) -> None:
        one = {"base": "usd", "quote": "EUR", "rate": "0.9187", "kind": "spot", "on": "2026-03-02", "source": "Bank"}
        assert sign_in(manager).post("/rates/add/", one).status_code == 302
        late = (organisation_today() + timedelta(days=1)).isoformat()
        page = sign_in(manager).post("/rates/add/", one | {"on": late})
        assert page.status_code == 400
        assert "lies in the future" in page.content.decode()
        assert 'value="0.9187"' in page.content.decode()

    def test_a_team_member_reads_and_is_told_whom_to_ask(
        self, sign_in: SignIn, viewer: User, django_assert_max_num_queries: Any
    ) -> None:
        client = sign_in(viewer)
        with django_assert_max_num_queries(8):
            page = client.get("/rates/?base=usd").content.decode()
        assert "Only managers and administrators enter exchange rates" in page
        assert '<form method="post"' not in page.split('id="content"')[1]


@pytest.mark.django_db
def test_rates_of_the_demo_can_be_taken_out_and_no_others(manager: User) -> None:
    for is_demo in (True, False):
        record_rates(
            actor=manager,
            rows=[checked("USD", "EUR" if is_demo else "CHF", date(2026, 3, 2), Decimal("0.9"), "spot", "Bank")],
            is_demo=is_demo,
        )
    ExchangeRate.objects.filter(is_demo=True).delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        ExchangeRate.objects.filter(is_demo=False).delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        ExchangeRate.objects.update(is_demo=True)
    assert [rate.quote for rate in ExchangeRate.objects.all()] == ["CHF"]
