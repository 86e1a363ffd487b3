"""Rows to explain: CSV or Parquet into one matrix of numbers, checked against the model's features.

Only the worker's sandbox imports this module: it needs numpy and pyarrow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from explain.attributions.formats.csv_file import open_csv
from explain.attributions.formats.parquet_file import open_parquet
from explain.attributions.formats.sniff import sniff
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused

Floats = npt.NDArray[np.float64]
_LOOKED_AT: Final = 50_000  # rows at once


@dataclass(frozen=True)
class Table:
    """Numbers by row and column: `values` has shape (rows, columns), float64, NaN where a cell is empty."""

    columns: tuple[str, ...]
    values: Floats


@dataclass(frozen=True)
class Source:
    """A data file that was opened: its columns, and its rows in blocks (some rows, columns), to be read once."""

    columns: tuple[str, ...]
    blocks: Iterator[Floats]


def open_source(path: Path, limits: Limits, *, rows: int | None = None) -> Source:
    """The first `rows` rows (all of them by default) of a CSV or Parquet file, as a stream.

    Raises ExplainRefused, here or while the blocks are read: unsafe_format, malformed_data, limit_exceeded,
    schema_mismatch.
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
    columns, blocks = (open_csv if found == "csv" else open_parquet)(path, limits, rows)
    return Source(columns, _checked(columns, blocks, limits.rows if rows is None else rows))


def _checked(columns: tuple[str, ...], blocks: Iterator[Floats], most: int) -> Iterator[Floats]:
    """The first `most` rows, each of numbers that are not infinite; at least one."""
    seen = 0
    for block in blocks:
        wanted = block[: most - seen]
        infinite = np.argwhere(np.isinf(wanted))
        if len(infinite):
            row, column = infinite[0]
            raise ExplainRefused(
                "malformed_data", f"Row {seen + row + 1}, column {columns[column]!r} holds an infinite number."
            )
        if len(wanted):
            yield wanted
        seen += len(wanted)
        if seen >= most:
            break
    if not seen:
        raise ExplainRefused("malformed_data", "The data file has no rows below its header.")


def read_table(path: Path, limits: Limits, *, rows: int | None = None) -> Table:
    """The same rows at once. Raises ExplainRefused as `open_source` and its blocks do."""
    source = open_source(path, limits, rows=rows)
    return Table(source.columns, np.concatenate(list(source.blocks)))


def places_in_model(
    found: Sequence[str],
    *,
    names: Sequence[str],
    count: int,
    target_column: str | None,
    what: str = "The data file",
    space: str = " ",
) -> tuple[tuple[str, ...], list[int]]:
    """The names of the model's features, and where their columns are among those found, both in the model's order.

    `names` is empty when the model was trained without names. `space`: what its library writes for a space in a name.

    Raises ExplainRefused(schema_mismatch) that names the missing, extra or misplaced columns.
    """
    columns = list(found)
    keep = [index for index, column in enumerate(columns) if column != target_column or column in names]
    columns = [columns[index] for index in keep]
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
    return tuple(columns), keep


def fit_schema(
    table: Table,
    *,
    names: Sequence[str],
    count: int,
    target_column: str | None,
    what: str = "The data file",
    space: str = " ",
) -> Table:
    """The columns of the model, in its order and with its names. Raises ExplainRefused as `places_in_model` does."""
    columns, keep = places_in_model(
        table.columns, names=names, count=count, target_column=target_column, what=what, space=space
    )
    values = table.values if len(keep) == len(table.columns) else table.values[:, keep]
    return Table(columns, np.ascontiguousarray(values))


def _as_model(column: str, names: Sequence[str], columns: Sequence[str], space: str) -> str:
    written = column.replace(" ", space)
    return written if column not in names and written in names and written not in columns else column


def refuse_missing(table: Table, *, first: int = 0) -> None:
    """Refuse the first empty cell, for models that take none. `first`: how many rows of the file lie before these.

    Raises ExplainRefused(malformed_data).
    """
    for start in range(0, len(table.values), _LOOKED_AT):
        empty = np.argwhere(np.isnan(table.values[start : start + _LOOKED_AT]))
        if len(empty):
            row, column = empty[0]
            raise ExplainRefused(
                "malformed_data",
                f"Row {first + start + row + 1}, column {table.columns[column]!r} is empty, and this model takes no "
                "missing values. Fill the empty cells, or put an imputer in the model's pipeline.",
            )


def _listed(names: Sequence[Any], most: int = 5) -> str:
    shown = ", ".join(repr(name) for name in names[:most])
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"the column{'s' if len(names) > 1 else ''} {shown}{more}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
