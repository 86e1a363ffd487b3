"""Splitting a whole: parts sum to it, whatever they are."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.kpis.shares import equal_shares, scaled, shapley, shapley_shares, shares_by_cases, split

A, B, C = frozenset("a"), frozenset("b"), frozenset("c")


def test_alone_60_and_50_together_90_are_50_and_40() -> None:
    worth = {A: Decimal(60), B: Decimal(50), A | B: Decimal(90)}
    assert shapley(worth) == {"a": 50, "b": 40}
    assert shapley_shares(worth) == {"a": Decimal("0.55556"), "b": Decimal("0.44444")}


def test_the_glove_game_gives_the_only_right_glove_two_thirds() -> None:
    # A left glove with a or b, the one right glove with c; a pair is worth 1.
    worth = {A: 0, B: 0, C: 0, A | B: 0, A | C: 1, B | C: 1, A | B | C: 1}
    found = shapley({names: Decimal(value) for names, value in worth.items()})
    assert found == {"a": Fraction(1, 6), "b": Fraction(1, 6), "c": Fraction(2, 3)}


money = st.decimals(0, 10**6, places=2)


@given(st.tuples(money, money, money), st.tuples(money, money, money), money)
def test_shapley_values_sum_to_the_whole_and_equal_players_get_equal(
    alone: tuple[Decimal, ...], pairs: tuple[Decimal, ...], whole: Decimal
) -> None:
    worth = dict(zip((A, B, C, A | B, A | C, B | C), (*alone, *pairs), strict=True)) | {A | B | C: whole}
    assert sum(shapley(worth).values()) == Fraction(whole)
    worth[B], worth[B | C] = worth[A], worth[A | C]
    found = shapley(worth)
    assert found["a"] == found["b"]


def test_values_that_share_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match=r"The value of a \+ b is missing\."):
        shapley(
            {A: Decimal(1), B: Decimal(1), C: Decimal(1), A | C: Decimal(1), B | C: Decimal(1), A | B | C: Decimal(1)}
        )
    with pytest.raises(ValueError, match="less than nothing"):
        shapley_shares({A: Decimal(10), B: Decimal(0), A | B: Decimal(5)})
    with pytest.raises(ValueError, match="worth nothing"):
        shapley_shares({A: Decimal(0), B: Decimal(0), A | B: Decimal(0)})


@given(st.lists(st.decimals(0, 1, places=5), max_size=8))
def test_shares_stay_up_to_the_whole_and_are_cut_to_it_above(shares: list[Decimal]) -> None:
    found = scaled(shares)
    if sum(shares) <= 1:
        assert found == shares
    else:
        assert sum(found) == 1
        assert all(part <= share for part, share in zip(found, shares, strict=True))


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1).filter(any))
def test_split_gives_everything_away(units: int, weights: list[int]) -> None:
    parts = split(units, weights)
    assert sum(parts) == units
    whole = sum(weights)
    assert all(abs(part - Fraction(units * weight, whole)) < 1 for part, weight in zip(parts, weights, strict=True))


def test_equal_parts_of_three_sum_to_one() -> None:
    assert equal_shares(3) == [Decimal("0.33334"), Decimal("0.33333"), Decimal("0.33333")]


def test_cases_of_segments_give_shares_that_sum_to_one() -> None:
    assert shares_by_cases({"triage": Decimal(400), "routing": Decimal(600)}) == {
        "routing": Decimal("0.6"),
        "triage": Decimal("0.4"),
    }
    thirds = shares_by_cases({"a": Decimal("0.5"), "b": Decimal("0.5"), "c": Decimal("0.5")})
    assert sum(thirds.values()) == 1
    with pytest.raises(ValueError, match="not below zero"):
        shares_by_cases({"a": Decimal(-1), "b": Decimal(2)})
    with pytest.raises(ValueError, match="No segment has cases"):
        shares_by_cases({"a": Decimal(0)})
