"""From attributions to what pages show: drivers, beeswarm, sampled rows, stability. Pure functions on
arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from explain.attributions.summary import Beeswarm, Driver, LocalFit, Row, Stability, SwarmFeature
from explain.attributions.worker.ranks import Floats, spearman

SWARM_ROWS, SWARM_FEATURES, SAMPLE_ROWS, SAMPLE_CELLS, RESAMPLES, TOP = 1_000, 15, 500, 60_000, 20, 5
PARTNER_ROWS: Final = 2_000
_QUANTILES: Final = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}


def rounded(number: float, digits: int = 5) -> float:
    """To `digits` significant digits: enough for a chart, small in a page."""
    return float(f"{float(number):.{digits}g}")


def maybe(number: float) -> float | None:
    """The rounded number, or None for a missing one."""
    return None if math.isnan(number) else rounded(number)


def drivers(
    features: Sequence[str], values: Floats, found: Floats, mean_abs: Floats, base: float, *, log_odds: bool
) -> list[Driver]:
    """Per feature of one output, most important first. `values` and `found` have shape (rows, features);
    `mean_abs`
    (features,) is over all rows, also those not analysed here."""
    total = float(mean_abs.sum())
    result = []
    for place in np.argsort(-mean_abs, kind="stable"):
        column, effect_of = values[:, place], found[:, place]
        low, high, effect = _effect(column, effect_of)
        change = None
        if log_odds and effect is not None:
            change = _sigmoid(base + effect[1]) - _sigmoid(base + effect[0])
        result.append(
            Driver(
                feature=features[place],
                mean_abs=rounded(mean_abs[place]),
                share=rounded(mean_abs[place] / total) if total else 0.0,
                direction=_direction(column, effect_of),
                quantiles={name: rounded(np.quantile(effect_of, level)) for name, level in _QUANTILES.items()},
                low=low,
                high=high,
                effect=None if effect is None else rounded(effect[1] - effect[0]),
                effect_probability=None if change is None else rounded(change),
            )
        )
    return result


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value)) if value > -700 else 0.0


def _direction(column: Floats, effect_of: Floats) -> float | None:
    found = spearman(column, effect_of)
    return None if found is None else rounded(found, 3)


def _effect(column: Floats, effect_of: Floats) -> tuple[float | None, float | None, tuple[float, float] | None]:
    """Quantiles 10 % and 90 % of the feature, and the mean attribution of the rows at or beyond each."""
    present = ~np.isnan(column)
    if not present.any():
        return None, None, None
    seen, effects = column[present], effect_of[present]
    low, high = float(np.quantile(seen, 0.1)), float(np.quantile(seen, 0.9))
    if low == high:  # a rare flag: compare its lowest with its highest value
        low, high = float(seen.min()), float(seen.max())
    if low == high:
        return rounded(low), rounded(high), None
    below, above = float(effects[seen <= low].mean()), float(effects[seen >= high].mean())
    return rounded(low), rounded(high), (below, above)


def swarm_rows(found: Floats, mean_abs: Floats, seed: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Places of the rows to draw: the lowest and highest attributions of each shown feature, the rest at
    random."""
    rows = len(found)
    if rows <= SWARM_ROWS:
        return np.arange(rows)
    top = np.argsort(-mean_abs)[:SWARM_FEATURES]
    order = np.argsort(found[:, top], axis=0)
    extremes = np.unique(np.concatenate([order[:5].ravel(), order[-5:].ravel()]))
    rest = np.setdiff1d(np.arange(rows), extremes)
    drawn = np.random.default_rng(seed).choice(rest, SWARM_ROWS - len(extremes), replace=False)
    return np.sort(np.concatenate([extremes, drawn]))


def beeswarm(
    features: Sequence[str],
    values: Floats,
    found: Floats,
    mean_abs: Floats,
    *,
    class_name: str | None,
    of: int,
    seed: int,
) -> Beeswarm:
    """Up to SWARM_ROWS rows of one output for its SWARM_FEATURES strongest features."""
    places = swarm_rows(found, mean_abs, seed)
    shown: list[SwarmFeature] = []
    for place in np.argsort(-mean_abs, kind="stable")[:SWARM_FEATURES]:
        column = values[:, place]
        low, high = np.nanquantile(column, (0.05, 0.95)) if not np.isnan(column).all() else (math.nan, math.nan)
        if low == high:
            low, high = np.nanmin(column), np.nanmax(column)
        width = high - low
        scaled = (
            np.clip((column[places] - low) / width, 0, 1)
            if width > 0
            else np.where(np.isnan(column[places]), np.nan, 0.5)
        )
        shown.append(
            SwarmFeature(
                feature=features[place],
                x=[rounded(number, 4) for number in found[places, place]],
                v=[None if math.isnan(number) else round(float(number), 2) for number in scaled],
                low=maybe(low),
                high=maybe(high),
            )
        )
    if len(places) == of:
        sampling = f"All {of:,} rows are drawn."
    else:
        sampling = (
            f"{len(places):,} of {of:,} rows are drawn: the strongest of each feature, "
            f"the others at random (seed {seed})."
        )
    return Beeswarm(class_name=class_name, rows=len(places), of=of, sampling=sampling, features=shown)


