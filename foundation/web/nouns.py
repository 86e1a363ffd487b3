"""Nouns as sentences need them, and what a post-mortem is called in this house: every floor says it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.conf import settings

USUAL = "post-mortem"  # what it is called where nobody said otherwise
_HISSING = ("s", "x", "z", "ch", "sh")
# Words whose first letter is written as a vowel and heard as "you" or "won".
_HEARD_AS_CONSONANT = re.compile(r"(uni(?![mn])|us[aeu]|ut[ei]|eu|one\b|once\b)", re.IGNORECASE)
_SILENT_H = ("hour", "honest", "honour")


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
        word = self.one.lower()
        is_vowel = word.startswith((*"aeiou", *_SILENT_H)) and not _HEARD_AS_CONSONANT.match(word)
        return f"{'an' if is_vowel else 'a'} {self.one}"

    @property
    def a_first(self) -> str:
        """With its article, at the start of a sentence."""
        return f"A{self.a[1:]}"

    def __str__(self) -> str:
        return self.one


def house_noun() -> Noun:
    """What the organisation calls a post-mortem."""
    return Noun(settings.POSTMORTEM_NAME)
