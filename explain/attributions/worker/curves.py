"""What the model answers as one feature changes: the mean over rows (partial dependence: Friedman 2001, eq. 53) and single
rows (individual conditional expectation: Goldstein, Kapelner, Bleich & Pitkin 2015)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from explain.attributions.performance.measured import Answerer, as_answers
from explain.attributions.summary import Curve, Curves
from explain.attributions.worker.digest import maybe, rounded
from explain.attributions.worker.ranks import Floats

FEATURES, POINTS, ROWS, LINES = 10, 20, 200, 40
LEAST_ROWS: Final = 20
CELLS: Final = 4_000_000  # of the rows that are asked at once
ENDS: Final = (0.02, 0.98)  # beyond them there are too few rows to speak of


def curves(
    features: Sequence[str],
    values: Floats,
    numbers: npt.NDArray[np.intp],
    mean_abs: Floats,
    ask: Callable[[Floats], Floats],
    answerer: Answerer,
    *,
    focus: int,
    seed: int,
) -> Curves | None:
    """For the FEATURES strongest features that vary. `values` (rows, features), `numbers` their places in the file, from 0;
    `mean_abs` (features,); `ask` gives raw outputs of shape (rows, outputs). None where the model answers with no numbers."""
    most = min(ROWS, max(LEAST_ROWS, CELLS // (POINTS * max(1, len(features)))))
    chosen = np.arange(len(values))
    if len(values) > most:
        chosen = np.sort(np.random.default_rng(seed).choice(len(values), most, replace=False))
    rows = values[chosen]
    drawn = np.unique(np.linspace(0, len(rows) - 1, min(LINES, len(rows))).round().astype(np.intp))
    unit, found = "value", []
    for place in np.argsort(-mean_abs, kind="stable")[:FEATURES]:
        at = grid(values[:, place])
        if len(at) < 2 or not mean_abs[place]:
            continue
        asked = np.repeat(rows[None], len(at), axis=0)
        asked[:, :, place] = at[:, None]
        raw = np.asarray(ask(asked.reshape(-1, rows.shape[1])), np.float64).reshape(len(at) * len(rows), -1)
        answers, unit = as_answers(raw, answerer)
        if not np.isfinite(answers).all():
            return None
        answers = answers.reshape(len(at), len(rows), -1)
        found.append(
            Curve(
                feature=features[place],
                at=at.tolist(),  # whole: a value may stand on the edge of a split
                mean=[[rounded(value) for value in line] for line in answers.mean(axis=1).T],
                lines=[[rounded(value, 4) for value in line] for line in answers[:, drawn, focus].T],
                numbers=[int(numbers[row]) + 1 for row in chosen[drawn]],
                own=[maybe(value) for value in rows[drawn, place]],
            )
        )
    return Curves(unit=unit, rows=len(rows), curves=found)


def grid(column: Floats) -> Floats:
    """Up to POINTS values to ask for, ascending: all there are, or values of rows between the ENDS, evenly in their order."""
    known = np.unique(column[~np.isnan(column)])
    if len(known) <= POINTS:
        return known
    levels = np.linspace(*ENDS, POINTS)
    return np.unique(np.nanquantile(column, levels, method="nearest"))
