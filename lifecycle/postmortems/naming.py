"""What a post-mortem is called here: by the organisation, and by the template of a case."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from foundation.web.nouns import USUAL, Noun, house_noun

__all__ = ["Noun", "house_noun", "named", "noun_of", "noun_of_template"]


def noun_of(postmortem: Any) -> Noun:
    """What this one is called: by its template where that has a word of its own, else by the organisation."""
    return noun_of_template(postmortem.template) if postmortem.template else house_noun()


def noun_of_template(template: Any) -> Noun:
    """What cases of this template are called."""
    return Noun(template.noun) if template.noun not in ("", USUAL) else house_noun()


def named(request: HttpRequest) -> dict[str, Any]:
    """`postmortem_noun` on every page: one, many, and with its article."""
    return {"postmortem_noun": SimpleLazyObject(house_noun)}
