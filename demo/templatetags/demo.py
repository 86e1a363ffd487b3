"""The sign-ins of the demo story, for the sign-in page."""

from __future__ import annotations

from django import template

from demo.people import sign_ins

register = template.Library()


@register.simple_tag
def demo_sign_ins() -> list[tuple[str, str, str]]:
    """(role, e-mail, password) of the demo people who are there; empty without the demo story."""
    return sign_ins()
