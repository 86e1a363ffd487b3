"""Numbers, money and dates as people read them."""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

THIN = "\u202f"  # narrow no-break space between groups of digits
MINUS = "\u2212"
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CHF": "CHF"}
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NO_MINOR = {"JPY", "KRW", "CLP", "VND", "ISK", "HUF"}
_THREE_MINOR = {"KWD", "BHD", "OMR", "JOD", "TND", "IQD", "LYD"}


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


def money_text(amount: Decimal | None, currency: str, *, short: bool = False, signed: bool = False) -> str:
    """`1 234 €`; `short`: 1.4 M€, 27 k€ for headlines. Whole units when the amount is 1,000 or more."""
    if amount is None:
        return "unknown"
    unit = SYMBOLS.get(currency, currency)
    size = abs(amount)
    sign = MINUS if amount < 0 else "+" if signed and amount > 0 else ""
    if short and size >= 1_000_000:
        text = f"{number_text(size / 1_000_000, 1 if size < 100_000_000 else 0)} M{unit}"
    elif short and size >= 10_000:
        text = f"{number_text(size / 1000, 0)} k{unit}"
    else:
        text = f"{number_text(size, 0 if size >= 1000 else minor_digits(currency))} {unit}"
    return sign + text.replace(" ", "\u00a0")


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
