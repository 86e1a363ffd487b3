"""Rows to explain: CSV or Parquet into one matrix of numbers, checked against the model's features.

Only the worker's sandbox imports this module: it needs numpy and pyarrow.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from explain.attributions.formats.blocks import Aside, Block, Floats, nothing_aside
from explain.attributions.formats.csv_file import open_csv
from explain.attributions.formats.parquet_file import open_parquet
from explain.attributions.formats.sniff import sniff
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused

_LOOKED_AT: Final = 50_000  # rows at once


@dataclass(frozen=True)
class Table:
    """Numbers by row and column: `values` has shape (rows, columns), float64, NaN where a cell is empty."""

    columns: tuple[str, ...]
    values: Floats


@dataclass(frozen=True)
class Source:
    """A data file that was opened: its columns, its rows in blocks, to be read once, and the decimal signs that its texts
    may use, the likelier one first."""

    columns: tuple[str, ...]
    blocks: Iterator[Block]
    points: str


def open_source(path: Path, limits: Limits, *, rows: int | None = None, aside: Aside = nothing_aside) -> Source:
    """The first `rows` rows (all of them by default) of a CSV or Parquet file, as a stream. `aside` is given the columns and
    says which of them may hold words.

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
    columns, blocks, points = (open_csv if found == "csv" else open_parquet)(path, limits, rows, aside)
    return Source(columns, _checked(columns, blocks, limits.rows if rows is None else rows), points)


def _checked(columns: tuple[str, ...], blocks: Iterator[Block], most: int) -> Iterator[Block]:
    """The first `most` rows, each of numbers that are not infinite; at least one."""
    seen = 0
    for block in blocks:
        wanted = block.first(most - seen)
        infinite = np.argwhere(np.isinf(wanted.values))
        if len(infinite):
            row, column = infinite[0]
            raise ExplainRefused(
                "malformed_data", f"Row {seen + row + 1}, column {columns[column]!r} holds an infinite number."
            )
        if len(wanted.values):
            yield wanted
        seen += len(wanted.values)
        if seen >= most:
            break
    if not seen:
        raise ExplainRefused("malformed_data", "The data file has no rows below its header.")


def read_table(path: Path, limits: Limits, *, rows: int | None = None, aside: Aside = nothing_aside) -> Table:
    """The same rows at once; columns of words are empty. Raises ExplainRefused as `open_source` and its blocks do."""
    source = open_source(path, limits, rows=rows, aside=aside)
    return Table(source.columns, np.concatenate([block.values for block in source.blocks]))


def places_in_model(
    found: Sequence[str],
    *,
    names: Sequence[str],
    count: int,
    target_column: str | None,
    what: str = "The data file",
    space: str = " ",
    groups: Sequence[str] = (),
) -> tuple[tuple[str, ...], list[int]]:
    """The names of the model's features, and where their columns are among those found, both in the model's order.

    `names` is empty when the model was trained without names. `space`: what its library writes for a space in a name. The
    target and the columns of `groups` are left out where the model does not take them.

    Raises ExplainRefused(schema_mismatch) that names the missing, extra or misplaced columns.
    """
    keep = kept_columns(found, names=names, count=count, target_column=target_column, groups=groups, space=space)
    columns = [found[index] for index in keep]
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
    groups: Sequence[str] = (),
) -> Table:
    """The columns of the model, in its order and with its names. Raises ExplainRefused as `places_in_model` does."""
    columns, keep = places_in_model(
        table.columns, names=names, count=count, target_column=target_column, what=what, space=space, groups=groups
    )
    values = table.values if len(keep) == len(table.columns) else table.values[:, keep]
    return Table(columns, np.ascontiguousarray(values))


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
