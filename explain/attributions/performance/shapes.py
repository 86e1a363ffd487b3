"""The shape of `summary["performance"]`: plain data, written by the worker's sandbox, read by pages without numpy.

Counts are of rows with a known truth. A share is between 0 and 1; every interval is one of 95 %.
"""

from __future__ import annotations

from typing import TypedDict


class Rate(TypedDict):
    """`k` of `n` rows, with the score interval (Wilson 1927); all None but the counts where `n` is 0."""

    k: int
    n: int
    value: float | None
    low: float | None
    high: float | None


class Estimate(TypedDict):
    """A figure with its interval, in the unit of the figure; None where the rows do not tell."""

    value: float | None
    low: float | None
    high: float | None


class Curve(TypedDict):
    """Points of a line, thinned; both lists have the same length."""

    x: list[float]
    y: list[float]


class Tenth(TypedDict):
    """A tenth of the rows, those with the highest chance first: `found` positives of `n` rows; `captured` is the share of
    all positives in this and the tenths before; `lift` is the share of positives over that of all rows."""

    n: int
    found: int
    captured: float
    lift: float


class Bin(TypedDict):
    """Rows of similar chance: the mean chance `predicted`, and how often it happened."""

    low: float
    high: float
    predicted: float
    observed: Rate


class Thresholds(TypedDict):
    """Counts at each threshold: a row is flagged whose chance is at or above `at`. All lists have the same length."""

    at: list[float]
    tp: list[int]
    fp: list[int]
    tn: list[int]
    fn: list[int]


class Binary(TypedDict):
    """Two classes. `log_loss` and `brier` are means over rows, `*_reference` the same for a model that always answers with
    the share of positives. `roc` is the false-alarm rate and the share found, `precision_recall` the share found and the
    share of flagged rows that are right."""

    positive: str
    positives: int
    log_loss: float
    log_loss_reference: float
    brier: float
    brier_reference: float
    auc: Estimate
    auc_interval: str
    roc: Curve
    average_precision: float
    precision_recall: Curve
    tenths: list[Tenth]
    calibration: list[Bin]
    thresholds: Thresholds


class OfClass(TypedDict):
    """One class: how many of its rows were found, and how many of the rows put in it are right."""

    name: str
    recall: Rate
    precision: Rate


class Classes(TypedDict):
    """Several classes. `confusion` has a row for each true and a column for each named class of `shown`; where there are
    many, the last of `shown` stands for all the `folded` ones. The macro figures are means over all classes."""

    accuracy: Rate
    largest: Rate
    log_loss: float | None
    macro_recall: float
    macro_precision: float
    by_class: list[OfClass]
    shown: list[str]
    folded: int
    confusion: list[list[int]]


class Residuals(TypedDict):
    """Rows of a scatter; a residual is truth minus prediction. `sampling` says in words how they were drawn."""

    predicted: list[float]
    residual: list[float]
    sampling: str


class Spread(TypedDict):
    """A tenth of the rows by prediction, the lowest first: quantiles of truth minus prediction."""

    n: int
    predicted: float
    q10: float
    q50: float
    q90: float


class Numbers(TypedDict):
    """A number as the answer. An error is truth minus prediction; `mae_reference` is the mean absolute error of always
    answering with the mean."""

    mae: Estimate
    mae_reference: float
    rmse: Estimate
    r2: Estimate
    mean_error: Estimate
    residuals: Residuals
    tenths: list[Spread]


class Group(TypedDict):
    """One group. `rates` has, for two classes, `selection` (flagged at 0.5), `found` (true positive rate), `false_alarms`
    (false positive rate) and `observed`; for several classes `accuracy`. `predicted` is the mean chance; `mean_error` is
    of numbers. `differences` are to the reference group, by the same names; `few`: too few rows to judge."""

    name: str
    n: int
    few: bool
    rates: dict[str, Rate]
    predicted: float | None
    mean_error: Estimate | None
    differences: dict[str, Estimate]


class Grouping(TypedDict):
    """The groups of one column, in the order of its values; `reference` is the name of the largest."""

    column: str
    how: str
    reference: str
    groups: list[Group]


class Performance(TypedDict):
    """How well the model answers on the explained rows with a known truth; one of `binary`, `classes` and `numbers`.
    `groupings_why` says what could not be compared."""

    kind: str
    target: str
    n: int
    left_out: int
    binary: Binary | None
    classes: Classes | None
    numbers: Numbers | None
    groupings: list[Grouping]
    groupings_why: list[str]
