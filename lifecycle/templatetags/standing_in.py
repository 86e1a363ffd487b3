"""Who stands in for whom, as pages say it."""

from __future__ import annotations

from django import template

from lifecycle.projects.models import Delegation
from lifecycle.projects.standing_in import standing_in_words

register = template.Library()


@register.filter
def standing_in(delegation: Delegation) -> str:
    """`B for A until 3 March`."""
    return standing_in_words(delegation)
