"""Structural time series: a level that wanders, season and controls, learnt before go-live and carried on after it.

The model is statsmodels' `UnobservedComponents` with a local level, controls as regressors in the state, and the exact
diffuse start (Durbin and Koopman 2012, ch. 5), on the baseline standardised by its own mean and deviation. Given the
ratio q of level to irregular variance everything scales with the irregular variance, so that its posterior is known in
closed form; the level variance has an inverse-gamma prior worth N0 observations of a standard deviation of GUESS, and q
runs over a grid. Each of the paths is drawn with its own q and variance: a mixture, not one estimate taken for true.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from explain.outcomes.compute.ar1 import Floats, lag_one
from explain.outcomes.compute.methods.did import merges_controls
from explain.outcomes.compute.methods.its import LONG_SEASON, WAVES
from explain.outcomes.compute.methods.series import Found, Series

PATHS = 2_000
N0, GUESS = 4.0, 0.01
HOLD_OUT = 0.25  # last share of the baseline on which the model has to prove itself
_RATIOS = np.logspace(-7, 3, 41)


def structural(series: Series, paths: int = PATHS) -> Found | None:
    """Simulated counterfactual paths; the interval is the quantiles of the mean difference from them."""
    post = np.isfinite(series.post)
    usable = _usable(series)
    if usable is None or not post.any():
        return None
    y, controls, centre, spread = usable
    if spread == 0:
        return _constant(series, centre)
    found = _learn(y[: series.go_live], controls[:, : series.go_live], series.season)
    if found is None:
        return None
    drawn = _paths(found, controls, series, np.random.default_rng(series.seed), paths) * spread + centre
    post = post & np.isfinite(y[series.start :])
    if not post.any():
        return None
    ramp, drawn = drawn[:, : series.start - series.go_live], drawn[:, series.start - series.go_live :]
    away = series.post[post] - drawn[:, post]
    means = away.mean(axis=1)
    sides = [(1 - series.confidence) / 2, (1 + series.confidence) / 2]
    low, high = np.quantile(drawn, sides, axis=0)
    expected = drawn.mean(axis=0)
    blank = ~np.isfinite(controls[:, series.start :]).all(axis=0)
    for row in (expected, low, high):
        row[blank] = np.nan
    expected_ramp = ramp.mean(axis=0)
    expected_ramp[~np.isfinite(controls[:, series.go_live : series.start]).all(axis=0)] = np.nan
    bounds = np.quantile(means, sides)
    count = int(post.sum())
    n_pre = int(np.isfinite(y[: series.go_live]).sum())
    return Found(
        effect=float(means.mean()),
        error=float(means.std(ddof=1)),
        freedom=None,
        bounds=(float(bounds[0]), float(bounds[1])),
        expected_mean=float(expected[post].mean()),
        expected=expected,
        expected_ramp=expected_ramp,
        low=low,
        high=high,
        cumulative=float(means.mean()) * count,
        cumulative_bounds=(float(bounds[0]) * count, float(bounds[1]) * count),
        eff_pre=float(n_pre),  # what periods share is the model's level, and the paths wander with it
        eff_post=float(count),
        rho=found.rho,
    )


def credible(series: Series) -> bool | None:
    """Whether the model foretells the last quarter of its own baseline; None when the baseline is too short to ask."""
    held = max(2, math.floor(series.go_live * HOLD_OUT))
    if series.go_live - held < max(4, series.season or 0):
        return None
    found = structural(series.before_go_live(series.go_live - held))
    return None if found is None or found.bounds is None else found.bounds[0] <= 0 <= found.bounds[1]


def _usable(series: Series) -> tuple[Floats, Floats, float, float] | None:
    """KPI and controls by the moments of the baseline; a period without its controls counts as missing."""
    controls = series.control[None, :] if merges_controls(series) else series.controls
    y = np.where(np.isfinite(controls).all(axis=0), series.y, np.nan)
    pre = y[: series.go_live]
    if np.isfinite(pre).sum() < 4:
        return None
    centre, spread = float(np.nanmean(pre)), float(np.nanstd(pre, ddof=1))
    if spread <= 1e-12 * float(np.nanmax(np.abs(pre))):
        return y, controls, centre, 0.0
    rows = []
    for row in controls:
        before = row[: series.go_live]
        size = float(np.nanstd(before))
        if size > 1e-12 * float(np.nanmax(np.abs(before))):
            rows.append((row - np.nanmean(before)) / size)
    return (y - centre) / spread, np.array(rows).reshape(len(rows), y.size), centre, spread


@dataclass(frozen=True, slots=True)
class _Learnt:
    """State at the end of the baseline for each ratio, in units of the irregular deviation, and the posterior."""

    design: Floats
    transition: Floats
    states: list[Floats]
    covariances: list[Floats]
    weights: Floats
    shape: float
    scales: Floats
    rho: float


@dataclass(frozen=True, slots=True)
class Pass:
    """One run of the filter with irregular variance 1: standardised errors of the forecasts, the sum of their squares
    and of the logarithms of their variances, and the state after the last period."""

    errors: Floats
    squares: float
    log_sizes: float
    state: Floats
    covariance: Floats


def passed(model: Any, y: Floats, ratio: float) -> Pass:
    """Run a local-level model over the series it was made with, level variance = ratio x irregular variance."""
    model.update([1.0, ratio])
    run = model.ssm.filter()
    known = np.isfinite(y)
    diffuse = run.forecasts_error_diffuse_cov
    diffuse = np.zeros(y.size) if diffuse is None else diffuse[0, 0]
    regular = known & (np.abs(diffuse) < 1e-9)
    error, size = run.forecasts_error[0][regular], run.forecasts_error_cov[0, 0][regular]
    with np.errstate(all="ignore"):
        errors = error / np.sqrt(size)
        logs = float(np.log(size).sum() + np.log(diffuse[known & ~regular]).sum())
    return Pass(
        errors,
        float(errors @ errors),
        logs,
        run.predicted_state[:, -1].copy(),
        run.predicted_state_cov[:, :, -1].copy(),
    )


def _learn(y: Floats, controls: Floats, season: int | None) -> _Learnt | None:
    # Heavy: only processes that compute load it.
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    known = np.isfinite(y)
    options: dict[str, Any] = {}
    if season and season > LONG_SEASON:
        options = {"freq_seasonal": [{"period": season, "harmonics": WAVES}], "stochastic_freq_seasonal": [False]}
    elif season:
        options = {"seasonal": season, "stochastic_seasonal": False}
    if len(controls):
        options |= {"exog": np.where(np.isfinite(controls), controls, 0.0).T, "mle_regression": False}
    model = UnobservedComponents(y, level="local level", use_exact_diffuse=True, **options)
    if known.sum() <= model.k_states + 2:
        return None
    passes = [passed(model, y, float(ratio)) for ratio in _RATIOS]
    count = passes[0].errors.size
    if count == 0 or not all(np.isfinite(one.log_sizes) for one in passes):
        return None
    prior = N0 / 2
    shape = count / 2 + prior
    scales = np.array([one.squares for one in passes]) / 2 + prior * GUESS**2 / _RATIOS
    posterior = -prior * np.log(_RATIOS) - np.array([one.log_sizes for one in passes]) / 2 - shape * np.log(scales)
    weights = np.exp(posterior - posterior.max())
    weights /= weights.sum()
    design = np.asarray(model.ssm["design"])
    return _Learnt(
        design=design[0, :, 0].copy() if design.ndim == 3 else design[0].copy(),
        transition=np.asarray(model.ssm["transition"]).reshape(model.k_states, model.k_states).copy(),
        states=[one.state for one in passes],
        covariances=[one.covariance for one in passes],
        weights=weights,
        shape=shape,
        scales=scales,
        rho=lag_one([passes[int(np.argmax(weights))].errors], count),
    )


def _paths(found: _Learnt, controls: Floats, series: Series, random: np.random.Generator, paths: int) -> Floats:
    """Standardised paths of the KPI from go-live on, the ramp with it, one row a path."""
    chosen = random.choice(_RATIOS.size, size=paths, p=found.weights)  # nosec B311
    deviation = np.sqrt(found.scales[chosen] / random.gamma(found.shape, size=paths))
    start = np.empty((paths, found.design.size))
    for place in np.unique(chosen):
        mine = chosen == place
        normal = random.standard_normal((int(mine.sum()), found.design.size))
        start[mine] = found.states[place] + (normal @ _root(found.covariances[place]).T) * deviation[mine, None]
    wander = deviation * np.sqrt(_RATIOS[chosen])
    ahead = controls[:, series.go_live :]
    drawn = np.empty((paths, ahead.shape[1]))
    design, many = found.design.copy(), len(controls)
    state = start
    for step in range(ahead.shape[1]):
        if many:
            design[-many:] = np.nan_to_num(ahead[:, step])
        drawn[:, step] = state @ design + deviation * random.standard_normal(paths)
        state = state @ found.transition.T
        state[:, 0] += wander * random.standard_normal(paths)
    return drawn


def _root(covariance: Floats) -> Floats:
    """A matrix whose square is the covariance, also where it is singular."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))


def _constant(series: Series, centre: float) -> Found:
    """A baseline that never varied carries on as it was."""
    post = series.post[np.isfinite(series.post)]
    effect = float(post.mean()) - centre
    expected = np.full(series.post.size, centre)
    return Found(
        effect=effect,
        error=0.0,
        freedom=None,
        bounds=(effect, effect),
        expected_mean=centre,
        expected=expected,
        expected_ramp=np.full(series.start - series.go_live, centre),
        low=expected,
        high=expected,
        cumulative=effect * post.size,
        cumulative_bounds=(effect * post.size, effect * post.size),
        eff_pre=float(np.isfinite(series.pre).sum()),
        eff_post=float(post.size),
        rho=0.0,
        varies=False,
    )
