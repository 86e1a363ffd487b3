"""Words of a text as stems, so that `deliveries` and `delivered` are one word. English; own few rules, no library."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

_WORD = re.compile(r"[a-z][a-z'’]*[a-z]")
_VOWEL = re.compile(r"[aeiouy]")

# Words that join others, and words that stand in every text about such work and so tell no case from another.
STOP = frozenset(
    [
        "a",
        "about",
        "above",
        "after",
        "again",
        "against",
        "ago",
        "all",
        "almost",
        "along",
        "already",
        "also",
        "although",
        "always",
        "am",
        "among",
        "an",
        "and",
        "another",
        "any",
        "anybody",
        "anyone",
        "anything",
        "are",
        "around",
        "as",
        "ask",
        "asked",
        "at",
        "away",
        "back",
        "be",
        "became",
        "because",
        "become",
        "been",
        "before",
        "began",
        "begin",
        "begun",
        "behind",
        "being",
        "below",
        "better",
        "between",
        "both",
        "but",
        "by",
        "came",
        "can",
        "cannot",
        "case",
        "cases",
        "certain",
        "come",
        "could",
        "day",
        "days",
        "did",
        "do",
        "does",
        "doing",
        "done",
        "down",
        "due",
        "during",
        "each",
        "either",
        "else",
        "end",
        "ended",
        "enough",
        "even",
        "ever",
        "every",
        "everybody",
        "everyone",
        "everything",
        "few",
        "first",
        "five",
        "for",
        "found",
        "four",
        "from",
        "full",
        "gave",
        "get",
        "give",
        "given",
        "go",
        "goes",
        "going",
        "gone",
        "good",
        "got",
        "had",
        "half",
        "happened",
        "has",
        "have",
        "having",
        "he",
        "hence",
        "her",
        "here",
        "him",
        "his",
        "how",
        "however",
        "if",
        "in",
        "instead",
        "into",
        "is",
        "it",
        "its",
        "itself",
        "just",
        "kept",
        "kind",
        "knew",
        "know",
        "known",
        "large",
        "largely",
        "last",
        "later",
        "least",
        "less",
        "let",
        "like",
        "little",
        "long",
        "longer",
        "look",
        "looked",
        "made",
        "mainly",
        "make",
        "makes",
        "many",
        "may",
        "me",
        "might",
        "more",
        "most",
        "much",
        "must",
        "my",
        "nearly",
        "need",
        "needed",
        "never",
        "new",
        "next",
        "no",
        "nobody",
        "nobody's",
        "none",
        "nor",
        "not",
        "noted",
        "nothing",
        "now",
        "of",
        "off",
        "often",
        "old",
        "on",
        "once",
        "one",
        "ones",
        "only",
        "onto",
        "or",
        "other",
        "others",
        "our",
        "out",
        "over",
        "own",
        "part",
        "people",
        "per",
        "perhaps",
        "put",
        "quite",
        "rather",
        "read",
        "real",
        "said",
        "same",
        "saw",
        "say",
        "second",
        "see",
        "seen",
        "several",
        "she",
        "should",
        "since",
        "six",
        "small",
        "so",
        "some",
        "somebody",
        "someone",
        "something",
        "soon",
        "still",
        "such",
        "take",
        "taken",
        "tell",
        "ten",
        "than",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "these",
        "they",
        "thing",
        "things",
        "third",
        "this",
        "those",
        "though",
        "three",
        "through",
        "thus",
        "to",
        "today",
        "together",
        "told",
        "too",
        "took",
        "toward",
        "towards",
        "turn",
        "turned",
        "two",
        "under",
        "until",
        "up",
        "upon",
        "us",
        "use",
        "used",
        "uses",
        "using",
        "usual",
        "very",
        "want",
        "wanted",
        "was",
        "way",
        "we",
        "week",
        "weeks",
        "well",
        "went",
        "were",
        "what",
        "when",
        "whenever",
        "where",
        "whether",
        "which",
        "while",
        "who",
        "whole",
        "whom",
        "whose",
        "why",
        "will",
        "with",
        "within",
        "without",
        "would",
        "wrote",
        "year",
        "years",
        "yet",
        "you",
        "your",
        "month",
        "months",
        "time",
        "times",
        "data",
        "model",
        "models",
        "project",
        "projects",
        "team",
        "teams",
        "portal",
        "work",
        "worked",
    ]
)


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
