"""What people type, read as a question: all words, "phrases", and the last word as a beginning. Anything can be read."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MOST_TERMS = 24
LONGEST_WORD = 60
_PIECE = re.compile(r'"([^"]*)"?|(\S+)')
# Marks around what was found; no text holds them, because `plain` takes them out.
OPENS, CLOSES = "\x02", "\x03"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Term:
    """Words that stand beside each other, lower case; the last of them may be only a beginning."""

    words: tuple[str, ...]
    is_beginning: bool = False


def terms(text: str) -> list[Term]:
    """The terms of a question; empty when no word was typed."""
    found: list[Term] = []
    pieces = list(_PIECE.finditer(text.replace("“", '"').replace("”", '"').replace("„", '"')))
    for piece in pieces:
        phrase, word = piece.groups()
        words = tuple(part[:LONGEST_WORD] for part in _words(word if phrase is None else phrase))
        # A word that is still being typed: the last, not in quotes, and nothing behind it.
        still_typed = piece is pieces[-1] and phrase is None and not text[-1:].isspace()
        if words:
            found.append(Term(words, is_beginning=still_typed))
    return found[:MOST_TERMS]


def _words(text: str) -> list[str]:
    """Runs of letters and digits with their marks, lower case."""
    signs = unicodedata.normalize("NFC", text).lower()
    spaced = "".join(sign if sign.isalnum() or unicodedata.category(sign)[0] == "M" else " " for sign in signs)
    return [word for word in spaced.split() if any(sign.isalnum() for sign in word)]


def plain(text: str) -> str:
    """A text without control signs, which neither index nor page can use."""
    return _CONTROL.sub(" ", text)
