"""What goes into a simulation of the money and what comes out. No numpy: pages may import it."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

FORMULA_VERSION = "uncertainty-1"


@dataclass(frozen=True, slots=True)
class Triangle:
    """A planned figure as lowest, likeliest, highest."""

    low: float
    mode: float
    high: float

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, (self.low, self.mode, self.high))) or not self.low <= self.mode <= self.high:
            raise ValueError("A range needs finite numbers, low <= mode <= high.")


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiBenefit:
    """A KPI that brings money: improvement (positive = better) x volume of the month x value x share.

    `improvement` and `error` in the KPI's unit, `freedom` of Student's t, `volumes` one per month (0 before
    go-live), `value` in currency per unit, `share` = attribution x realisation factor, 0 to 1. A promised improvement
    that nobody has measured is a range, without an error.
    """

    name: str
    improvement: float | Triangle
    error: float
    freedom: float
    volumes: Sequence[float]
    value: float | Triangle
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class PlannedCost:
    """A cost line still to come: one range per month (None = nothing), costs above zero."""

    name: str
    months: Sequence[Triangle | None]


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles and mean of the draws; all None when undefined (ROI at zero cost)."""

    p10: float | None
    p50: float | None
    p90: float | None
    mean: float | None


@dataclass(frozen=True, slots=True)
class TornadoBar:
    """NPV with one driver at its P10 and at its P90, the others at their middle."""

    driver: str
    at_p10: float
    at_p90: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertainty:
    """What the draws say; `band` is P10 and P90 of the cumulative net benefit by month, undiscounted."""

    npv: Spread
    roi_percent: Spread
    discounted_roi_percent: Spread
    probability_positive: float
    likelihood: str
    tornado: tuple[TornadoBar, ...]
    band: tuple[tuple[float, float], ...]
    draws: int
    seed: int
    inputs_hash: str
    formula_version: str = FORMULA_VERSION

    def as_dict(self) -> dict[str, Any]:
        """Plain lists, numbers and None, ready for JSON."""
        plain = asdict(self)
        plain["tornado"] = list(plain["tornado"])
        plain["band"] = [list(pair) for pair in self.band]
        return plain


def likelihood(probability: float) -> str:
    """The words for a probability that the project pays; never "proved"."""
    if probability >= 0.95:
        return "very likely"
    if probability >= 0.8:
        return "likely"
    return "more likely than not" if probability >= 0.5 else "not shown"
