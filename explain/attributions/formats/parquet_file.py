"""Parquet: the footer says how much the file unpacks to, and is checked before anything is unpacked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow
import pyarrow.compute
import pyarrow.parquet

from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused

BLOCK_CELLS: Final = 500_000
Floats = npt.NDArray[np.float64]


def open_parquet(path: Path, limits: Limits, rows: int | None) -> tuple[tuple[str, ...], Iterator[Floats]]:
    """Column names, and the rows in blocks of shape (some rows, columns), so that memory does not grow with the file.

    Raises ExplainRefused: malformed_data, limit_exceeded, schema_mismatch (a column that is not numeric).
    """
    with _damage_told(), _opened(path) as file:
        columns = _check_footer(file, limits, rows)
    return columns, _blocks(path, columns)


@contextmanager
def _opened(path: Path) -> Iterator[pyarrow.parquet.ParquetFile]:
    # in small bites: a row group may hold the whole file, and its columns would be read at once
    with pyarrow.parquet.ParquetFile(
        path, thrift_string_size_limit=2**24, thrift_container_size_limit=2**20, buffer_size=2**16, pre_buffer=False
    ) as file:
        yield file


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
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


def _blocks(path: Path, columns: tuple[str, ...]) -> Iterator[Floats]:
    size = max(1_000, min(65_536, BLOCK_CELLS // max(1, len(columns))))
    with _damage_told(), _opened(path) as file:
        for batch in file.iter_batches(batch_size=size, columns=list(columns), use_threads=False):
            cells = (pyarrow.compute.cast(batch.column(name), pyarrow.float64(), safe=False) for name in columns)
            yield np.column_stack([column.to_numpy(zero_copy_only=False) for column in cells])
