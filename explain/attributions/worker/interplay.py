"""From interaction values to what pages show of features that work together. Pure functions on arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from itertools import product
from typing import Final, Literal, cast

import numpy as np
import numpy.typing as npt

from explain.attributions.interplay_shapes import Corner, Interplay, InterplayPair, Meeting
from explain.attributions.worker.digest import rounded
from explain.attributions.worker.ranks import Floats

FEATURES, PAIRS = 10, 5
LEAST_IN_CORNER: Final = 5
NOISE: Final = 1e-9  # of the total: what rounding leaves of a pair that does nothing together
_Booleans = npt.NDArray[np.bool_]


def interplay(
    features: Sequence[str],
    values: Floats,
    found: Floats,
    *,
    mean_abs: Floats | None = None,
    by_category: Set[int] = frozenset(),
    base: float | None = None,
) -> Interplay:
    """The strongest features and pairs of one output.

    Shapes: values (rows, features); found (rows, features, features), symmetric, of the same rows: each half of a pair's
    value. `mean_abs` (features,) says which features are strongest; without it, their sizes alone and in pairs do.
    `by_category`: places of features whose values are codes without order. `base`: the base value, where the output is the
    log-odds of one outcome.
    """
    sizes = 2 * np.abs(found).mean(axis=0)
    np.fill_diagonal(sizes, sizes.diagonal() / 2)
    # all that a feature has part in; a pair counts for both
    strength = sizes.sum(axis=1) if mean_abs is None else mean_abs
    shown = np.argsort(-strength, kind="stable")[:FEATURES]
    first, second = np.triu_indices(len(features), 1)
    of_pairs = sizes[first, second]
    total = float(sizes.trace() + of_pairs.sum())
    strongest = [at for at in np.argsort(-of_pairs, kind="stable")[:PAIRS].tolist() if of_pairs[at] > NOISE * total]
    chance = None if base is None else _chance_around(base)
    pairs = []
    for at in strongest:
        one, other = sorted((int(first[at]), int(second[at])), key=lambda place: -strength[place])
        together = 2 * found[:, one, other]
        ordered = not {one, other} & by_category
        pairs.append(
            InterplayPair(
                first=features[one],
                second=features[other],
                size=rounded(of_pairs[at]),
                share=rounded(of_pairs[at] / total),
                size_probability=None if chance is None else rounded(np.abs(chance(together)).mean()),
                corners=_corners(values[:, one], values[:, other], together, chance) if ordered else {},
            )
        )
    return Interplay(
        features=[features[place] for place in shown],
        sizes=[[rounded(size) for size in sizes[place, shown]] for place in shown],
        rows=len(found),
        total=rounded(total),
        together=rounded(of_pairs.sum() / total) if total else 0.0,
        pairs=pairs,
    )


def _chance_around(base: float) -> Callable[[Floats], Floats]:
    """By how much log-odds that are added to `base` change the probability."""

    def chance(log_odds: Floats) -> Floats:
        bounded = np.clip(log_odds, -700, 700)
        return np.asarray(1 / (1 + np.exp(-bounded)))

    return lambda added: chance(base + added) - chance(np.array(base))


def _corners(
    one: Floats, other: Floats, together: Floats, chance: Callable[[Floats], Floats] | None
) -> dict[Corner, Meeting]:
    sides = _sides(one), _sides(other)
    found: dict[Corner, Meeting] = {}
    ways: tuple[Literal["high", "low"], ...] = ("high", "low")
    for first, second in product(ways, ways):
        rows = sides[0][first] & sides[1][second]
        if rows.sum() >= LEAST_IN_CORNER:
            found[cast(Corner, f"{first} {second}")] = Meeting(
                rows=int(rows.sum()),
                change=rounded(together[rows].mean()),
                change_probability=None if chance is None else rounded(chance(together[rows]).mean()),
            )
    return found


def _sides(column: Floats) -> dict[Literal["high", "low"], _Booleans]:
    """Which rows have a high value and which a low one: above the median and not; where nothing is above it, as for a flag
    that is mostly set, at the median and below. Empty cells are neither, and so is a column of one value."""
    known = ~np.isnan(column)
    if not known.any():
        return {"high": known, "low": known}
    middle = np.median(column[known])
    high = column > middle
    if not high.any():
        high = column >= middle
    low = known & ~high
    return {"high": high & low.any(), "low": low}
