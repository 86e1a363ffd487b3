"""The labelled set: sixty written cases, twenty topics of three; and how often a case finds one of its own topic."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from lifecycle.lessons.similar.profiles import bag_of_case
from lifecycle.lessons.similar.scoring import WEIGHTS, Corpus, Profile, Weights, compare
from lifecycle.lessons.similar.words import Bag
from lifecycle.postmortems import taxonomy as causes

SHOWN = 3  # places in which a case of the same topic must stand
FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Written:
    """A case of the set with its topic."""

    topic: str
    name: str
    profile: Profile


@cache
def written(part: str) -> tuple[Written, ...]:
    """The cases of one file: `chosen_on` or `checked_on`."""
    rows = yaml.safe_load((FOLDER / f"{part}.yaml").read_text("utf-8"))
    return tuple(Written(row["topic"], row["id"], _profile(row)) for row in rows)


def _profile(row: dict[str, Any]) -> Profile:
    known = causes.nodes(taxonomy())
    factors = row.get("factors", [])
    return Profile(
        key=abs(hash(row["id"])),
        bag=bag_of_case(
            title=row["title"],
            summary=row["summary"],
            others=[*(factor.get("text", "") for factor in factors), *row["lessons"]],
        ),
        factors={factor["node"]: factor["strength"] for factor in factors},
        groups={factor["node"]: known[factor["node"]].group for factor in factors},
        trigger=row.get("trigger", ""),
        phase=row.get("phase", ""),
        tags=frozenset((kind, text) for kind, texts in row.get("tags", {}).items() for text in texts),
    )


def taxonomy() -> dict[str, Any]:
    """The taxonomy as it comes with the portal."""
    content: dict[str, Any] = yaml.safe_load((Path(causes.__file__).parent / "taxonomy.yaml").read_text("utf-8"))[
        "taxonomy"
    ]
    return content


def text_only(cases: Iterable[Written]) -> list[Written]:
    """The same cases as if their teams had chosen nothing from a list."""
    return [replace(case, profile=Profile(key=case.profile.key, bag=case.profile.bag)) for case in cases]


def structure_only(cases: Iterable[Written]) -> list[Written]:
    """The same cases without a word."""
    return [
        replace(case, profile=replace(case.profile, bag=Bag(type(case.profile.bag.counts)(), {}))) for case in cases
    ]


def found_share(
    asked: Sequence[Written], among: Sequence[Written], weights: Weights = WEIGHTS
) -> tuple[float, list[str]]:
    """Share of the asked cases that have one of their own topic among the first three, and those that have none."""
    corpus = Corpus(case.profile.bag for case in among)
    missed = []
    for case in asked:
        others = [other for other in among if other.name != case.name]
        ranked = sorted(
            others, key=lambda other: (-compare(case.profile, other.profile, corpus, weights).score, other.name)
        )
        if all(other.topic != case.topic for other in ranked[:SHOWN]):
            missed.append(f"{case.name} ({case.topic}): {', '.join(other.name for other in ranked[:SHOWN])}")
    return 1 - len(missed) / len(asked), missed
