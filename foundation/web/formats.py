"""Numbers, money and dates as people read them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

Amount = Decimal | float | int

THIN = "\u202f"  # narrow no-break space between groups of digits
MINUS = "\u2212"
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CHF": "CHF"}
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NO_MINOR = {"JPY", "KRW", "CLP", "VND", "ISK", "HUF"}
_THREE_MINOR = {"KWD", "BHD", "OMR", "JOD", "TND", "IQD", "LYD"}
_MILLION, _TEN_THOUSAND = Decimal(1_000_000), Decimal(10_000)
_PREFIXES = {"": Decimal(1), "k": Decimal(1000), "M": _MILLION}


def minor_digits(currency: str) -> int:
    """Digits after the point of the currency's smallest unit (ISO 4217)."""
    return 0 if currency in _NO_MINOR and currency != "HUF" else 3 if currency in _THREE_MINOR else 2


def number_text(value: float | Decimal | int | None, digits: int | None = None) -> str:
    """12 345.6 with a narrow space and a true minus; three significant digits at least when `digits` is None."""
    if value is None:
        return "–"
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite():
        return "–"
    if digits is None:
        size = number.copy_abs()
        digits = (
            0
            if size >= 100 or number == number.to_integral_value()
            else 1
            if size >= 10
            else 2
            if size >= Decimal("0.1")
            else 4
        )
    shown = number.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)
    text = f"{abs(shown):,.{digits}f}".replace(",", THIN)
    return f"{MINUS}{text}" if shown < 0 else text


@dataclass(frozen=True)
class MoneyScale:
    """How amounts that are read together are written: all in one unit, all with the same digits."""

    currency: str
    prefix: str = ""
    digits: int = 0

    @classmethod
    def of(
        cls, amounts: Iterable[Amount | None], currency: str, *, short: bool = False, whole: bool = False
    ) -> MoneyScale:
        """The scale of a column, an interval or a figure. Booked amounts are exact: cents where any has cents.

        `whole`: estimates, without cents where the largest is 10 or more. `short`: headlines, in k or M where the
        largest is 10,000 or a million.
        """
        known = [_decimal(amount) for amount in amounts if amount is not None]
        largest = max((abs(amount) for amount in known), default=Decimal(0))
        if short and largest >= _MILLION:
            return cls(currency, "M", 1 if largest < 100 * _MILLION else 0)
        if short and largest >= _TEN_THOUSAND:
            return cls(currency, "k")
        cents = any(amount != amount.to_integral_value() for amount in known)
        rounded = (short or whole) and largest >= 10
        return cls(currency, digits=minor_digits(currency) if cents and not rounded else 0)

    def text(self, amount: Amount | None, *, signed: bool = False) -> str:
        """`1 234 €`, `−14 k€`; an amount that rounds to zero has no sign."""
        if amount is None:
            return "unknown"
        shown = number_text(_decimal(amount) / _PREFIXES[self.prefix], self.digits)
        plus = "+" if signed and amount > 0 and shown.strip("0.") else ""
        return f"{plus}{shown}\u00a0{self.prefix}{SYMBOLS.get(self.currency, self.currency)}"


def money_text(
    amount: Amount | None, currency: str, *, short: bool = False, whole: bool = False, signed: bool = False
) -> str:
    """One amount by itself; amounts that are compared share a `MoneyScale`."""
    return MoneyScale.of([amount], currency, short=short, whole=whole).text(amount, signed=signed)


def _decimal(amount: Amount) -> Decimal:
    return Decimal(repr(amount)) if isinstance(amount, float) else Decimal(amount)


def day_text(value: date | None) -> str:
    """3 March 2026."""
    return f"{value.day} {value:%B %Y}" if value else "–"


def plain_text(value: object) -> str:
    """A stored plain value as people read it: a day in words, yes or no, anything else as it is."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    if _ISO_DAY.fullmatch(text):
        try:
            return day_text(date.fromisoformat(text))
        except ValueError:
            return text
    return text
