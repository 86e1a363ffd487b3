"""Pure figures: packed months, Kaplan-Meier, cost of delay, forecast accuracy. By hand and against published values."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explain.outcomes.compute.finance import net_present_value
from explain.outcomes.compute.portfolio.accuracy import accuracy_of, median_of, median_ranks, realisation_rate
from explain.outcomes.compute.portfolio.delay import cost_of_days, cost_of_delay
from explain.outcomes.compute.portfolio.packed import later, number_of, pack, sums_between, unpack
from explain.outcomes.compute.portfolio.survival import Span, days_until, kaplan_meier, lasting

amounts = st.integers(-(2**63) + 1, 2**63 - 1)
series = st.lists(st.tuples(amounts, amounts), min_size=1, max_size=6).map(
    lambda rows: [list(r) for r in zip(*rows, strict=True)]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 12), series), min_size=1, max_size=4))
def test_packed_series_add_up_month_by_month(projects: list[tuple[int, list[list[int]]]]) -> None:
    months = max(start + len(rows[0]) for start, rows in projects)
    expected = [[0] * months, [0] * months]
    for start, rows in projects:
        for row, amounts_of_row in enumerate(rows):
            for k, amount in enumerate(amounts_of_row):
                expected[row][start + k] += amount
    whole = sum(later(number_of(pack(rows)), start, 2) for start, rows in projects)
    assert unpack(whole, 2, months) == expected


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(series, st.integers(-3, 9), st.integers(-3, 9))
def test_sums_of_a_window_are_those_of_its_months(rows: list[list[int]], first: int, end: int) -> None:
    window = slice(max(0, first), max(0, end))
    assert sums_between(pack(rows), 2, first, end) == [sum(row[window]) for row in rows]


def test_an_amount_that_does_not_fit_is_refused_and_not_cut() -> None:
    with pytest.raises(ValueError, match="too large"):
        pack([[2**63]])


def test_shorter_series_are_filled_with_nothing() -> None:
    packed = pack([[1, -2, 3], [10]])
    assert unpack(number_of(packed), 2, 3) == [[1, -2, 3], [10, 0, 0]]
    assert pack([[], []]) == b"\0"
    assert sums_between(b"\0", 2, 0, 9) == [0, 0]


# Remission in weeks of 21 children with 6-mercaptopurine (Freireich and others 1963, Blood 21); + goes on.
_ENDED = {6: 3, 7: 1, 10: 1, 13: 1, 16: 1, 22: 1, 23: 1}
_OPEN = {6: 1, 9: 1, 10: 1, 11: 1, 17: 1, 19: 1, 20: 1, 25: 1, 32: 2, 34: 1, 35: 1}
FREIREICH = [
    *[Span(days, True, count) for days, count in _ENDED.items()],
    *[Span(days, False, count) for days, count in _OPEN.items()],
]


def test_the_survival_curve_is_the_published_one() -> None:
    """Kleinbaum and Klein, Survival Analysis, table of the treated group: .8571, .8067, .7529, .6902, .6275, .5378, .4482."""
    steps = kaplan_meier(FREIREICH)
    assert [(step.days, step.at_risk, step.ended) for step in steps] == [
        (6, 21, 3), (7, 17, 1), (10, 15, 1), (13, 12, 1), (16, 11, 1), (22, 7, 1), (23, 6, 1),
    ]  # fmt: skip
    assert [round(float(step.share), 4) for step in steps] == [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert days_until(steps, Fraction(1, 2)) == 23
    found = lasting(FREIREICH)
    assert (found.ended, found.still_open, found.median, found.most, found.longest_open) == (9, 12, 23, None, 35)


def test_without_open_cases_it_is_the_plain_quantile() -> None:
    """The untreated group of the same trial: a median of 8 weeks; the 18th of 21 is the first past 85 of 100."""
    weeks = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
    found = lasting([Span(week, True) for week in weeks])
    assert (found.median, found.most, found.longest_open) == (8, 15, None)


def test_open_cases_pull_the_median_up_and_are_never_dropped() -> None:
    """By hand: 10 ended, then one open at 15; of the 2 at risk on day 20 one ends: 3/4 x 1/2 = 3/8."""
    steps = kaplan_meier([Span(10, True), Span(15, False), Span(20, True), Span(30, False)])
    assert [step.share for step in steps] == [Fraction(3, 4), Fraction(3, 8)]
    assert days_until(steps, Fraction(1, 2)) == 20
    assert lasting([Span(10, True), Span(20, True)]).median == 10
    assert lasting([Span(40, False, 3)]).median is None
    assert lasting([]).median is None
    with pytest.raises(ValueError, match="not below 0"):
        kaplan_meier([Span(-1, True)])


def test_waiting_a_month_moves_all_back_and_loses_the_tail() -> None:
    """By hand at 0 %: the last month is lost. At 21 % a year over two months the rest is discounted once more."""
    assert cost_of_delay([Decimal(-100), Decimal(50), Decimal(200)], Decimal(0)) == 200
    flows, rate = [Decimal(0), Decimal(1000), Decimal(1000)], Decimal("0.21")
    month = Decimal("1.21") ** (Decimal(1) / 12)
    by_hand = 1000 / month + 1000 / month**2 - 1000 / month**2
    assert abs(cost_of_delay(flows, rate) - by_hand) < Decimal("1e-15")
    assert cost_of_delay([], rate) == 0


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(-10_000, 10_000).map(Decimal), min_size=1, max_size=24))
def test_cost_of_delay_is_what_the_two_worths_differ_by(flows: list[Decimal]) -> None:
    rate = Decimal("0.1")
    delayed = net_present_value([Decimal(0), *flows[:-1]], rate, "month")
    assert cost_of_delay(flows, rate) == net_present_value(flows, rate, "month") - delayed


def test_days_are_priced_by_a_month_of_a_twelfth_of_a_year() -> None:
    assert cost_of_days(365_000, 12) == 144_000
    assert cost_of_days(365_000, 0) == 0


@pytest.mark.parametrize(
    ("n", "ranks"), [(5, None), (6, (1, 6)), (10, (2, 9)), (15, (4, 12)), (20, (6, 15)), (25, (8, 18))]
)
def test_ranks_around_the_median_are_the_published_ones(n: int, ranks: tuple[int, int] | None) -> None:
    """Conover, Practical Nonparametric Statistics, 3rd ed.: the table of the sign test, at least 95 %."""
    assert median_ranks(n) == ranks


def test_rates_need_a_promise_above_zero() -> None:
    assert realisation_rate(200, -50) == Decimal("-0.25")
    assert realisation_rate(0, 10) is None
    assert realisation_rate(-5, 10) is None


def test_accuracy_is_shown_from_ten_cases_on() -> None:
    nine = accuracy_of([Decimal(1)] * 9 + [None])
    assert (nine.cases, nine.rated, nine.missing, nine.median, nine.discount) == (10, 9, 1, None, None)
    ten = accuracy_of([Decimal(k) / 10 for k in range(1, 11)])
    assert (ten.missing, ten.median, ten.low, ten.high) == (0, Decimal("0.55"), Decimal("0.2"), Decimal("0.9"))
    assert ten.discount == Decimal("0.45")


def test_a_discount_never_raises_a_claim_nor_takes_more_than_all() -> None:
    assert accuracy_of([Decimal("1.4")] * 10).discount == 0
    assert accuracy_of([Decimal(-3)] * 10).discount == 1
    assert median_of([Decimal(3), Decimal(1), Decimal(2)]) == 2
    with pytest.raises(ValueError, match="nothing"):
        median_of([])
