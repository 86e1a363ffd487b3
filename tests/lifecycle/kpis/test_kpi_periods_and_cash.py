"""Pure parts: periods, months of money, limits, labels of the chart."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from foundation.web.chart_labels import date_ticks
from lifecycle.kpis.cash import cash_by_month
from lifecycle.kpis.charts import money_chart
from lifecycle.kpis.charts.run import _beside, spark_path
from lifecycle.kpis.figures import is_reading, limits, mean_moving_range, progress
from lifecycle.kpis.periods import aligned, following, months_later

days = st.dates(date(1950, 1, 1), date(2200, 1, 1))
frequencies = st.sampled_from(["day", "week", "month"])


@given(day=days, frequency=frequencies)
def test_a_day_lies_in_its_own_period(day: date, frequency: str) -> None:
    period = aligned(day, frequency)
    assert period <= day < following(period, frequency)
    assert aligned(period, frequency) == period
    assert aligned(following(period, frequency), frequency) == following(period, frequency)


@given(day=days)
def test_weeks_begin_on_monday_and_months_on_the_first(day: date) -> None:
    assert aligned(day, "week").isoweekday() == 1
    assert aligned(day, "week").isocalendar()[:2] == day.isocalendar()[:2]
    assert aligned(day, "month").day == 1


@given(day=days, count=st.integers(-600, 600))
def test_months_forth_and_back_meet(day: date, count: int) -> None:
    month = aligned(day, "month")
    assert months_later(months_later(month, count), -count) == month


@dataclass
class Line:
    side: str = "cost"
    basis: str = "planned"
    category: str = "run"
    month: date = date(2026, 1, 1)
    until: date | None = None
    amount: Decimal = Decimal("0.10")
    currency: str = "EUR"


def test_a_recurring_line_counts_in_each_month_up_to_the_horizon() -> None:
    table = cash_by_month([Line(until=date(2030, 1, 1))], date(2026, 6, 1))["EUR"]
    assert [month.month.month for month in table.months] == [1, 2, 3, 4, 5, 6]
    assert table.planned_cost == Decimal("0.60")


def test_ten_thousand_dimes_are_a_thousand_exactly() -> None:
    table = cash_by_month([Line()] * 10_000, date(2026, 1, 1))["EUR"]
    assert table.planned_cost == Decimal("1000.00")


def test_currencies_are_never_added() -> None:
    tables = cash_by_month([Line(), Line(currency="USD", side="benefit", category="benefit")], date(2026, 1, 1))
    assert tables["EUR"].planned_net == Decimal("-0.10")
    assert tables["USD"].planned_net == Decimal("0.10")


def test_months_without_money_stand_between_and_are_empty_not_zero() -> None:
    table = cash_by_month([Line(), Line(month=date(2026, 3, 1), basis="actual")], date(2026, 12, 1))["EUR"]
    assert [(m.planned_cost, m.actual_cost) for m in table.months] == [
        (Decimal("0.10"), None), (None, None), (None, Decimal("0.10")),
    ]  # fmt: skip
    assert table.actual_benefit is None
    assert table.totals == [Decimal("0.10"), None, Decimal("-0.10"), Decimal("0.10"), None, Decimal("-0.10")]


def test_a_zero_that_was_entered_is_a_zero() -> None:
    table = cash_by_month([Line(side="benefit", basis="actual", amount=Decimal(0))], date(2026, 1, 1))["EUR"]
    assert (table.actual_benefit, table.actual_net, table.planned_net) == (Decimal(0), Decimal(0), None)


def test_the_money_chart_has_its_numbers_as_a_table_and_ends_with_what_was_entered() -> None:
    lines = [Line(amount=Decimal("800"), until=date(2026, 3, 1)), Line(basis="actual", amount=Decimal("700.50"))]
    chart = money_chart(cash_by_month(lines, date(2026, 3, 1))["EUR"])
    assert chart.headers == ["Up to and with", "Planned (EUR)", "Actual (EUR)"]
    assert chart.rows == [
        ["2026-01", "−800.00", "−700.50"], ["2026-02", "−1\u202f600.00", None], ["2026-03", "−2\u202f400.00", None],
    ]  # fmt: skip
    assert chart.figure["data"][1]["y"] == [-700.5]


def test_ticks_of_a_long_axis_name_months_and_of_a_short_one_days() -> None:
    assert date_ticks(date(2025, 1, 1), date(2026, 1, 1))["tickformat"] == "%b<br>%Y"
    assert date_ticks(date(2026, 1, 1), date(2026, 2, 1))["tickformat"] == "%-d %b<br>%Y"


def test_limits_are_mean_and_2_66_moving_ranges() -> None:
    values = [10.0, 12.0, 11.0, 13.0]
    spread = mean_moving_range(values)
    assert spread == (2 + 1 + 2) / 3
    band = limits(11.5, spread)
    assert band is not None
    assert (round(band.low, 6), round(band.high, 6)) == (round(11.5 - 2.66 * 5 / 3, 6), round(11.5 + 2.66 * 5 / 3, 6))
    assert mean_moving_range([1.0]) is None


def test_progress_is_undefined_when_the_target_is_the_baseline() -> None:
    assert progress(5, 4, 4) is None
    assert progress(3, 4, 2) == 0.5
    assert not is_reading(float("nan"))
    assert not is_reading(1e308)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=4))
def test_labels_of_lines_never_touch(levels: list[float]) -> None:
    low, high = min([*levels, -1]) - 1, max([*levels, 1]) + 1
    places = [mark["y"] for mark in _beside([(level, "x", "c") for level in levels], low, high)]
    assert all(later - earlier >= 0.0699 for earlier, later in itertools.pairwise(places))
    assert max(places) <= 1.0


def test_a_sparkline_needs_two_values_and_bears_a_flat_series() -> None:
    assert spark_path([1.0]) == ""
    assert len(spark_path([2.0, 2.0, 2.0]).split()) == 3
