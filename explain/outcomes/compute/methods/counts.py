"""Counts: quasi-Poisson regression with the logarithm of the exposure as offset; exp(b2) is the rate ratio.

The spread is Pearson's (more than Poisson's where counts scatter more). Where neighbouring residuals resemble each
other beyond chance, the Bartlett-weighted HAC matrix takes the place of the model's. The season is two pairs of waves
(three for a week), and the change of slope stays in the model only where it shows (|t| > 2), as in Lopez Bernal,
Cummins and Gasparrini, International Journal of Epidemiology 2017.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from explain.outcomes.compute.ar1 import Floats, effective_size, lag_one, t_quantile
from explain.outcomes.compute.methods.hac import SHOWS, Trend, inverse_of_squares, lags_for, long_run, trend
from explain.outcomes.compute.methods.its import waves
from explain.outcomes.compute.methods.series import Found, Part, Series, part

_STEPS, _SETTLED, _LARGEST = 60, 1e-10, 50.0


@dataclass(frozen=True, slots=True)
class _Fit:
    design: Floats
    beta: Floats
    covariance: Floats
    mean: Floats
    residuals: Floats
    scale: float
    freedom: int
    correlated: bool

    def t(self, place: int) -> float:
        error = math.sqrt(max(float(self.covariance[place, place]), 0.0))
        return float(self.beta[place]) / error if error > 0 else 0.0


def counts(series: Series, *, with_trend: bool) -> Found | None:
    """Rate after against the rate that would have been: the one of before, or its trend and season carried on."""
    size, start = series.y.size, series.start
    if not 0 < series.go_live <= start < size:
        return None
    exposure = _exposure(series)
    y = np.where(np.isfinite(exposure), series.y, np.nan)
    y[series.go_live : start] = np.nan
    if not np.nansum(y[: series.go_live]) > 0 or not np.nansum(y[start:]) > 0:
        return None  # a rate of zero has no logarithm
    offset = np.log(np.where(np.isfinite(y), exposure, 1.0))
    ones, after = np.ones(size), (np.arange(size) >= start).astype(np.float64)
    time = (np.arange(size) - series.go_live) / size
    steady = [ones, after]
    if with_trend:
        pairs = 3 if series.season == 7 else 2
        steady += [time, *(waves(size, series.season, pairs) if series.season else [])]
    found = _fit(np.column_stack(steady), y, offset, series.season)
    slope = False
    if with_trend:
        bent = _fit(np.column_stack([*steady, time * after]), y, offset, series.season)
        if bent is not None and abs(bent.t(-1)) > SHOWS:
            found, slope = bent, True
    return None if found is None else _answer(found, series, y, offset, slope)


def rate_trend(series: Series) -> Trend:
    """t of the slope of the log rate before go-live; 0 when it cannot be told."""
    exposure = _exposure(series)[: series.go_live]
    y = np.where(np.isfinite(exposure), series.pre, np.nan)
    if not np.nansum(y) > 0:
        return Trend(0.0, 0.0)
    design = np.column_stack([np.ones(y.size), np.linspace(-1, 1, y.size)])
    found = _fit(design, y, np.log(np.where(np.isfinite(y), exposure, 1.0)), None)
    slope = found.t(1) if found is not None else 0.0
    # The logarithm of the rate, for the second opinion: half an event stands where none was counted.
    cautious = trend(np.log(np.maximum(y, 0.5)) - np.log(exposure)).cautious
    return Trend(slope, cautious)


def _exposure(series: Series) -> Floats:
    """Relative to its mean, so that the intercept stays of moderate size."""
    if series.exposure is None:
        return np.ones(series.y.size)
    return np.asarray(series.exposure / np.nanmean(series.exposure))


def _fit(design: Floats, y: Floats, offset: Floats, season: int | None) -> _Fit | None:
    known = np.isfinite(y)
    x, values, shift = design[known], y[known], offset[known]
    n, k = x.shape
    if n <= k or inverse_of_squares(x) is None:
        return None
    beta = np.zeros(k)
    beta[0] = math.log(values.sum() / np.exp(shift).sum())
    for _ in range(_STEPS):
        mean = np.exp(np.clip(x @ beta + shift, -_LARGEST, _LARGEST))
        weights = np.sqrt(mean)
        step, *_ = np.linalg.lstsq(x * weights[:, None], (values - mean) / weights, rcond=None)
        beta = beta + np.clip(step, -2, 2)
        if float(np.abs(step).max()) < _SETTLED:
            break
    else:
        return None
    mean = np.exp(x @ beta + shift)
    bread = inverse_of_squares(x * np.sqrt(mean)[:, None])
    if bread is None:
        return None
    pearson = (values - mean) / np.sqrt(mean)
    scale = float(pearson @ pearson) / (n - k)
    residuals = np.zeros(y.size)
    residuals[known] = pearson
    correlated = lag_one([residuals], n) > 2 / math.sqrt(n)
    if correlated:
        scores = np.zeros(design.shape)
        scores[known] = x * (values - mean)[:, None]
        covariance = bread @ long_run(scores, lags_for(n, season)) @ bread * (n / (n - k))
    else:
        covariance = scale * bread
    fitted = np.exp(np.clip(design @ beta + offset, -_LARGEST, _LARGEST))
    return _Fit(design, beta, covariance, fitted, residuals, scale, n - k, correlated)


def _answer(found: _Fit, series: Series, y: Floats, offset: Floats, slope: bool) -> Found:
    start = series.start
    ramp = start - series.go_live
    without = found.design[series.go_live :].copy()
    without[:, 1] = 0.0
    if slope:
        without[:, -1] = 0.0
    # The ramp is no part of the fit, so that its exposure is not in the offset.
    exposure = np.log(_exposure(series)[series.go_live : start])
    both = np.exp(without @ found.beta + np.concatenate([exposure, offset[start:]]))
    expected, without = both[ramp:], without[ramp:]
    fitted, post = found.mean[start:], np.isfinite(y[start:])
    n_pre, n_post = int(np.isfinite(y[: series.go_live]).sum()), int(post.sum())
    # Delta method: how the mean difference of fitted and expected moves with the coefficients.
    slopes = (fitted[post, None] * found.design[start:][post] - expected[post, None] * without[post]).mean(axis=0)
    difference = float((fitted[post] - expected[post]).mean())
    mean = part(difference, float(slopes @ found.covariance @ slopes), found.freedom, series.confidence)
    doubt = expected**2 * np.einsum("ij,jk,ik->i", without, found.covariance, without) + found.scale * expected
    reach = t_quantile(0.5 + series.confidence / 2, found.freedom) * np.sqrt(np.maximum(doubt, 0))
    expected = np.where(post, expected, np.nan)
    rho = lag_one([found.residuals[: series.go_live], found.residuals[start:]], n_pre + n_post)
    return Found(
        effect=mean.value,
        error=mean.error,
        freedom=float(found.freedom),
        bounds=(mean.low, mean.high),
        expected_mean=float(expected[post].mean()),
        expected=expected,
        expected_ramp=both[:ramp],
        low=np.maximum(expected - reach, 0),
        high=expected + reach,
        cumulative=mean.value * n_post,
        cumulative_bounds=(mean.low * n_post, mean.high * n_post),
        eff_pre=effective_size(n_pre, rho),
        eff_post=effective_size(n_post, rho),
        rho=rho,
        varies=found.scale > 0,
        rate_ratio=_ratio(found, 1, series.confidence, 1),
        slope_ratio=_ratio(found, -1, series.confidence, series.y.size) if slope else None,
        remark="Neighbouring residuals resemble each other, so the HAC matrix takes the place of the model's."
        if found.correlated
        else "",
    )


def _ratio(found: _Fit, place: int, confidence: float, unit: int) -> Part:
    of = part(
        float(found.beta[place]) / unit, float(found.covariance[place, place]) / unit**2, found.freedom, confidence
    )
    return Part(math.exp(of.value), math.exp(of.value) * of.error, _exp(of.low), _exp(of.high))


def _exp(value: float) -> float:
    return math.exp(min(value, 700.0))
