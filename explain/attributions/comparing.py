"""What two explanations have in common and where they part: plain data in and out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import correlation
from typing import Any, Final, Protocol

from explain.attributions.dictionary import Dictionary, label_in_sentence
from explain.attributions.summary import Driver
from explain.attributions.words import CLEAR

TOP: Final = 5
NOTABLE: Final = 0.05  # of all influence: a share that grew or shrank by less is not told


@dataclass(frozen=True)
class Pair:
    """A feature in both explanations: shares of all influence (0 to 1), places from 1 (None: not a feature there), and
    directions (rank correlation of value and part, None where there is none)."""

    feature: str
    shares: tuple[float, float]
    places: tuple[int | None, int | None]
    directions: tuple[float | None, float | None]

    @property
    def turned(self) -> bool:
        """Whether it clearly pushes one way in one and the other way in the other."""
        first, second = self.directions
        if first is None or second is None or min(abs(first), abs(second)) < CLEAR:
            return False
        return (first > 0) != (second > 0)

    @property
    def grew(self) -> float:
        """Share in the second less share in the first."""
        return self.shares[1] - self.shares[0]

    def place_text(self, side: int) -> str:
        """Its place in one of the two."""
        place = self.places[side]
        return "not used" if place is None else str(place)

    def direction_text(self, side: int) -> str:
        """Its direction in one of the two."""
        found = self.directions[side]
        if self.places[side] is None:
            return ""
        return "no single one" if found is None or abs(found) < CLEAR else "raises" if found > 0 else "lowers"


@dataclass(frozen=True)
class Comparison:
    """`pairs`, the strongest in either first; `overlap`: how many of the five strongest are the same; `correlation`:
    Spearman's rank correlation of the shares of features that both have, None for fewer than three."""

    pairs: list[Pair]
    overlap: int
    of: int
    correlation: float | None


def compare(first: Sequence[Driver], second: Sequence[Driver]) -> Comparison:
    """Two lists of drivers, each the strongest first."""
    sides = [{driver["feature"]: (place, driver) for place, driver in enumerate(side, 1)} for side in (first, second)]
    names = dict.fromkeys(driver["feature"] for driver in (*first, *second))
    pairs = [
        Pair(
            feature=name,
            shares=(_share(sides[0], name), _share(sides[1], name)),
            places=(_place(sides[0], name), _place(sides[1], name)),
            directions=(_direction(sides[0], name), _direction(sides[1], name)),
        )
        for name in names
    ]
    pairs.sort(key=lambda pair: -max(pair.shares))
    tops = [{driver["feature"] for driver in side[:TOP] if driver["mean_abs"] > 0} for side in (first, second)]
    common = [pair for pair in pairs if None not in pair.places]
    return Comparison(
        pairs=pairs,
        overlap=len(tops[0] & tops[1]),
        of=max(len(tops[0]), len(tops[1])),
        correlation=rank_correlation([pair.shares[0] for pair in common], [pair.shares[1] for pair in common]),
    )


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Spearman's rho with mean ranks for ties; None for fewer than three values, or where one side does not vary.

    The worker has its own on arrays (`worker/ranks.py`), which the web process cannot load.
    """
    if len(first) < 3 or len(set(first)) == 1 or len(set(second)) == 1:
        return None
    return correlation(_ranks(first), _ranks(second))


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        stop = start
        while stop + 1 < len(order) and values[order[stop + 1]] == values[order[start]]:
            stop += 1
        for at in order[start : stop + 1]:
            ranks[at] = (start + stop) / 2 + 1
        start = stop + 1
    return ranks


def sentences(found: Comparison, dictionary: Dictionary, *, names: tuple[str, str]) -> list[str]:
    """What differs, in words, for readers who decide: the order, what turned, what grew and shrank."""
    said = [
        f"{found.overlap} of the {found.of} strongest features are the same in both."
        if found.of > 1
        else "There are too few features to compare their order."
    ]
    turned = [pair for pair in found.pairs if pair.turned and max(pair.shares) >= 0.01]
    if turned:
        listed = _joined([label_in_sentence(pair.feature, dictionary) for pair in turned])
        said.append(
            f"{listed[:1].upper()}{listed[1:]} push{'es' if len(turned) == 1 else ''} the result the other way in {names[1]}. "
            "Ask the team why before you rely on either."
        )
    else:
        said.append("No feature with a clear direction changes it.")
    moved = [pair for pair in found.pairs if abs(pair.grew) >= NOTABLE]
    for word, side in (("more", [p for p in moved if p.grew > 0]), ("less", [p for p in moved if p.grew < 0])):
        if side:
            side.sort(key=lambda pair: -abs(pair.grew))
            listed = _joined(
                [
                    f"{label_in_sentence(pair.feature, dictionary)} ({100 * pair.shares[0]:.0f} % to {100 * pair.shares[1]:.0f} %)"
                    for pair in side
                ]
            )
            said.append(f"{names[1]} rests {word} on {listed}.")
    if not moved:
        said.append("No feature's share of all influence moves by 5 percentage points or more.")
    return said


def _share(side: Mapping[str, tuple[int, Driver]], name: str) -> float:
    return side[name][1]["share"] if name in side else 0.0


def _place(side: Mapping[str, tuple[int, Driver]], name: str) -> int | None:
    return side[name][0] if name in side else None


def _direction(side: Mapping[str, tuple[int, Driver]], name: str) -> float | None:
    return side[name][1]["direction"] if name in side else None


def _joined(names: Sequence[str], most: int = 4) -> str:
    shown: list[str] = list(names[:most])
    if len(names) > most:
        shown.append(f"{len(names) - most} more")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


class Told(Protocol):
    """What the names of a comparison read of an explanation."""

    pk: Any
    model_version: Any
    data_set: Any


def names_of(first: Told, second: Told) -> tuple[str, str]:
    """What tells the two apart: the model, else the rows, else their numbers."""
    for pair in (
        (str(first.model_version), str(second.model_version)),
        (str(first.data_set), str(second.data_set)),
    ):
        if pair[0] != pair[1]:
            return pair
    return f"explanation {first.pk}", f"explanation {second.pk}"


def reservations(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """Why the two may not be compared number by number; `first` and `second` are summaries."""
    found = []
    if first["output_space"] != second["output_space"]:
        found.append(
            f"One is in {first['output_space']}, the other in {second['output_space']}; shares can be compared, sizes cannot."
        )
    if first["method"] != second["method"]:
        found.append("One is by SHAP and the other by LIME, which measure different things.")
    if first["data_sha256"] != second["data_sha256"] and first["model_sha256"] != second["model_sha256"]:
        found.append("Both the model and the rows differ, so a difference may come from either.")
    if first["seed_spread"] is not None or second["seed_spread"] is not None:
        found.append("Values of at least one are approximate; small differences mean nothing.")
    if min(first["rows"], second["rows"]) < 200:
        found.append("At least one was made on fewer than 200 rows.")
    return found
