"""Amounts with a currency: rounding once to the minor unit, and splitting without losing a cent."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal

from lifecycle.kpis.shares import split

# ISO 4217 currencies whose minor unit is not a hundredth.
_WITHOUT_CENTS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
MINOR_UNITS = {
    **dict.fromkeys(_WITHOUT_CENTS.split(), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
PRECISE = Context(prec=60, rounding=ROUND_HALF_EVEN)


class CurrencyMismatch(TypeError):  # noqa: N818 - named for what it tells
    """Amounts of unlike currencies were put together without a rate."""


def minor_units(currency: str) -> int:
    """Decimal places of a currency (JPY 0, EUR 2, KWD 3)."""
    return MINOR_UNITS.get(currency.upper(), 2)


def round_money(amount: Decimal, currency: str, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """The amount to the minor unit of its currency. Call it once, at display or at posting."""
    _only_decimal(amount)
    rounded = amount.quantize(Decimal(1).scaleb(-minor_units(currency)), rounding=rounding, context=PRECISE)
    return rounded if rounded else abs(rounded)  # no negative zero on a page


def allocate(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Split a total by weights so that the parts sum to the rounded whole (largest remainder).

    Equal remainders go to the earlier part. Raises ValueError when no weight is above zero or one is below.
    """
    whole = round_money(total, currency)
    for weight in weights:
        _only_decimal(weight)
    if any(weight < 0 for weight in weights):
        raise ValueError("Weights must not be below zero.")
    all_weights = sum(weights, Decimal(0))
    if all_weights <= 0:
        raise ValueError("At least one weight must be above zero.")
    sign = -1 if whole < 0 else 1
    places = minor_units(currency)
    units = int(abs(whole).scaleb(places, context=PRECISE))
    # Integers, not quotients: remainders compare exactly, however the weights are written.
    exponent = min(int(weight.as_tuple().exponent) for weight in weights)
    whole_weights = [int(weight.scaleb(-exponent, context=PRECISE)) for weight in weights]
    return [Decimal(sign * part).scaleb(-places, context=PRECISE) for part in split(units, whole_weights)]


def from_statistic(value: float) -> Decimal:
    """Carry a statistic over the border into money: the shortest decimal that reads as the same float."""
    if not math.isfinite(value):
        raise ValueError("A figure that is not a finite number has no value in money.")
    return Decimal(repr(float(value)))


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its ISO 4217 currency; adds only to its own kind."""

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        _only_decimal(self.amount)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._like(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._like(other), self.currency)

    def __mul__(self, factor: Decimal | int) -> "Money":
        if isinstance(factor, float):
            raise TypeError("Money is multiplied by Decimal or int, not by float.")
        return Money(self.amount * factor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def rounded(self) -> "Money":
        """The same amount to the minor unit, half to even."""
        return Money(round_money(self.amount, self.currency), self.currency)

    def _like(self, other: "Money") -> Decimal:
        if not isinstance(other, Money):
            raise TypeError("Money adds to money only.")
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency} cannot be added without a rate.")
        return other.amount


def _only_decimal(value: object) -> None:
    if not isinstance(value, Decimal):
        raise TypeError(f"Money is Decimal, not {type(value).__name__}.")
    if not value.is_finite():
        raise ValueError("Money is a finite amount.")
