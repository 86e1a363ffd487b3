"""How often the 95 % interval of an effect holds the truth, beside the interval that takes periods as independent."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bench.pairing import Line
from bench.series import Floats, ar1
from explain.outcomes.compute.answer import effect
from explain.outcomes.compute.ar1 import t_quantile
from explain.outcomes.compute.effect import level_effect_of

SERIES, SERIES_IF_FULL = 2_000, 10_000
WINDOWS = ((60, 30), (120, 60))
LADDER = ("auto", "its", "did")  # 120 before, 60 after
QUARTILE = 0.6745  # of the normal distribution
BESIDE = "ordinary least squares on a step, no autocorrelation; the same simulated series"


def measure(full: bool) -> Iterator[Line]:
    """Series with no true effect: coverage is the share of intervals that hold zero."""
    count = SERIES_IF_FULL if full else SERIES
    for before, after in WINDOWS:
        for rho in (0.0, 0.3, 0.6):
            series = 50 + ar1(np.random.default_rng(7), count, before + after, rho)
            yield _line(f"rho {rho:g}, {before} before, {after} after", count, *_held(series, before))
    before, after = WINDOWS[-1]
    for method in LADDER:
        for rho in (0.0, 0.3, 0.6):
            series = 50 + ar1(np.random.default_rng(8), count, before + after, rho)
            shared = ar1(np.random.default_rng(9), count, before + after, 0.9)
            found = _held_by(method, series, shared, before)
            yield _line(f"{method}, rho {rho:g}, {before} before, {after} after", count, *found)


def _line(name: str, count: int, ours: Floats, plain: Floats) -> Line:
    share, reference = float(ours.mean()), float(plain.mean())
    ratio = share / reference
    error = float(np.std(ours - ratio * plain)) / (np.sqrt(len(ours)) * reference)
    return Line(
        name, "", ((share, reference),), BESIDE,
        spread=(ratio - QUARTILE * error, ratio + QUARTILE * error), goal="≥ 93 %",
        note=f"Monte-Carlo error {100 * np.sqrt(share * (1 - share) / len(ours)):.1f} points"
        + (f"; {count - len(ours)} series gave no figure" if len(ours) < count else ""),
    )  # fmt: skip


def _held_by(method: str, series: Floats, shared: Floats, before: int) -> tuple[Floats, Floats]:
    """As _held by a method of the ladder: `its` carries a trend on, `did` takes off a control that moved with the KPI.

    The reference gets the series without trend and without what is shared.
    """
    ours, plain = [], []
    drift = 0.05 * np.arange(series.shape[1]) if method == "its" else 0.0
    for row, control in zip(series, shared, strict=True):
        request = {"values": (row + drift).tolist(), "go_live": before, "method": method}
        if method == "did":
            request |= {"values": (row + control).tolist(), "controls": [control.tolist()]}
        interval = effect(request)["interval"]
        if interval is not None:
            ours.append(interval[0] <= 0 <= interval[1])
            plain.append(_plain_holds_zero(row[:before], row[before:]))
    return np.array(ours, float), np.array(plain, float)


def _held(series: Floats, before: int) -> tuple[Floats, Floats]:
    """Whether each interval holds zero, ours and the reference's; series for which we give no figure are left out."""
    ours, plain = [], []
    for row in series:
        found = level_effect_of(row[:before].tolist(), row[before:].tolist())
        if found.interval is not None:
            ours.append(found.interval[0] <= 0 <= found.interval[1])
            plain.append(_plain_holds_zero(row[:before], row[before:]))
    return np.array(ours, float), np.array(plain, float)


def _plain_holds_zero(pre: Floats, post: Floats) -> bool:
    freedom = pre.size + post.size - 2
    variance = (pre.var() * pre.size + post.var() * post.size) / freedom
    error = np.sqrt(variance * (1 / pre.size + 1 / post.size))
    return bool(abs(post.mean() - pre.mean()) <= t_quantile(0.975, freedom) * error)