def row_sample(
    numbers: np.ndarray[tuple[int], np.dtype[np.intp]],
    values: Floats,
    found: Floats,
    bases: Floats,
    predictions: Floats,
    fits: Floats,
    *,
    seed: int,
) -> tuple[list[Row], str]:
    """Up to SAMPLE_ROWS rows for waterfalls: the ten lowest and ten highest predictions, the others at
    random.
    `numbers` are the places in the file, from 0; shapes: found (rows, features, outputs), bases (rows, outputs);
    fits (rows, outputs) of local models, no rows for others."""
    rows, features, outputs = found.shape
    most = min(rows, SAMPLE_ROWS, max(50, SAMPLE_CELLS // max(1, features * (1 + outputs))))
    if most < rows:
        order = np.argsort(predictions[:, -1], kind="stable")
        edges = np.unique(np.concatenate([order[:10], order[-10:]]))
        rest = np.setdiff1d(np.arange(rows), edges)
        edges = edges[:most]
        drawn = np.random.default_rng(seed).choice(rest, most - len(edges), replace=False)
        places = np.sort(np.concatenate([edges, drawn]))
        text = (
            f"{most:,} of {rows:,} rows: the ten lowest and ten highest predictions, "
            f"the others at random (seed {seed})."
        )
    else:
        places, text = np.arange(rows), f"All {rows:,} rows."
    sample = [
        Row(
            row=int(numbers[place]) + 1,
            values=[maybe(number) for number in values[place]],
            attributions=[[rounded(number) for number in found[place, :, output]] for output in range(outputs)],
            base_values=[rounded(number, 7) for number in bases[place]],
            predictions=[rounded(number, 7) for number in predictions[place]],
        )
        for place in places
    ]
    if len(fits):
        for row, place in zip(sample, places, strict=True):
            row["fit"] = [rounded(number, 3) for number in fits[place]]
    return sample, text


def local_fit(fits: Floats) -> LocalFit:
    """How well local models fit where they stand: quantiles of R2 over the rows; `fits` has shape (rows,)."""
    low, middle, high = np.quantile(fits, (0.1, 0.5, 0.9))
    return LocalFit(q10=rounded(low, 3), median=rounded(middle, 3), q90=rounded(high, 3))


def stability(found: Floats, *, seed: int) -> Stability:
    """Importances of RESAMPLES bootstrap samples of the rows against those of all rows; found (rows,
    features, outputs)."""
    sizes = np.abs(found).mean(axis=2)
    whole = sizes.mean(axis=0)
    generator = np.random.default_rng(seed)
    top = min(TOP, len(whole))
    strongest = set(np.argsort(-whole, kind="stable")[:top].tolist())
    correlations: list[float] = []
    overlaps: list[float] = []
    for _ in range(RESAMPLES):
        # weights of a bootstrap sample: how often each row was drawn
        weights = np.bincount(generator.integers(0, len(sizes), len(sizes)), minlength=len(sizes)) / len(sizes)
        again = weights @ sizes
        correlation = spearman(whole, again)
        if correlation is not None:
            correlations.append(correlation)
        overlaps.append(len(strongest & set(np.argsort(-again, kind="stable")[:top].tolist())) / top)
    return Stability(
        resamples=RESAMPLES,
        rank_correlation=rounded(float(np.mean(correlations)), 4) if correlations else None,
        rank_correlation_min=rounded(min(correlations), 4) if correlations else None,
        top_k=top,
        top_k_overlap=rounded(float(np.mean(overlaps)), 4),
    )


def partners(
    features: Sequence[str], values: Floats, found: Floats, mean_abs: Floats, *, seed: int
) -> dict[str, str | None]:
    """For each of the strongest features the one whose value explains most of what its own value leaves open in its part.

    After shap.utils.approximate_interactions (Lundberg et al. 2020): rows in order of the feature's value are cut into
    windows of about equal value; in each, the part is correlated with the values of every other feature. Up to
    PARTNER_ROWS rows; `values` and `found` (rows, features). None where nothing varies.
    """
    rows = len(values)
    chosen = np.arange(rows)
    if rows > PARTNER_ROWS:
        chosen = np.random.default_rng(seed).choice(rows, PARTNER_ROWS, replace=False)
    values, found = values[chosen], found[chosen]
    width = max(2, min(len(chosen) // 10, 50))
    windows = len(chosen) // width
    known = np.where(np.isnan(values), np.nanmin(np.where(np.isnan(values), np.inf, values), axis=0), values)
    known = np.where(np.isfinite(known), known, 0.0)
    told: dict[str, str | None] = {}
    for place in np.argsort(-mean_abs, kind="stable")[:SWARM_FEATURES]:
        if not windows:
            told[features[place]] = None
            continue
        order = np.argsort(known[:, place], kind="stable")[: windows * width]
        part = found[order, place].reshape(windows, width, 1)
        others = known[order].reshape(windows, width, -1)
        part = part - part.mean(axis=1, keepdims=True)
        others = others - others.mean(axis=1, keepdims=True)
        spread = np.sqrt((part**2).sum(axis=1) * (others**2).sum(axis=1))
        with np.errstate(invalid="ignore", divide="ignore"):
            strength = np.abs((part * others).sum(axis=1)) / spread
        strength = np.where(spread > 1e-12, strength, 0.0).sum(axis=0)
        strength[place] = 0.0
        best = int(strength.argmax())
        told[features[place]] = features[best] if strength[best] > 0 else None
    return told
