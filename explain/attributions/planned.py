"""The shape of plan.json and part.json: what the sandbox of one step leaves for those of the next, as plain data."""

from __future__ import annotations

from typing import Final, TypedDict

NUMBER_BYTES: Final = 8  # rows and predictions lie in files of little-endian doubles


class EngineFacts(TypedDict):
    """The engine that was chosen on all rows; `plain` holds its fields that are no arrays, `type` its class."""

    name: str
    type: str
    output_space: str
    background: str
    chosen_because: str
    plain: dict[str, str | int | float | bool]


class BesideFacts(TypedDict):
    """What is held against the answers: the `target` and `groups` that were asked for, the `columns` that are there, in the
    order of the arrays of beside.npz, and for each the words that its numbers stand for, none for numbers."""

    target: str | None
    groups: list[str]
    columns: list[str]
    words: list[list[str]]


class PlanFacts(TypedDict):
    """How an explanation is computed. `rows` are explained, of `rows_in_file` that were read; `outputs` as in Summary.

    `shard_rows` is a multiple of `batch_rows`, so the batches are the same however the rows are split, and with them
    every sum and every rounding. `row_numbers`: numbers of a record in rows.bin, 0 where there is none. `named`: the names of
    the features that the model itself knows; `one_by_one`: whether each class stands against all others.
    """

    features: list[str]
    outputs: list[str]
    columns: list[str]
    kind: str
    classes: list[str]
    rows: int
    rows_in_file: int
    shard_rows: int
    batch_rows: int
    row_numbers: int
    seed: int
    method: str
    named: list[str]
    one_by_one: bool
    beside: BesideFacts
    engine: EngineFacts
    versions: dict[str, str]
    seconds: float


class PartFacts(TypedDict):
    """What was found in the rows from `first` on (counted from 0), and by which engine: that of the plan, or the one that
    judged it and set it aside."""

    number: int
    first: int
    rows: int
    max_additivity_error: float
    recomputed_rows: int
    engine: str
    chosen_because: str
    versions: dict[str, str]
    seconds: float
    peak_mb: float


# Of a plan: the facts, arrays of the engine and the first rows, all feature values, and what is held against the answers.
PLAN_FILES: Final = ("plan.json", "plan.npz", "data.bin", "beside.npz")


def part_files(number: int) -> dict[str, str]:
    """The files of a part by what they hold: values, records of rows, raw predictions, sums and analysed rows, facts."""
    return {
        "values": f"values-{number:05}.parquet",
        "rows": f"rows-{number:05}.bin",
        "predictions": f"predictions-{number:05}.bin",
        "digest": f"digest-{number:05}.npz",
        "facts": f"part-{number:05}.json",
    }


def spans(plan: PlanFacts) -> list[tuple[int, int]]:
    """First row and number of rows of each shard."""
    return [
        (first, min(plan["shard_rows"], plan["rows"] - first)) for first in range(0, plan["rows"], plan["shard_rows"])
    ]
