"""Parquet: the footer says how much the file unpacks to, and is checked before anything is unpacked."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow
import pyarrow.compute
import pyarrow.parquet

from explain.attributions.formats.blocks import Aside, Block, nothing_aside
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused

BLOCK_CELLS: Final = 500_000


def open_parquet(
    path: Path, limits: Limits, rows: int | None, aside: Aside = nothing_aside
) -> tuple[tuple[str, ...], Iterator[Block], str]:
    """Column names, the rows in blocks, and the decimal sign in texts. Columns of numbers are never read as texts.

    Raises ExplainRefused: malformed_data, limit_exceeded, schema_mismatch (a column that is not numeric).
    """
    with _damage_told(), _opened(path) as file:
        columns = _check_footer(file, limits, rows)
        worded = _check_kinds(file.schema_arrow, columns, aside(columns))
    return columns, _blocks(path, columns, worded), "."


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
    return columns


def _check_kinds(schema: pyarrow.Schema, columns: tuple[str, ...], aside: AbstractSet[str]) -> frozenset[str]:
    """The columns to read as texts. Raises ExplainRefused(schema_mismatch) for one that is neither numbers nor words."""
    worded = set()
    for name in columns:
        kind = schema.field(name).type
        if _numeric(kind):
            continue
        if name not in aside or not _worded(kind):
            raise ExplainRefused(
                "schema_mismatch",
                f"The column {name!r} holds {kind}, not numbers. Encode it as numbers the way it was done "
                "when the model was trained.",
            )
        worded.add(name)
    return frozenset(worded)


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


def _blocks(path: Path, columns: tuple[str, ...], worded: frozenset[str]) -> Iterator[Block]:
    size = max(1_000, min(65_536, BLOCK_CELLS // max(1, len(columns))))
    with _damage_told(), _opened(path) as file:
        for batch in file.iter_batches(batch_size=size, columns=list(columns), use_threads=False):
            cells = {
                name: pyarrow.compute.cast(
                    batch.column(name), pyarrow.string() if name in worded else pyarrow.float64(), safe=False
                )
                for name in columns
            }
            yield Block(
                np.column_stack(
                    [
                        np.full(batch.num_rows, np.nan) if name in worded else column.to_numpy(zero_copy_only=False)
                        for name, column in cells.items()
                    ]
                ),
                {name: cells[name] for name in columns if name in worded},
            )
