"""Template tags of post-mortems."""

from __future__ import annotations

from django import template

from lifecycle.postmortems import taxonomy as causes

register = template.Library()


@register.filter
def cause(key: str) -> str:
    """A key of the taxonomy as a heading."""
    return causes.title(key)
