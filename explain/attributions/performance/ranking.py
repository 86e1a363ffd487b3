"""How well chances put rows in order: curves, areas, tenths. Pure functions on arrays of one chance a row."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from explain.attributions.performance.intervals import area, short
from explain.attributions.performance.shapes import Curve, Estimate, Tenth

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
POINTS: Final = 200


class Ordered:
    """Rows by falling chance, equal chances together: running counts of positives and negatives at each place where the
    chance changes. `chance` and `positive` have shape (rows,)."""

    def __init__(self, chance: Floats, positive: Flags) -> None:
        order = np.argsort(-chance, kind="stable")
        falling, self.positive = chance[order], positive[order]
        ends = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1)
        found = np.cumsum(self.positive, dtype=np.int64)[ends]
        self.hits = found.astype(np.float64)
        self.alarms = (ends + 1 - found).astype(np.float64)
        self.positives, self.negatives = int(positive.sum()), int((~positive).sum())


def auc(chance: Floats, positive: Flags) -> tuple[Estimate, str]:
    """Area under the ROC curve, the chance that a positive row ranks before a negative one, with its interval.

    Variance after DeLong et al. 1988, computed from mid-ranks (Sun & Xu 2014, IEEE Signal Process. Lett. 21, 1389).
    """
    ups, downs = chance[positive], chance[~positive]
    m, n = len(ups), len(downs)
    ranks = _midranks(np.concatenate([ups, downs]))
    of_up = (ranks[:m] - _midranks(ups)) / n  # for each positive row, the share of negatives that it beats
    of_down = 1 - (ranks[m:] - _midranks(downs)) / m
    value = float(of_up.mean())
    variance = sum(float(part.var(ddof=1)) / len(part) for part in (of_up, of_down) if len(part) > 1)
    return area(min(1.0, max(0.0, value)), variance if min(m, n) > 1 else 0.0, m, n)


def _midranks(values: Floats) -> Floats:
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(count)
    return np.asarray((ends - (count - 1) / 2)[place], dtype=np.float64)


def roc(rows: Ordered) -> Curve:
    """False-alarm rate and share found at every threshold, from (0, 0) to (1, 1)."""
    x = np.concatenate([[0.0], rows.alarms / rows.negatives])
    y = np.concatenate([[0.0], rows.hits / rows.positives])
    return thinned(x, y)


def precision_recall(rows: Ordered) -> tuple[Curve, float]:
    """Share found and share of the flagged that are right; the average precision is the sum over thresholds of precision
    times the gain in recall."""
    recall = rows.hits / rows.positives
    precision = rows.hits / (rows.hits + rows.alarms)
    average = float((np.diff(recall, prepend=0.0) * precision).sum())
    # the line begins where the first row is flagged: before it, there is no precision
    return thinned(recall, precision), short(average)


def thinned(x: Any, y: Any, most: int = POINTS) -> Curve:
    """At most `most` points of a line: both ends, and points at even distances along it."""
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if len(x) > most:
        way = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
        keep = np.unique(np.append(np.searchsorted(way, np.linspace(0, way[-1], most))[:-1], len(x) - 1))
        x, y = x[keep], y[keep]
    return Curve(x=[round(float(value), 5) for value in x], y=[round(float(value), 5) for value in y])


def tenths(rows: Ordered) -> list[Tenth]:
    """Positives by tenth of the rows, highest chances first; equal chances keep the order of the file."""
    total = len(rows.positive)
    found: list[Tenth] = []
    seen = 0
    for part in np.array_split(rows.positive, min(10, total)):
        here = int(part.sum())
        seen += here
        found.append(
            Tenth(
                n=len(part),
                found=here,
                captured=short(seen / rows.positives),
                lift=short((here / len(part)) / (rows.positives / total)),
            )
        )
    return found
