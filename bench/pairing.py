"""Measuring two sides in turn. A machine is noisy, so only the ratio of two neighbours in time is told."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

Reading = TypeVar("Reading")

LEAST_SECONDS = 0.02  # a quick deed is repeated until a reading takes this long
WARM_UP_SECONDS = 0.2


def interleaved(
    ours: Callable[[], Reading], reference: Callable[[], Reading], rounds: int
) -> list[tuple[Reading, Reading]]:
    """(ours, reference) of each round. Who goes first alternates, so that a drift of the machine cancels out."""
    pairs = []
    for turn in range(rounds):
        if turn % 2:
            second = reference()
            pairs.append((ours(), second))
        else:
            first = ours()
            pairs.append((first, reference()))
    return pairs


def timed(deed: Callable[[], object], least: float = LEAST_SECONDS) -> Callable[[], float]:
    """A reading in seconds a call. The deed is called here first, until caches are warm and its cost is known."""
    took = _seconds(deed, 1)
    warm_until = time.perf_counter() + min(WARM_UP_SECONDS, 2 * took)
    while time.perf_counter() < warm_until:
        took = _seconds(deed, 1)
    calls = max(1, round(least / max(took, 1e-9)))
    return lambda: _seconds(deed, calls) / calls


def _seconds(deed: Callable[[], object], calls: int) -> float:
    began = time.perf_counter()
    for _ in range(calls):
        deed()
    return time.perf_counter() - began


@dataclass(frozen=True)
class Line:
    """One figure of ours beside that of a reference. `pairs` holds (ours, reference) of each round.

    `unit`: s, MB, kB, or nothing for a share. `queries`: SQL queries of one call, ours and the reference's. `goal`: what
    the project aims at, for the reader; it is never checked.
    """

    name: str
    unit: str
    pairs: tuple[tuple[float, float], ...]
    beside: str
    queries: tuple[int, int] | None = None
    goal: str = ""
    note: str = ""
    spread: tuple[float, float] = field(default=(0.0, 0.0))

    @property
    def ours(self) -> float:
        return statistics.median(ours for ours, _ in self.pairs)

    @property
    def reference(self) -> float:
        return statistics.median(reference for _, reference in self.pairs)

    @property
    def ratio(self) -> float:
        """Median over the rounds of ours / reference."""
        return statistics.median(self.ratios)

    @property
    def ratios(self) -> list[float]:
        return [ours / reference for ours, reference in self.pairs]

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "name": self.name,
            "unit": self.unit,
            "ours": self.ours,
            "reference": self.reference,
            "ratio": self.ratio,
            "spread": list(self.spread),
            "rounds": [list(pair) for pair in self.pairs],
            "queries": list(self.queries) if self.queries else None,
            "beside": self.beside,
            "goal": self.goal,
            "note": self.note,
        }


def line(name: str, unit: str, pairs: Iterable[tuple[float, float]], *, beside: str, **more: Any) -> Line:
    """A line of a figure that was read in rounds; its spread is the middle half of the ratios."""
    kept = tuple(pairs)
    ratios = [ours / reference for ours, reference in kept]
    low, _, high = statistics.quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3
    return Line(name, unit, kept, beside, spread=(low, high), **more)


def compared(
    name: str, ours: Callable[[], object], reference: Callable[[], object], *, rounds: int, beside: str, **more: Any
) -> Line:
    """The line of two deeds that are timed in turn."""
    return line(name, "s", interleaved(timed(ours), timed(reference), rounds), beside=beside, **more)
