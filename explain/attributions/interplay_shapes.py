"""The shape of what is told about features that work together: plain data, written by the worker's sandbox."""

from __future__ import annotations

from typing import Literal, TypedDict

Corner = Literal["high high", "high low", "low high", "low low"]


class Meeting(TypedDict):
    """What two features do only together, on average over some `rows`, in the output space. `change_probability`: the same as
    a change in probability around the base value (log-odds of one output only)."""

    rows: int
    change: float
    change_probability: float | None


class InterplayPair(TypedDict):
    """Two features. `size`: the mean over the rows of what they change only together, whichever way, in the output space;
    `share` of the `total`; `size_probability` as above. `corners`: the rows by whether the first and the second feature are
    above the middle of their values; those of too few rows are left out, and all where a feature is a code without order."""

    first: str
    second: str
    size: float
    share: float
    size_probability: float | None
    corners: dict[Corner, Meeting]


class Interplay(TypedDict):
    """One output over `rows` rows. `features`: the strongest, in that order, and `sizes` one row and one column for each: what
    two features change only together, on average, and on the diagonal what one changes alone. `total`: all such sizes of
    all features, each pair once; `together`: the share of the pairs in it. `pairs`: the strongest of all."""

    features: list[str]
    sizes: list[list[float]]
    rows: int
    total: float
    together: float
    pairs: list[InterplayPair]
