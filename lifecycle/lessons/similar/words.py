"""Words of a text as stems, so that `deliveries` and `delivered` are one word. English; own few rules, no library."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_WORD = re.compile(r"[a-z][a-z'’]*[a-z]")
_VOWEL = re.compile(r"[aeiouy]")

# Words that join others, and words that stand in every text about such work and so tell no case from another.
STOP = frozenset(Path(__file__).with_name("stop_words.txt").read_text("utf-8").split())


@dataclass(frozen=True)
class Bag:
    """Stems of a text with how often each stands there, and each stem as a person wrote it."""

    counts: Counter[str]
    written: dict[str, str]


def bag_of(*weighted: tuple[str, int]) -> Bag:
    """The stems of several texts; a text of weight 2 counts as if it were there twice."""
    counts: Counter[str] = Counter()
    written: dict[str, str] = {}
    for text, weight in weighted:
        for word in words_in(text):
            stem = stem_of(word)
            counts[stem] += weight
            # The shortest form reads best in a list of words, and the first of the alphabet makes it the same each time.
            if stem not in written or (len(word), word) < (len(written[stem]), written[stem]):
                written[stem] = word
    return Bag(counts, written)


def words_in(text: str) -> list[str]:
    """Words in small letters, without those that tell nothing and those of fewer than three letters."""
    plain = (word.replace("’", "'").removesuffix("'s") for word in _WORD.findall(text.lower()))
    return [word for word in plain if len(word) > 2 and word not in STOP]


@lru_cache(maxsize=50_000)
def stem_of(word: str) -> str:
    """What is left of a word without its endings. Forms of a word must meet; it need not be a word itself."""
    stem = _without_plural(word)
    while shorter := _without_ending(stem):
        stem = shorter
    if stem.endswith(("tion", "sion")) and len(stem) > 6:
        stem = stem[:-3]
    if stem.endswith("ator") and len(stem) > 6:
        stem = stem[:-2]
    if stem.endswith("e") and len(stem) > 3:
        stem = stem[:-1]
    if stem.endswith("y") and len(stem) > 2:
        stem = stem[:-1] + "i"
    if len(stem) > 3 and stem[-1] == stem[-2]:
        stem = stem[:-1]
    return stem


# (ending, letters that must be left), the longest of those that fit first.
_ENDINGS = (
    ("alities", 4), ("ality", 4), ("ements", 4), ("ement", 4), ("ments", 4), ("ment", 4), ("fully", 4), ("ness", 4),
    ("ingly", 3), ("edly", 3), ("ings", 3), ("able", 4), ("ible", 4), ("ally", 4), ("ing", 3), ("ers", 4), ("ful", 4), ("ery", 5),
    ("ed", 3), ("ly", 5), ("er", 4), ("al", 5), ("ity", 5),
)  # fmt: skip


def _without_ending(stem: str) -> str:
    """The word without one ending; empty where it has none."""
    for ending, shortest in _ENDINGS:
        if stem.endswith(ending) and len(stem) - len(ending) >= shortest and _VOWEL.search(stem[: -len(ending)]):
            return stem[: -len(ending)]
    return ""


def _without_plural(word: str) -> str:
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word
