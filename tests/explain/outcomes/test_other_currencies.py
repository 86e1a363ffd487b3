"""Amounts of other currencies in a report, each answer worked out by hand beside it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from explain.outcomes.compute.report import build_report
from explain.outcomes.runs import inputs_of
from explain.outcomes.services import request_report
from foundation.people.models import User
from lifecycle.kpis.models import CashLine
from lifecycle.kpis.rates.models import ExchangeRate
from lifecycle.projects.models import Project
from tests.explain.outcomes.conftest import MakeInputs, MakeKpi, MakeLive
from tests.explain.outcomes.examples import line

Row = list[Any]


def mean(month: int, rate: str, base: str = "USD", quote: str = "EUR") -> Row:
    return [base, quote, "month", f"2025-{month:02d}-01", rate, "Bank"]


def spot(day: str, rate: str, base: str = "USD", quote: str = "EUR") -> Row:
    return [base, quote, "spot", day, rate, "Bank"]


def rates(*rows: Row, through: str = "EUR") -> dict[str, Any]:
    return {"through": through, "rows": list(rows)}


def steps(report: dict[str, Any]) -> dict[str, str]:
    return {row["label"]: row["amount"] for row in report["waterfall"]}


def codes(report: dict[str, Any]) -> list[str]:
    return [caveat["code"] for caveat in report["caveats"]]


def test_a_booked_cost_counts_at_the_mean_of_its_month(inputs: MakeInputs) -> None:
    # 600 EUR and 1 000 USD at 0.9 in February are 1 500; 1 200 EUR were brought in. Nothing was planned in dollars, so
    # there is no plan from which the rate could differ.
    lines = [*inputs()["cash_lines"], line("cost", "actual", "2025-02-01", "1000", currency="USD")]
    report = build_report(inputs(lines=lines, rates=rates(mean(2, "0.9"))))
    assert report["figures"]["costs_to_date"] == "1500.00"
    assert report["figures"]["net_to_date"] == "-300.00"
    assert steps(report) == {"Gross benefit": "1200.00", "Build": "-1500.00", "Net to date": "-300.00"}
    assert report["rates"][0]["words"] == "1 USD = 0.9 EUR, mean of 2025-02, Bank"


def test_what_the_rate_did_since_the_plan_has_a_bar_of_its_own(inputs: MakeInputs) -> None:
    # Planned: 1 000 USD at 0.8 on the day of the plan: 800 EUR. Booked: 1 000 USD at 0.9: 900 EUR. The rate cost 100.
    planned = line("cost", "planned", "2025-02-01", "1000", currency="USD") | {"recorded_on": "2024-12-15"}
    booked = line("cost", "actual", "2025-02-01", "1000", currency="USD")
    report = build_report(inputs(lines=[planned, booked], rates=rates(mean(2, "0.9"), spot("2024-12-15", "0.8"))))
    assert report["figures"]["planned"]["costs"] == "800.00"
    assert report["figures"]["costs_to_date"] == "900.00"
    assert steps(report) == {
        "Gross benefit": "1200.00",
        "Exchange rates": "-100.00",
        "Build": "-800.00",
        "Net to date": "300.00",
    }
    assert {row["label"]: row["amount"] for row in report["variance"]} == {
        "Exchange rates": "-100.00",
        "Benefits against plan": "1200.00",
    }


def test_a_value_per_unit_counts_at_each_month_and_its_plan_is_the_day_it_was_set(
    inputs: MakeInputs, kpi: MakeKpi
) -> None:
    # 10 defects a month at 10 USD. At 0.8 when it was set: 12 x 80 = 960. Months at 0.9, but 1.0 in December:
    # 11 x 90 + 100 = 1 090, so the rate brought 130.
    made = kpi(after=[90.0] * 12)
    made["unit_values"][0] |= {"currency": "USD", "set_on": "2024-12-20"}
    known = [*(mean(month, "0.9") for month in range(1, 12)), mean(12, "1"), spot("2024-12-18", "0.8")]
    report = build_report(inputs(kpis=[made], rates=rates(*known, spot("2025-12-30", "1.1"))))
    assert report["figures"]["benefits_to_date"] == "1090.00"
    assert steps(report)["Gross benefit"] == "960.00"
    assert steps(report)["Exchange rates"] == "130.00"
    assert report["kpis"][0]["months"][11]["gross"] == "100.00"
    # Ahead lies the latest known rate: 12 x 10 x 10 x 1.1.
    assert report["figures"]["npv_forecast"] == "1320.00"
    assert sum(Decimal(row["amount"]) for row in report["waterfall"][:-1]) == Decimal(report["figures"]["net_to_date"])


def test_without_a_mean_the_latest_rate_of_35_days_stands_in_and_is_told(inputs: MakeInputs) -> None:
    lines = [line("cost", "actual", "2025-02-01", "1000", currency="USD")]
    near = build_report(inputs(lines=lines, rates=rates(spot("2025-01-24", "0.9"))))
    assert near["figures"]["costs_to_date"] == "900.00"  # 28 February is 35 days later
    assert "rate_substituted" in codes(near)
    far = build_report(inputs(lines=lines, rates=rates(spot("2025-01-23", "0.9"))))
    assert far["figures"]["costs_to_date"] is None


def test_a_missing_rate_is_named_with_its_month_and_there_is_no_total(inputs: MakeInputs) -> None:
    lines = [*inputs()["cash_lines"], line("cost", "actual", "2025-02-01", "5", currency="USD")]
    report = build_report(inputs(lines=lines, rates=rates(mean(3, "0.9"))))
    assert report["figures"]["costs_to_date"] is None
    assert report["figures"]["undefined"]["net_to_date"] == "other currencies without a rate"
    assert (report["waterfall"], report["months"]) == ([], [])
    told = next(caveat["text"] for caveat in report["caveats"] if caveat["code"] == "currency_mismatch")
    assert "from USD to EUR for February 2025 (the mean of the month" in told
    assert "enters them on the page Exchange rates" in told


def test_a_rate_is_turned_round_or_goes_through_the_currency_of_the_organisation(inputs: MakeInputs) -> None:
    lines = [line("cost", "actual", "2025-02-01", "1000", currency="USD")]
    turned = build_report(inputs(lines=lines, rates=rates(mean(2, "1.25", "EUR", "USD"))))
    assert turned["figures"]["costs_to_date"] == "800.00"
    assert turned["rates"][0]["words"] == "turned round from 1 EUR = 1.25 USD, mean of 2025-02, Bank"
    # 1 000 USD = 800 EUR = 800 x 0.95 CHF.
    known = rates(mean(2, "1.25", "EUR", "USD"), mean(2, "0.95", "EUR", "CHF"))
    crossed = build_report(inputs(kpis=[], lines=lines, rates=known, project={"currency": "CHF"}))
    assert crossed["figures"]["costs_to_date"] == "760.00"
    assert crossed["rates"][0]["words"].startswith("through EUR: turned round from 1 EUR = 1.25 USD")


# What the selector gives the report, from the rows.


def _rate(by: User, rate: str, on: date, kind: str = "month", **terms: Any) -> ExchangeRate:
    given = {"base": "USD", "quote": "EUR", "source": "Bank", **terms}
    return ExchangeRate.objects.create(rate=Decimal(rate), on=on, kind=kind, recorded_by=by, **given)


@pytest.mark.django_db
def test_rates_are_pinned_by_the_day_of_the_report(
    live: MakeLive, project: Project, lead: User, sponsor: User, manager: User
) -> None:
    live(project, lead, sponsor)
    long_ago = ExchangeRate._meta.get_field("recorded_at").default() - timedelta(days=300)
    CashLine.objects.create(
        project=project, side="cost", basis="actual", category="run", month=date(2025, 2, 1), amount=Decimal(1000),
        currency="USD", recorded_by=lead, recorded_at=long_ago,
    )  # fmt: skip
    _rate(manager, "0.9", date(2025, 2, 1), recorded_at=long_ago)
    _rate(manager, "0.5", date(2025, 2, 1))  # a correction of today
    _rate(manager, "170", date(2025, 2, 1), quote="JPY")  # of no use
    _rate(manager, "0.7", date(2025, 2, 3), "spot", recorded_at=long_ago)
    _rate(manager, "0.8", date(2025, 2, 27), "spot", recorded_at=long_ago)
    then = inputs_of(request_report(actor=lead, project=project, as_of=(long_ago + timedelta(days=30)).date()))
    assert [row[3:5] for row in then["rates"]["rows"]] == [["2025-02-01", "0.9"], ["2025-02-27", "0.8"]]
    assert build_report(then)["figures"]["costs_to_date"] == "1500.00"


@pytest.mark.django_db
def test_a_report_in_one_currency_asks_for_no_rates(
    live: MakeLive, project: Project, lead: User, sponsor: User
) -> None:
    live(project, lead, sponsor)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lifecycle.kpis.rates.selectors.ExchangeRate.objects", None)
        found = inputs_of(request_report(actor=lead, project=project, as_of=date(2025, 12, 31)))
    assert found["rates"]["rows"] == []
