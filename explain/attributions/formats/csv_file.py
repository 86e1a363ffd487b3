"""CSV: fast when the file is sound, slow and exact when it is not, so that a bad row is named by its
number."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow
import pyarrow.csv

from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused

MISSING: Final = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "None", "<NA>"]
_CELL: Final = 10_000


def read_csv(path: Path, limits: Limits, rows: int | None) -> tuple[tuple[str, ...], list[npt.NDArray[np.float64]]]:
    """Column names and one float64 array a column. UTF-8 with or without a mark; comma or semicolon (then
    also with
    decimal commas). Raises ExplainRefused: malformed_data, limit_exceeded."""
    text = path.read_bytes()
    text = text.removeprefix(b"\xef\xbb\xbf")
    _check_encoding(text)
    first = text[:1_000_000].splitlines()[0].decode("utf-8") if text.strip() else ""
    if not first.strip():
        raise ExplainRefused(
            "malformed_data", "The data file has no header. Give the names of the columns in the first line."
        )
    delimiter = ";" if first.count(";") > first.count(",") else ","
    columns = _header(first, delimiter, limits)
    lines = text.count(b"\n")
    if lines > limits.rows + 1 and rows is None:
        raise ExplainRefused(
            "limit_exceeded",
            f"The data file has about {lines:,} rows; at most {limits.rows:,} are read. Take a sample of the rows.",
        )
    if min(lines, rows or lines) * len(columns) > limits.cells:
        raise ExplainRefused(
            "limit_exceeded",
            f"The data file has more than {limits.cells:,} cells. Take a sample of the rows.",
        )
    arrays = _fast(text, columns, delimiter, ".")
    if arrays is None and delimiter == ";":
        arrays = _fast(text, columns, delimiter, ",")
    if arrays is None:
        _name_the_fault(text, columns, delimiter)
        raise ExplainRefused("malformed_data", "The data file could not be read as CSV. Export it again.")
    return columns, [array[:rows] for array in arrays]


def _check_encoding(text: bytes) -> None:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise ExplainRefused(
            "malformed_data", f"Line {line} of the data file is not UTF-8. Save the file as CSV in UTF-8."
        ) from error
    if b"\x00" in text:
        raise ExplainRefused("malformed_data", "The data file holds null bytes, so it is not CSV.")


def _header(first: str, delimiter: str, limits: Limits) -> tuple[str, ...]:
    columns = tuple(name.strip() for name in next(csv.reader([first], delimiter=delimiter)))
    if len(columns) > limits.columns:
        raise ExplainRefused(
            "limit_exceeded",
            f"The data file has {len(columns):,} columns; at most {limits.columns:,} are read.",
        )
    if len(set(columns)) != len(columns):
        twice = next(name for name in columns if columns.count(name) > 1)
        raise ExplainRefused("malformed_data", f"The column {twice!r} appears twice. Give each column its own name.")
    if any(not name or len(name) > 500 or not name.isprintable() for name in columns):
        raise ExplainRefused("malformed_data", "A column has no name, or one that cannot be shown. Name each column.")
    return columns


def _fast(text: bytes, columns: tuple[str, ...], delimiter: str, point: str) -> list[npt.NDArray[np.float64]] | None:
    places = [f"c{index}" for index in range(len(columns))]
    try:
        table = pyarrow.csv.read_csv(
            io.BytesIO(text),
            read_options=pyarrow.csv.ReadOptions(column_names=places, skip_rows=1, use_threads=False),
            parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={place: pyarrow.float64() for place in places},
                null_values=MISSING,
                decimal_point=point,
            ),
        )
    except (pyarrow.ArrowException, ValueError):
        return _flags(text, columns, delimiter, point)
    return [column.to_numpy() for column in table.columns]


def _flags(text: bytes, columns: tuple[str, ...], delimiter: str, point: str) -> list[npt.NDArray[np.float64]] | None:
    """The same, for files whose columns of true and false are written as words."""
    arrays: list[list[float]] = [[] for _ in columns]
    for _, cells in _rows(text, delimiter):
        if len(cells) != len(columns):
            return None
        for array, cell in zip(arrays, cells, strict=True):
            number = _number(cell, point)
            if number is None:
                return None
            array.append(number)
    return [np.asarray(array, dtype=np.float64) for array in arrays]


def _rows(text: bytes, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(_CELL)
    reader = csv.reader(io.StringIO(text.decode("utf-8"), newline=""), delimiter=delimiter)
    try:
        next(reader)
        yield from enumerate((row for row in reader if row), start=1)
    except csv.Error as error:
        raise ExplainRefused(
            "malformed_data", f"Line {reader.line_num} of the data file is not CSV: {error}."
        ) from error


def _number(cell: str, point: str) -> float | None:
    word = cell.strip()
    if word in MISSING:
        return float("nan")
    if word.lower() in ("true", "false"):
        return float(word.lower() == "true")
    if "_" in word or (point == "," and "." in word):
        return None
    try:
        return float(word.replace(",", ".", 1) if point == "," else word)
    except ValueError:
        return None


def _name_the_fault(text: bytes, columns: tuple[str, ...], delimiter: str) -> None:
    def refuse(message: str) -> Any:
        raise ExplainRefused("malformed_data", message)

    for number, cells in _rows(text, delimiter):
        if len(cells) != len(columns):
            refuse(f"Row {number} of the data file has {len(cells)} cells, and the header has {len(columns)}.")
        for column, cell in zip(columns, cells, strict=True):
            if all(_number(cell, point) is None for point in (".,"[:2] if delimiter == ";" else ".")):
                refuse(
                    f"Row {number}, column {column!r} holds {cell.strip()[:40]!r}, which is not a number. "
                    "Encode text as numbers the way it was done when the model was trained."
                )
