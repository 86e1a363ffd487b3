"""Several classes, and numbers. Pure functions on arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from explain.attributions.performance.intervals import Z, normal, short, wilson
from explain.attributions.performance.ranking import Floats
from explain.attributions.performance.shapes import Classes, Estimate, Numbers, OfClass, Residuals, Spread

Places = npt.NDArray[np.int64]
SHOWN, SCATTER, EXTREMES = 20, 1_000, 25
REST: Final = "all others"
_TINY: Final = float(np.finfo(np.float64).eps)


def measure_classes(named: Places, truth: Places, names: Sequence[str], chances: Floats | None) -> Classes:
    """All figures of several classes: `named` and `truth` are places among `names`, shape (rows,); `chances` has shape
    (rows, classes), or is None for a model that gives none."""
    count = len(names)
    table = np.bincount(truth * count + named, minlength=count * count).reshape(count, count)
    right, of_truth, of_named = np.diag(table), table.sum(axis=1), table.sum(axis=0)
    loss = None
    if chances is not None:
        loss = short(float(-np.log(np.clip(chances[np.arange(len(truth)), truth], _TINY, 1)).mean()))
    # classes that neither occur nor are named have no figures; the others count as 0 where there is nothing to divide
    seen = (of_truth + of_named) > 0
    recall = np.divide(right, of_truth, out=np.zeros(count), where=of_truth > 0)
    precision = np.divide(right, of_named, out=np.zeros(count), where=of_named > 0)
    shown, folded = _shown(of_truth)
    total = len(truth)
    return Classes(
        accuracy=wilson(int(right.sum()), total),
        largest=wilson(int(of_truth.max()), total),
        log_loss=loss,
        macro_recall=short(float(recall[seen].mean())),
        macro_precision=short(float(precision[seen].mean())),
        by_class=[
            OfClass(
                name=names[place],
                recall=wilson(int(right[place]), int(of_truth[place])),
                precision=wilson(int(right[place]), int(of_named[place])),
            )
            for place in np.flatnonzero(seen).tolist()
        ],
        shown=[names[place] for place in shown] + ([REST] if folded else []),
        folded=folded,
        confusion=_folded(table, shown, folded),
    )


def _shown(of_truth: npt.NDArray[np.int64]) -> tuple[list[int], int]:
    """The classes of a table of at most SHOWN lines, and how many of the rarest its last line stands for."""
    if len(of_truth) <= SHOWN:
        return list(range(len(of_truth))), 0
    kept = np.sort(np.argsort(-of_truth, kind="stable")[: SHOWN - 1])
    return kept.tolist(), len(of_truth) - len(kept)


def _folded(table: npt.NDArray[np.int64], shown: Sequence[int], folded: int) -> list[list[int]]:
    if not folded:
        return [[int(cell) for cell in line] for line in table]
    place = np.full(len(table), len(shown))
    place[list(shown)] = np.arange(len(shown))
    small = np.zeros((len(shown) + 1, len(shown) + 1), dtype=np.int64)
    np.add.at(small, (place[:, None], place[None, :]), table)
    return [[int(cell) for cell in line] for line in small]


def measure_numbers(predicted: Floats, truth: Floats, seed: int) -> Numbers:
    """All figures of a model that answers with a number; both arrays have shape (rows,) and the unit of the target.

    Intervals are of means over rows, from the standard error of what each row adds (delta method for RMSE and R2).
    """
    residual = truth - predicted
    squares, deviation = residual**2, (truth - truth.mean()) ** 2
    mse, variance = float(squares.mean()), float(deviation.mean())
    size = np.abs(residual)
    return Numbers(
        mae=_mean(size, least=0.0),
        mae_reference=short(float(np.abs(truth - truth.mean()).mean())),
        rmse=_root(squares, mse),
        r2=normal(1 - mse / variance, _error((squares - mse / variance * deviation) / variance))
        if variance > 0
        else Estimate(value=None, low=None, high=None),
        mean_error=_mean(residual),
        residuals=_scatter(predicted, residual, seed),
        tenths=_tenths(predicted, residual),
    )


def mean_error(residual: Floats) -> Estimate:
    """The mean of truth minus prediction, with its interval."""
    return _mean(residual)


def difference(one: Floats, other: Floats) -> Estimate:
    """Difference of two independent means, one minus other, with both standard errors (Welch 1947)."""
    errors = [_error(one), _error(other)]
    known = [error for error in errors if error is not None]
    return normal(float(one.mean() - other.mean()), math.hypot(*known) if len(known) == 2 else None)


def _error(parts: Floats) -> float | None:
    return float(parts.std(ddof=1)) / math.sqrt(len(parts)) if len(parts) > 1 else None


def _mean(parts: Floats, least: float | None = None) -> Estimate:
    found = normal(float(parts.mean()), _error(parts))
    if least is not None and found["low"] is not None:
        found["low"] = max(least, found["low"])
    return found


def _root(squares: Floats, mse: float) -> Estimate:
    error = _error(squares)
    if error is None:
        return Estimate(value=short(math.sqrt(mse)), low=None, high=None)
    low, high = (short(math.sqrt(max(0.0, mse + side * Z * error))) for side in (-1, 1))
    return Estimate(value=short(math.sqrt(mse)), low=low, high=high)


def _scatter(predicted: Floats, residual: Floats, seed: int) -> Residuals:
    """Up to SCATTER rows: those with the largest errors and the outermost predictions, the others at random."""
    total = len(predicted)
    if total <= SCATTER:
        places, text = np.arange(total), f"All {total:,} rows are drawn."
    else:
        by_error, by_answer = np.argsort(residual, kind="stable"), np.argsort(predicted, kind="stable")
        ends = [order[part] for order in (by_error, by_answer) for part in (slice(EXTREMES), slice(-EXTREMES, None))]
        edges = np.unique(np.concatenate(ends))
        rest = np.setdiff1d(np.arange(total), edges)
        drawn = np.random.default_rng(seed).choice(rest, SCATTER - len(edges), replace=False)
        places = np.sort(np.concatenate([edges, drawn]))
        text = (
            f"{len(places):,} of {total:,} rows are drawn: the largest errors and the outermost predictions, "
            f"the others at random (seed {seed})."
        )
    return Residuals(
        predicted=[float(f"{value:.4g}") for value in predicted[places]],
        residual=[float(f"{value:.4g}") for value in residual[places]],
        sampling=text,
    )


def _tenths(predicted: Floats, residual: Floats) -> list[Spread]:
    order = np.argsort(predicted, kind="stable")
    found = []
    for part in np.array_split(order, min(10, len(order))):
        low, middle, high = (short(float(value)) for value in np.quantile(residual[part], (0.1, 0.5, 0.9)))
        found.append(Spread(n=len(part), predicted=short(float(predicted[part].mean())), q10=low, q50=middle, q90=high))
    return found
