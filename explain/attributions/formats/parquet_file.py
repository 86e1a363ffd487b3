"""Parquet: the footer says how much the file unpacks to, and is checked before anything is unpacked."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow
import pyarrow.compute
import pyarrow.parquet

from explain.attributions.formats.coded import coded
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused

Column = tuple[npt.NDArray[np.float64], tuple[str, ...]]


def read_parquet(
    path: Path, limits: Limits, rows: int | None, aside: AbstractSet[str] = frozenset()
) -> tuple[tuple[str, ...], list[Column]]:
    """Column names, and for each column one float64 array and the words it codes: none, but in columns of `aside`.
    Raises ExplainRefused: malformed_data, limit_exceeded, schema_mismatch (a column that is not numeric)."""
    try:
        with pyarrow.parquet.ParquetFile(
            path, thrift_string_size_limit=2**24, thrift_container_size_limit=2**20
        ) as file:
            columns = _check_footer(file, limits, rows, aside)
            return columns, _read(file, columns, limits, rows)
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
        if isinstance(error, MemoryError):
            raise
        raise ExplainRefused(
            "malformed_data",
            f"The Parquet file is damaged or incomplete ({type(error).__name__}). Export it again.",
        ) from error


def _check_footer(
    file: pyarrow.parquet.ParquetFile, limits: Limits, rows: int | None, aside: AbstractSet[str]
) -> tuple[str, ...]:
    footer = file.metadata
    if footer.num_rows < 0 or (footer.num_rows > limits.rows and rows is None):
        raise ExplainRefused(
            "limit_exceeded",
            f"The data file declares {footer.num_rows:,} rows; at most {limits.rows:,} are read.",
        )
    if footer.num_columns > limits.columns:
        raise ExplainRefused(
            "limit_exceeded",
            f"The data file declares {footer.num_columns:,} columns; at most {limits.columns:,} are read.",
        )
    unpacked = 0
    counted = 0
    for index in range(footer.num_row_groups):
        group = footer.row_group(index)
        counted += group.num_rows
        unpacked += group.total_byte_size
        if group.num_rows < 0 or group.num_rows > limits.rows:
            raise ExplainRefused(
                "limit_exceeded",
                f"A row group declares {group.num_rows:,} rows; at most {limits.rows:,} are read.",
            )
    if (
        unpacked > limits.data_bytes
        or min(footer.num_rows, rows or footer.num_rows) * footer.num_columns > limits.cells
    ):
        raise ExplainRefused(
            "limit_exceeded", "The data file unpacks to more than is read at once. Take a sample of the rows."
        )
    if counted != footer.num_rows:
        raise ExplainRefused("malformed_data", "The Parquet file does not hold the number of rows that it declares.")
    schema = file.schema_arrow
    columns = tuple(name for name in schema.names if not name.startswith("__index_level_"))
    if len(set(columns)) != len(columns):
        raise ExplainRefused("malformed_data", "Two columns of the data file have the same name.")
    for name in columns:
        kind = schema.field(name).type
        if not _numeric(kind) and not (name in aside and _worded(kind)):
            raise ExplainRefused(
                "schema_mismatch",
                f"The column {name!r} holds {kind}, not numbers. Encode it as numbers the way it was done "
                "when the model was trained.",
            )
    return columns


def _numeric(kind: pyarrow.DataType) -> bool:
    types = pyarrow.types
    return bool(
        types.is_integer(kind)
        or types.is_floating(kind)
        or types.is_boolean(kind)
        or types.is_decimal(kind)
        or types.is_null(kind)
    )


def _worded(kind: pyarrow.DataType) -> bool:
    """Whether cells can be told as words: texts, categories of texts, days."""
    types = pyarrow.types
    if types.is_dictionary(kind):
        return _worded(kind.value_type)
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_temporal(kind))


def _read(
    file: pyarrow.parquet.ParquetFile, columns: tuple[str, ...], limits: Limits, rows: int | None
) -> list[Column]:
    wanted = limits.rows if rows is None else rows
    kinds = [
        pyarrow.float64() if _numeric(file.schema_arrow.field(name).type) else pyarrow.string() for name in columns
    ]
    parts: list[list[pyarrow.Array]] = [[] for _ in columns]
    seen = 0
    for batch in file.iter_batches(batch_size=65_536, columns=list(columns), use_threads=False):
        for part, name, kind in zip(parts, columns, kinds, strict=True):
            part.append(pyarrow.compute.cast(batch.column(name), kind, safe=False))
        seen += batch.num_rows
        if seen >= wanted:
            break
    return [_column(pyarrow.chunked_array(part, kind), wanted) for part, kind in zip(parts, kinds, strict=True)]


def _column(cells: pyarrow.ChunkedArray, wanted: int) -> Column:
    if cells.type == pyarrow.string():
        array, words = coded(cells)
        return array[:wanted], words
    return cells.to_numpy()[:wanted].astype(np.float64, copy=False), ()
