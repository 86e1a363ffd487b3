"""Rows to explain: CSV or Parquet into one matrix of numbers, checked against the model's features.

Only the worker's sandbox imports this module: it needs numpy and pyarrow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from explain.attributions.formats.csv_file import read_csv
from explain.attributions.formats.parquet_file import read_parquet
from explain.attributions.formats.sniff import sniff
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Table:
    """Numbers by row and column: `values` has shape (rows, columns), float64, NaN where a cell is empty. A column that is
    in `words` holds places of its words."""

    columns: tuple[str, ...]
    values: Floats
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_table(path: Path, limits: Limits, *, rows: int | None = None, aside: AbstractSet[str] = frozenset()) -> Table:
    """The first `rows` rows (all of them by default) of a CSV or Parquet file. Columns of `aside` may hold words.

    Raises ExplainRefused: unsafe_format, malformed_data, limit_exceeded.
    """
    size = path.stat().st_size
    if size > limits.data_bytes:
        raise ExplainRefused(
            "limit_exceeded",
            f"The data file has {size:,} bytes; at most {limits.data_bytes:,} are read. Take a sample of the rows.",
        )
    if not size:
        raise ExplainRefused("malformed_data", "The data file is empty.")
    try:
        found = sniff(path)
    except ExplainRefused as refused:
        if refused.code == "unsafe_format":
            raise
        found = "unknown"
    if found not in ("csv", "parquet"):
        raise ExplainRefused(
            "malformed_data", "The data file is neither CSV nor Parquet. Export the rows as one of the two."
        )
    columns, read = (read_csv if found == "csv" else read_parquet)(path, limits, rows, aside)
    if not read or not len(read[0][0]):
        raise ExplainRefused("malformed_data", "The data file has no rows below its header.")
    values = np.column_stack([array for array, _ in read]).astype(np.float64, copy=False)
    infinite = np.argwhere(np.isinf(values))
    if len(infinite):
        row, column = infinite[0]
        raise ExplainRefused("malformed_data", f"Row {row + 1}, column {columns[column]!r} holds an infinite number.")
    return Table(columns, values, {column: words for column, (_, words) in zip(columns, read, strict=True) if words})


def fit_schema(
    table: Table,
    *,
    names: Sequence[str],
    count: int,
    target_column: str | None,
    what: str = "The data file",
    space: str = " ",
    groups: Sequence[str] = (),
) -> Table:
    """The columns of the model, in its order; `names` is empty when the model was trained without names. `space`: what the
    model's library writes for a space in a name; the result has the model's names. The target and the columns of
    `groups` are left out where the model does not take them.

    Raises ExplainRefused(schema_mismatch) that names the missing, extra or misplaced columns.
    """
    keep = kept_columns(
        table.columns, names=names, count=count, target_column=target_column, groups=groups, space=space
    )
    columns = [table.columns[index] for index in keep]
    if names and space != " ":
        columns = [_as_model(column, names, columns, space) for column in columns]
    if names:
        missing = [name for name in names if name not in columns]
        extra = [column for column in columns if column not in names]
        if missing or extra:
            parts = []
            if missing:
                parts.append(f"lacks {_listed(missing)}")
            if extra:
                parts.append(f"has {_listed(extra)} that the model does not know")
            hint = (
                " If one of them is the outcome, name it as the target column."
                if extra and target_column is None
                else ""
            )
            raise ExplainRefused("schema_mismatch", f"{what} {' and '.join(parts)}.{hint}")
        for place, (column, name) in enumerate(zip(columns, names, strict=True), start=1):
            if column != name:
                raise ExplainRefused(
                    "schema_mismatch",
                    f"Column {place} of {_lower(what)} is {column!r}, and the model expects {name!r} there. "
                    "Put the columns in the order the model was trained with.",
                )
    elif len(columns) != count:
        raise ExplainRefused(
            "schema_mismatch",
            f"{what} has {len(columns)} columns, and the model was trained on {count} without names. "
            "Give exactly those columns, in the order of training.",
        )
    for index in keep:
        words = table.words.get(table.columns[index])
        if words:
            raise ExplainRefused(
                "malformed_data",
                f"The column {table.columns[index]!r} of {_lower(what)} holds words, {words[0][:40]!r} for example, and the "
                "model takes numbers. Encode text as numbers the way it was done when the model was trained.",
            )
    values = table.values if len(keep) == len(table.columns) else table.values[:, keep]
    return Table(tuple(columns), np.ascontiguousarray(values))


def kept_columns(
    columns: Sequence[str],
    *,
    names: Sequence[str],
    count: int,
    target_column: str | None,
    groups: Sequence[str],
    space: str,
) -> list[int]:
    """The places of the columns that are meant for the model; one trained without names takes a group's column only where
    it would have too few without."""
    own = {*names, *(column for column in columns if column.replace(" ", space) in names)}
    without_target = [index for index, column in enumerate(columns) if column != target_column or column in own]
    keep = [index for index in without_target if columns[index] not in groups or columns[index] in own]
    return without_target if not names and len(without_target) == count else keep


def _as_model(column: str, names: Sequence[str], columns: Sequence[str], space: str) -> str:
    written = column.replace(" ", space)
    return written if column not in names and written in names and written not in columns else column


def refuse_missing(table: Table) -> None:
    """Refuse the first empty cell, for models that take none. Raises ExplainRefused(malformed_data)."""
    empty = np.argwhere(np.isnan(table.values))
    if len(empty):
        row, column = empty[0]
        raise ExplainRefused(
            "malformed_data",
            f"Row {row + 1}, column {table.columns[column]!r} is empty, and this model takes no missing "
            "values. "
            "Fill the empty cells, or put an imputer in the model's pipeline.",
        )


def _listed(names: Sequence[Any], most: int = 5) -> str:
    shown = ", ".join(repr(name) for name in names[:most])
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"the column{'s' if len(names) > 1 else ''} {shown}{more}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
