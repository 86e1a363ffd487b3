"""Definitions, targets, values per unit, go-live, cash lines."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from foundation.audit.models import Entry
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.models import CashLine, Kpi
from lifecycle.kpis.selectors import current_target, go_live_of, money_page, unit_value_on
from lifecycle.kpis.services import (
    add_cash_line,
    define_kpi,
    edit_kpi,
    record_go_live,
    set_target,
    set_unit_value,
    void_cash_line,
)
from lifecycle.projects.models import Project


def line(project: Project, lead: User, **changes: object) -> CashLine:
    given: dict[str, object] = {
        "side": "cost", "basis": "planned", "category": "build", "month": date(2026, 1, 15), "amount": Decimal("100"),
    }  # fmt: skip
    return add_cash_line(actor=lead, project=project, **(given | changes))  # type: ignore[arg-type]


def test_a_key_is_made_from_the_name_and_never_taken_twice(kpi: Kpi, lead: User) -> None:
    again = define_kpi(
        actor=lead, project=kpi.project, name=kpi.name, unit="d", direction="decrease", kind="level", frequency="week"
    )
    other = define_kpi(
        actor=lead, project=kpi.project, name="New", unit="d", direction="decrease", kind="level", frequency="week"
    )
    assert (kpi.key, again.key, other.key) == ("days-to-first-report", "days-to-first-report-2", "new-2")


def test_the_project_is_judged_on_one_kpi(kpi: Kpi, lead: User) -> None:
    other = define_kpi(
        actor=lead, project=kpi.project, name="Scrap", unit="EUR", direction="decrease", kind="flow",
        frequency="month", is_primary=True,
    )  # fmt: skip
    kpi.refresh_from_db()
    assert (kpi.is_primary, other.is_primary) == (False, True)
    assert Entry.objects.latest("seq").after["former_primary"] == kpi.key
    edit_kpi(actor=lead, kpi=kpi, is_primary=True)
    other.refresh_from_db()
    assert not other.is_primary


def test_a_chain_of_kpis_never_leads_back(kpi: Kpi, lead: User) -> None:
    cost = define_kpi(
        actor=lead, project=kpi.project, name="Cost", unit="EUR", direction="decrease", kind="flow",
        frequency="week", derived_from=kpi,
    )  # fmt: skip
    with pytest.raises(Refused, match="back to itself"):
        edit_kpi(actor=lead, kpi=kpi, derived_from=cost)
    with pytest.raises(Refused, match="refer to itself"):
        edit_kpi(actor=lead, kpi=kpi, volume_kpi=kpi)


def test_nothing_changed_is_no_entry(kpi: Kpi, lead: User) -> None:
    count = Entry.objects.count()
    edit_kpi(actor=lead, kpi=kpi, name=kpi.name, unit=kpi.unit)
    assert Entry.objects.count() == count


def test_the_newest_target_counts_and_the_older_one_stays(kpi: Kpi, lead: User) -> None:
    set_target(actor=lead, kpi=kpi, value=9.5, due_on=date(2026, 12, 1))
    set_target(actor=lead, kpi=kpi, value=9.0, due_on=date(2027, 1, 1))
    found = current_target(kpi)
    assert found is not None
    assert (found.value, kpi.targets.count()) == (9.0, 2)
    with pytest.raises(Refused):
        set_target(actor=lead, kpi=kpi, value=float("nan"), due_on=date(2027, 1, 1))


def test_the_value_per_unit_holds_within_its_dates(kpi: Kpi, lead: User) -> None:
    for amount, valid_from, valid_to in (
        ("38.50", date(2026, 1, 1), date(2026, 12, 31)),
        ("40", date(2026, 6, 1), date(2026, 6, 30)),
    ):
        set_unit_value(
            actor=lead, kpi=kpi, amount=Decimal(amount), currency="EUR", valid_from=valid_from, valid_to=valid_to
        )
    amounts = [value.amount if (value := unit_value_on(kpi, day)) else None for day in (
        date(2026, 3, 1), date(2026, 6, 15), date(2026, 7, 1), date(2027, 1, 1),
    )]  # fmt: skip
    assert amounts == [Decimal("38.5"), Decimal("40"), Decimal("38.5"), None]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": 0.1}, "money_is_float"),
        ({"amount": Decimal("-1")}, "amount_invalid"),
        ({"amount": Decimal("NaN")}, "amount_invalid"),
        ({"amount": Decimal("1e30")}, "amount_invalid"),
        ({"amount": Decimal("0.00001")}, "amount_invalid"),
        ({"low": Decimal(1)}, "range_invalid"),
        ({"low": Decimal(20), "high": Decimal(30)}, "range_invalid"),
        ({"currency": "EURO"}, "currency_unknown"),
        ({"currency": "XXX"}, "currency_unknown"),
        ({"valid_to": date(2025, 1, 1)}, "dates_backward"),
    ],
)
def test_a_value_that_cannot_be_is_refused(kpi: Kpi, lead: User, changes: dict[str, object], code: str) -> None:
    given: dict[str, object] = {"amount": Decimal(10), "currency": "EUR", "valid_from": date(2026, 1, 1)}
    with pytest.raises(Refused) as refused:
        set_unit_value(actor=lead, kpi=kpi, **(given | changes))  # type: ignore[arg-type]
    assert (refused.value.code, refused.value.status) == (code, 400)


def test_the_newest_go_live_counts(project: Project, lead: User) -> None:
    record_go_live(actor=lead, project=project, on=date(2026, 4, 1), ramp_until=date(2026, 5, 1))
    record_go_live(actor=lead, project=project, on=date(2026, 4, 15))
    found = go_live_of(project)
    assert found is not None
    assert (found.on, found.ramp_until) == (date(2026, 4, 15), None)
    with pytest.raises(Refused, match="before go-live"):
        record_go_live(actor=lead, project=project, on=date(2026, 4, 1), ramp_until=date(2026, 3, 1))


def test_a_line_starts_with_its_month_and_takes_the_projects_currency(project: Project, lead: User) -> None:
    made = line(project, lead, until=date(2026, 3, 20))
    assert (made.month, made.until, made.currency) == (date(2026, 1, 1), date(2026, 3, 1), "EUR")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": 100.0}, "money_is_float"),
        ({"side": "benefit"}, "category_unfit"),
        ({"category": "benefit"}, "category_unfit"),
        ({"category": "food"}, "category_unfit"),
        ({"side": "loss"}, "side_unknown"),
        ({"basis": "guess"}, "basis_unknown"),
        ({"currency": "eur"}, "currency_unknown"),
        ({"until": date(2025, 1, 1)}, "until_backward"),
        ({"until": date(2099, 1, 1)}, "until_too_late"),
        ({"basis": "actual", "month": date(2098, 1, 1)}, "actual_in_future"),
    ],
)
def test_a_line_that_cannot_be_is_refused(project: Project, lead: User, changes: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as refused:
        line(project, lead, **changes)
    assert refused.value.code == code
    assert not CashLine.objects.exists()


def test_a_void_line_leaves_the_sums_and_stays_in_the_record(project: Project, lead: User) -> None:
    first, second = line(project, lead), line(project, lead, amount=Decimal("7.07"))
    void_cash_line(actor=lead, line_id=first.pk, reason="typed twice")
    page = money_page(project, lead)
    assert page.main.planned_cost == Decimal("7.07")
    assert ([one.pk for one in page.valid], [one.pk for one in page.void]) == ([second.pk], [first.pk])
    with pytest.raises(Refused, match="void already"):
        void_cash_line(actor=lead, line_id=first.pk)


def test_ten_cent_lines_from_the_database_sum_exactly(project: Project, lead: User) -> None:
    CashLine.objects.bulk_create(
        CashLine(
            project=project, side="cost", basis="actual", category="run", month=date(2026, 1, 1),
            amount=Decimal("0.10"), currency="EUR", recorded_by=lead,
        )
        for _ in range(10_000)
    )  # fmt: skip
    assert money_page(project, lead).main.actual_cost == Decimal("1000.0000")


def test_viewers_and_sponsors_do_not_write_money(project: Project, lead: User, viewer: User, sponsor: User) -> None:
    for person in (viewer, sponsor):
        with pytest.raises(Refused):
            line(project, person)
