"""Parquet: the footer says how much the file unpacks to, and is checked before anything is unpacked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow
import pyarrow.compute
import pyarrow.parquet

from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused


def read_parquet(path: Path, limits: Limits, rows: int | None) -> tuple[tuple[str, ...], list[npt.NDArray[np.float64]]]:
    """Column names and one float64 array a column. Raises ExplainRefused: malformed_data, limit_exceeded,
    schema_mismatch (a column that is not numeric)."""
    try:
        with pyarrow.parquet.ParquetFile(
            path, thrift_string_size_limit=2**24, thrift_container_size_limit=2**20
        ) as file:
            columns = _check_footer(file, limits, rows)
            return columns, _read(file, columns, limits, rows)
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
        if isinstance(error, MemoryError):
            raise
        raise ExplainRefused(
            "malformed_data",
            f"The Parquet file is damaged or incomplete ({type(error).__name__}). Export it again.",
        ) from error


def _check_footer(file: pyarrow.parquet.ParquetFile, limits: Limits, rows: int | None) -> tuple[str, ...]:
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
        if not _numeric(kind):
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


def _read(
    file: pyarrow.parquet.ParquetFile, columns: tuple[str, ...], limits: Limits, rows: int | None
) -> list[npt.NDArray[np.float64]]:
    wanted = limits.rows if rows is None else rows
    parts: list[list[npt.NDArray[np.float64]]] = [[] for _ in columns]
    seen = 0
    for batch in file.iter_batches(batch_size=65_536, columns=list(columns), use_threads=False):
        for part, name in zip(parts, columns, strict=True):
            cells = batch.column(name)
            part.append(pyarrow.compute.cast(cells, pyarrow.float64(), safe=False).to_numpy(zero_copy_only=False))
        seen += batch.num_rows
        if seen >= wanted:
            break
    return [np.concatenate(part)[:wanted] if part else np.empty(0) for part in parts]
