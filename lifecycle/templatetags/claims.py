"""Shares as pages say them."""

from __future__ import annotations

from decimal import Decimal

from django import template

register = template.Library()


@register.filter
def percent(share: Decimal) -> str:
    """`33.333 %` for 0.33333: five digits of a share, without trailing zeros."""
    text = format(100 * Decimal(share), "f")
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}\u00a0%"
