"""How alike two cases are, and in what: pure functions on plain data. No database, no library of numbers.

A score is a weighted overlap of what people chose (factors, trigger, phase, tags, methodology) and the cosine of the
words (TF-IDF). What was not filled in on both sides adds nothing, so that two thin records are not alike by being thin.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import log, sqrt

from lifecycle.lessons.similar.words import Bag

STRENGTHS: Mapping[str, float] = {"main": 1.0, "contributing": 0.6, "possible": 0.3}
WORDS_SHOWN = 5


@dataclass(frozen=True)
class Weights:
    """What counts how much. Chosen on ten of the twenty topics of tests/lifecycle/lessons/cases and checked on the
    others; there no KPI and no methodology is named, so these count little. `text`: share of the words in the whole; the
    others share the rest among them and add up to 1."""

    text: float = 0.3
    factors: float = 0.6
    group: float = 0.15
    trigger: float = 0.1
    phase: float = 0.05
    tags: float = 0.05
    kpis: float = 0.03
    methodology: float = 0.02


WEIGHTS = Weights()
# A project has no factors yet: there its words count most. Every case of one methodology would fit, so that counts nothing.
FOR_PROJECTS = Weights(text=0.8, factors=0.0, group=0.0, trigger=0.0, phase=0.3, tags=0.5, kpis=0.2, methodology=0.0)
# Below this, nineteen of twenty pairs of different topics lie (of the ten on which weights were chosen).
FLOOR = 0.12
# A cosine of this size means that two texts tell the same story in words of their own.
SAME_STORY = 0.4


@dataclass(frozen=True)
class Profile:
    """What is compared of a case or a project. `factors`: strength by cause; `groups`: the group of each cause;
    `labels`: causes, triggers and phases in words; `tags`: (kind, text in small letters); `kpis`: names by their stems;
    `data`: texts of those tags that are what a data set of the project is called."""

    key: int
    bag: Bag
    factors: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    trigger: str = ""
    phase: str = ""
    tags: frozenset[tuple[str, str]] = frozenset()
    kpis: Mapping[str, str] = field(default_factory=dict)
    data: frozenset[str] = frozenset()
    methodology: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Match:
    """How alike two are, from 0 to 1, and in what: sentences for people."""

    score: float
    shared: list[str]


class Corpus:
    """How rare each word is among the cases that everybody may read.

    Only those: what a restricted case says must not move what others see, not even in its last digit.
    """

    def __init__(self, bags: Iterable[Bag]) -> None:
        found: Counter[str] = Counter()
        self.size = 0
        for bag in bags:
            self.size += 1
            found.update(bag.counts.keys())
        self._found = found
        # With the bag itself, so that its number is not given to another one meanwhile.
        self._vectors: dict[int, tuple[Bag, dict[str, float]]] = {}

    def rarity(self, stem: str) -> float:
        """1 for a word that is everywhere, more for a rare one."""
        return log((1 + self.size) / (1 + self._found[stem])) + 1

    def vector(self, bag: Bag) -> dict[str, float]:
        """Weights of the words of a text, of length 1; kept, since one case is compared with many."""
        kept = self._vectors.get(id(bag))
        if kept is not None:
            return kept[1]
        raw = {stem: (1 + log(count)) * self.rarity(stem) for stem, count in bag.counts.items()}
        length = sqrt(sum(value * value for value in raw.values())) or 1.0
        vector = {stem: value / length for stem, value in raw.items()}
        self._vectors[id(bag)] = (bag, vector)
        return vector


def compare(one: Profile, other: Profile, corpus: Corpus, weights: Weights = WEIGHTS) -> Match:
    """How alike the two are, and in what. The same in both directions."""
    cosine, told = _words(one.bag, other.bag, corpus)
    chosen = _chosen(one, other, weights)
    score = weights.text * min(1.0, cosine / SAME_STORY) + (1 - weights.text) * chosen
    return Match(round(min(1.0, score), 4), _reasons(one, other, told))


def _words(one: Bag, other: Bag, corpus: Corpus) -> tuple[float, list[str]]:
    """The cosine of two texts, and the words that make it, the most telling first."""
    short, long = sorted((corpus.vector(one), corpus.vector(other)), key=len)
    parts = {stem: value * long[stem] for stem, value in short.items() if stem in long}
    telling = sorted(parts, key=lambda stem: (-parts[stem], stem))[:WORDS_SHOWN]
    # Added up in one order, so that it is the same number from both sides.
    return sum(parts[stem] for stem in sorted(parts)), [
        min((len(word), word) for word in (one.written[stem], other.written[stem]))[1] for stem in telling
    ]


def _chosen(one: Profile, other: Profile, weights: Weights) -> float:
    found = weights.factors * _overlap(_strengths(one), _strengths(other))
    found += weights.group * _overlap(_by_group(one), _by_group(other))
    for name in ("trigger", "phase", "methodology"):
        value = getattr(one, name)
        found += getattr(weights, name) * float(bool(value) and value == getattr(other, name))
    fewer = min(len(one.kpis), len(other.kpis))
    found += weights.kpis * (len(one.kpis.keys() & other.kpis.keys()) / fewer if fewer else 0.0)
    either = one.tags | other.tags
    return found + weights.tags * (len(one.tags & other.tags) / len(either) if either else 0.0)


def _strengths(profile: Profile) -> dict[str, float]:
    return {node: STRENGTHS.get(strength, 0.3) for node, strength in profile.factors.items()}


def _by_group(profile: Profile) -> dict[str, float]:
    found: dict[str, float] = {}
    for node, strength in _strengths(profile).items():
        group = profile.groups.get(node, node)
        found[group] = max(found.get(group, 0.0), strength)
    return found


def _overlap(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """What both have as a share of what either has."""
    keys = {**one, **other}
    most = sum(max(one.get(key, 0.0), other.get(key, 0.0)) for key in keys)
    return sum(min(one.get(key, 0.0), other.get(key, 0.0)) for key in keys) / most if most else 0.0


def _reasons(one: Profile, other: Profile, told: list[str]) -> list[str]:
    labels = {**other.labels, **one.labels}
    both = sorted(
        (node for node in one.factors if node in other.factors),
        key=lambda node: (-min(_strengths(one)[node], _strengths(other)[node]), node),
    )
    found = []
    if both:
        said = [
            f"{labels.get(node, node)}{' (main cause)' if one.factors[node] == other.factors[node] == 'main' else ''}"
            for node in both
        ]
        found.append(f"both: {', '.join(said)}")
    if one.trigger and one.trigger == other.trigger:
        found.append(f"both set off by: {labels.get(one.trigger, one.trigger)}")
    if one.phase and one.phase == other.phase:
        found.append(f"both begun in {labels.get(one.phase, one.phase)}")
    if kpis := sorted(min(one.kpis[key], other.kpis[key]) for key in one.kpis.keys() & other.kpis.keys()):
        found.append(f"both measured by {', '.join(kpis)}")
    shared = {text for _, text in one.tags & other.tags}
    if data := sorted(shared & (one.data | other.data)):
        found.append(f"both use the data {', '.join(data)}")
    if tags := sorted(shared - (one.data | other.data)):
        found.append(f"tags: {', '.join(tags)}")
    if told:
        found.append(f"words: {', '.join(told)}")
    return found
