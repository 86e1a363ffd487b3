"""Money is Decimal with a currency: rounding, allocation, and what may not be added."""

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.outcomes.compute.money import CurrencyMismatch, Money, allocate, from_statistic, minor_units, round_money

currencies = st.sampled_from(["EUR", "JPY", "KWD", "USD", "CLF"])
totals = st.decimals("-1e12", "1e12", places=4)


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("2.345", "EUR", "2.34"),
        ("2.355", "EUR", "2.36"),
        ("2.5", "JPY", "2"),
        ("3.5", "jpy", "4"),
        ("1.2345", "KWD", "1.234"),
        ("-0.001", "EUR", "0.00"),
        ("1e15", "EUR", "1000000000000000.00"),
    ],
)
def test_money_rounds_half_to_even_at_the_minor_unit(amount: str, currency: str, rounded: str) -> None:
    assert str(round_money(Decimal(amount), currency)) == rounded


def test_half_up_can_be_asked_for() -> None:
    assert round_money(Decimal("2.345"), "EUR", ROUND_HALF_UP) == Decimal("2.35")


@settings(deadline=None)
@given(totals, st.lists(st.decimals(0, 1000, places=3), min_size=1, max_size=12), currencies)
def test_the_parts_sum_to_the_whole(total: Decimal, weights: list[Decimal], currency: str) -> None:
    if not sum(weights):
        weights = [*weights, Decimal(1)]
    parts = allocate(total, weights, currency)
    whole = round_money(total, currency)
    assert sum(parts) == whole
    unit = Decimal(1).scaleb(-minor_units(currency))
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - whole * weight / sum(weights)) < unit + Decimal("1e-9")
        assert weight or not part


def test_left_over_cents_go_to_the_largest_remainders() -> None:
    assert allocate(Decimal("100.00"), [Decimal(1), Decimal(1), Decimal(1)], "EUR") == [
        Decimal("33.34"),
        Decimal("33.33"),
        Decimal("33.33"),
    ]
    assert allocate(Decimal("-0.05"), [Decimal(1), Decimal(3)], "EUR") == [Decimal("-0.01"), Decimal("-0.04")]
    assert allocate(Decimal(10), [Decimal("0.5"), Decimal("0.3"), Decimal("0.2")], "JPY") == [
        Decimal(5),
        Decimal(3),
        Decimal(2),
    ]


@pytest.mark.parametrize("weights", [[], [Decimal(0)], [Decimal(1), Decimal(-1)]])
def test_weights_must_carry_the_whole(weights: list[Decimal]) -> None:
    with pytest.raises(ValueError, match="eight"):
        allocate(Decimal(1), weights, "EUR")


def test_unlike_currencies_are_not_added() -> None:
    assert Money(Decimal("1.10"), "EUR") + Money(Decimal("2.20"), "EUR") == Money(Decimal("3.30"), "EUR")
    assert -(Money(Decimal(5), "EUR") - Money(Decimal(7), "EUR")) * 2 == Money(Decimal(4), "EUR")
    with pytest.raises(CurrencyMismatch):
        Money(Decimal(1), "EUR") + Money(Decimal(1), "USD")
    with pytest.raises(TypeError):
        Money(Decimal(1), "EUR") + Decimal(1)


def test_floats_and_infinities_are_not_money() -> None:
    for wrong in (0.1, 1, "1"):
        with pytest.raises(TypeError):
            Money(wrong, "EUR")
        with pytest.raises(TypeError):
            round_money(wrong, "EUR")
    with pytest.raises(TypeError):
        Money(Decimal(1), "EUR") * 0.5
    with pytest.raises(ValueError, match="finite"):
        Money(Decimal("NaN"), "EUR")


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_statistic_crosses_the_border_without_loss(value: float) -> None:
    assert float(from_statistic(value)) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_has_no_value(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        from_statistic(value)
