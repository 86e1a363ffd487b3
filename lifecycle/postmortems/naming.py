"""What a post-mortem is called here: by the organisation, and by the template of a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

_HISSING = ("s", "x", "z", "ch", "sh")


@dataclass(frozen=True)
class Noun:
    """A noun as sentences need it."""

    one: str

    @property
    def many(self) -> str:
        """More than one: `reviews`, `retrospectives`, `inquiries`, `losses`."""
        if self.one.endswith("y") and self.one[-2:-1].lower() not in tuple("aeiou"):
            return f"{self.one[:-1]}ies"
        return f"{self.one}{'es' if self.one.endswith(_HISSING) else 's'}"

    @property
    def a(self) -> str:
        """With its article."""
        return f"{'an' if self.one[:1].lower() in tuple('aeiou') else 'a'} {self.one}"

    def __str__(self) -> str:
        return self.one


def house_noun() -> Noun:
    """What the organisation calls it."""
    return Noun(settings.POSTMORTEM_NAME)


def noun_of(postmortem: Any) -> Noun:
    """What this one is called: by its template where that has a word of its own, else by the organisation."""
    own = postmortem.template.noun if postmortem.template else ""
    return Noun(own) if own and own != "post-mortem" else house_noun()


def named(request: HttpRequest) -> dict[str, Any]:
    """`postmortem_noun` on every page: one, many, and with its article."""
    return {"postmortem_noun": SimpleLazyObject(house_noun)}
