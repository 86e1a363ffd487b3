"""Readings as they are stored."""

from __future__ import annotations

from decimal import Decimal

from django import template

from foundation.web.formats import MINUS, THIN

register = template.Library()


@register.filter
def exact(value: float | None) -> str:
    """All digits of a reading, 12 345.625: what is recorded is seen unrounded."""
    if value is None:
        return "–"
    number = Decimal(repr(value))
    if number == number.to_integral_value():
        number = number.quantize(Decimal(1))
    text = f"{abs(number):,f}".replace(",", THIN)
    return f"{MINUS}{text}" if number < 0 else text
