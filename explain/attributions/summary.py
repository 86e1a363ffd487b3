"""The shape of summary.json: plain data, written by the worker's sandbox, read by pages without numpy or
pandas."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from explain.attributions.interplay_shapes import Interplay
from explain.attributions.performance.shapes import Performance


class Driver(TypedDict):
    """One feature over all rows. Attributions are in the output space; `effect` is how the mean attribution
    changes from
    the lowest to the highest tenth of the feature (`low`, `high`: its 10 % and 90 % quantiles);
    `effect_probability` is
    the same as a change in probability around the base value (log-odds only). `direction` is the rank
    correlation of
    value and attribution, None when the feature or its attribution does not vary."""

    feature: str
    mean_abs: float
    share: float
    direction: float | None
    quantiles: dict[str, float]
    low: float | None
    high: float | None
    effect: float | None
    effect_probability: float | None


class SwarmFeature(TypedDict):
    """`x`: attributions; `v`: feature values scaled to 0..1 between the 5 % and 95 % quantiles, None where
    empty."""

    feature: str
    x: list[float]
    v: list[float | None]
    low: float | None
    high: float | None


class Beeswarm(TypedDict):
    """Sampled rows for a beeswarm of one class; `sampling` says in words how they were drawn."""

    class_name: str | None
    rows: int
    of: int
    sampling: str
    features: list[SwarmFeature]


class Row(TypedDict):
    """One row; lists follow `features` of the summary (`attributions` has one list for each output). `fit`: R2 of the local
    model of each output, where the values are of such."""

    row: int
    values: list[float | None]
    attributions: list[list[float]]
    base_values: list[float]
    predictions: list[float]
    fit: NotRequired[list[float]]


class LocalFit(TypedDict):
    """Quantiles over the rows of R2 of their local models."""

    q10: float
    median: float
    q90: float


class Stability(TypedDict):
    """Importances over bootstrap samples of the rows against all rows (Spearman; share of the top five
    kept)."""

    resamples: int
    rank_correlation: float | None
    rank_correlation_min: float | None
    top_k: int
    top_k_overlap: float


class Curve(TypedDict):
    """What the model answers as one feature takes the values `at` and all others stay. `mean`: over the rows, one list for
    each output. `lines`: single rows of the output in focus, numbered by `numbers` (counted from 1), which have the values
    `own`, None where empty."""

    feature: str
    at: list[float]
    mean: list[list[float]]
    lines: list[list[float]]
    numbers: list[int]
    own: list[float | None]


class Curves(TypedDict):
    """Partial dependence and individual conditional expectation. `unit`: chance, score or value; `rows`: how many the
    means are over."""

    unit: str
    rows: int
    curves: list[Curve]


class Cohort(TypedDict):
    """A group of rows: those with `value`, a word or a number, or from `low` to `high`. `sizes`: mean absolute attribution of
    each feature of the grouping, `pushes`: mean attribution."""

    value: str | float | None
    low: float | None
    high: float | None
    rows: int
    sizes: list[float]
    pushes: list[float]


class Cohorts(TypedDict):
    """The same features in groups of rows by the values of `column`, for the output in focus; `left_out`: rows without a
    value, or of a group that is too small."""

    column: str
    features: list[str]
    groups: list[Cohort]
    left_out: int


class Isolation(TypedDict):
    """What held the computation: each a fact of this run, in words."""

    process: str
    user: str
    network: str
    filesystem: str
    memory_mb: int
    cpu_seconds: int
    wall_seconds: float


class Told(TypedDict):
    """Everything the pages need. `outputs` names the explained outputs: the classes, the positive class of a
    binary
    model, or one empty text. `drivers` and `beeswarm` are of `focus`, one of the outputs. `row_numbers`: how many numbers
    `rows.bin` has for each row, 0 where the rows are too many for one. `performance_why` says why there is no
    `performance`; `groups_asked` names the columns whose groups were to be compared."""

    engine: str
    method: str
    output_space: str
    kind: str
    classes: list[str]
    outputs: list[str]
    features: list[str]
    rows: int
    rows_in_file: int
    base_values: list[float]
    mean_abs: dict[str, float]
    max_additivity_error: float
    recomputed_rows: int
    seed_spread: float | None
    model_sha256: str
    data_sha256: str
    background_sha256: str | None
    background: str
    versions: dict[str, str]
    seconds: float
    peak_mb: float
    chosen_because: str
    seed: int
    isolation: Isolation
    focus: str
    analysed_rows: int
    drivers: list[Driver]
    drivers_by_output: dict[str, list[Driver]]
    beeswarm: Beeswarm
    row_sample: list[Row]
    row_sampling: str
    row_numbers: int
    stability: Stability
    columns: list[str]
    performance: Performance | None
    performance_why: str
    groups_asked: list[str]


class Summary(Told, total=False):
    """What was told, and for few rows, when asked, the values: rows x features, or rows x features x
    classes. `partners`: for each strong feature of `focus` the one that it works together with most; explanations that
    were made before it was looked for have none. `local_fit`: of LIME alone, for `focus`."""

    partners: dict[str, str | None]
    local_fit: LocalFit
    curves: Curves | None
    cohorts: list[Cohorts]
    interplay: Interplay | None
    interplay_why: str

    inline_values: list[list[float]] | list[list[list[float]]]


class ModelFacts(TypedDict):
    """What the register page shows of a model file before it is explained."""

    format: str
    family: str
    library: str
    versions: dict[str, str]
    kind: str
    features: list[str]
    feature_count: int
    features_named: bool
    classes: list[str]
    facts: dict[str, str]
    model_sha256: str
    isolation: Isolation
