"""Two classes: losses, order, calibration, and the counts at each threshold. Pure functions on arrays."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from explain.attributions.performance import ranking
from explain.attributions.performance.intervals import short, wilson
from explain.attributions.performance.ranking import Flags, Floats
from explain.attributions.performance.shapes import Bin, Binary, Thresholds

STEPS: Final = (0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001)
BINS: Final = 10
_TINY: Final = float(np.finfo(np.float64).eps)


def measure_binary(chance: Floats, positive: Flags, name: str) -> Binary:
    """All figures of two classes. `chance` is that of the class `name`, between 0 and 1, `positive` whether a row is of it;
    both have shape (rows,), and both classes occur."""
    share = float(positive.mean())
    safe = np.clip(chance, _TINY, 1 - _TINY)
    rows = ranking.Ordered(chance, positive)
    curve, average = ranking.precision_recall(rows)
    estimate, interval = ranking.auc(chance, positive)
    return Binary(
        positive=name,
        positives=int(positive.sum()),
        log_loss=short(float(-np.log(np.where(positive, safe, 1 - safe)).mean())),
        log_loss_reference=short(-(share * math.log(share) + (1 - share) * math.log(1 - share))),
        brier=short(float(((chance - positive) ** 2).mean())),  # Brier 1950, for one of the two classes
        brier_reference=short(share * (1 - share)),
        auc=estimate,
        auc_interval=interval,
        roc=ranking.roc(rows),
        average_precision=average,
        precision_recall=curve,
        tenths=ranking.tenths(rows),
        calibration=calibration(chance, positive),
        thresholds=thresholds(chance, positive),
    )


def calibration(chance: Floats, positive: Flags, most: int = BINS) -> list[Bin]:
    """Up to `most` bins of about the same number of rows, from low to high chances; equal chances stay together."""
    edges = np.unique(np.quantile(chance, np.linspace(0, 1, most + 1)[1:-1]))
    places = np.searchsorted(edges, chance, side="left")
    found = []
    for place in np.unique(places):
        inside = places == place
        here = chance[inside]
        found.append(
            Bin(
                low=short(float(here.min())),
                high=short(float(here.max())),
                predicted=short(float(here.mean())),
                observed=wilson(int(positive[inside].sum()), len(here)),
            )
        )
    return found


def thresholds(chance: Floats, positive: Flags) -> Thresholds:
    """Counts at 101 even thresholds: from 0 to 1, or to a lower round number where all chances are small."""
    largest = float(chance.max())
    step = next((size for size in reversed(STEPS) if size * 100 > largest), STEPS[0])
    at = [round(place * step, 6) for place in range(101)]
    ups, downs = np.sort(chance[positive]), np.sort(chance[~positive])
    missed = np.searchsorted(ups, at, side="left")
    quiet = np.searchsorted(downs, at, side="left")
    return Thresholds(
        at=at,
        tp=[len(ups) - int(count) for count in missed],
        fp=[len(downs) - int(count) for count in quiet],
        tn=[int(count) for count in quiet],
        fn=[int(count) for count in missed],
    )
