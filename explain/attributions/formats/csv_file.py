"""CSV: fast when the file is sound, slow and exact when it is not, so that a bad row is named by its
number."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow
import pyarrow.csv

from explain.attributions.formats.coded import MISSING, coded, number_of
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused

_CELL: Final = 10_000
Column = tuple[npt.NDArray[np.float64], tuple[str, ...]]


def read_csv(
    path: Path, limits: Limits, rows: int | None, aside: AbstractSet[str] = frozenset()
) -> tuple[tuple[str, ...], list[Column]]:
    """Column names, and for each column one float64 array and the words it codes: none, but in columns of `aside`.
    UTF-8 with or without a mark; comma or semicolon (then also with decimal commas). Raises ExplainRefused:
    malformed_data, limit_exceeded."""
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
    found = _fast(text, columns, delimiter, ".", aside)
    if delimiter == ";" and (found is None or any(words for _, words in found)):
        # a word may be a number with a decimal comma
        found = _fast(text, columns, delimiter, ",", aside) or found
    if found is None:
        _name_the_fault(text, columns, delimiter, aside)
        raise ExplainRefused("malformed_data", "The data file could not be read as CSV. Export it again.")
    return columns, [(array[:rows], words) for array, words in found]


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


def _fast(
    text: bytes, columns: tuple[str, ...], delimiter: str, point: str, aside: AbstractSet[str]
) -> list[Column] | None:
    places = [f"c{index}" for index in range(len(columns))]
    kinds = [pyarrow.string() if column in aside else pyarrow.float64() for column in columns]
    try:
        table = pyarrow.csv.read_csv(
            io.BytesIO(text),
            read_options=pyarrow.csv.ReadOptions(column_names=places, skip_rows=1, use_threads=False),
            parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict(zip(places, kinds, strict=True)),
                null_values=MISSING,
                strings_can_be_null=True,
                decimal_point=point,
            ),
        )
    except (pyarrow.ArrowException, ValueError):
        return _flags(text, columns, delimiter, point, aside)
    return [
        coded(cells, point) if column in aside else (cells.to_numpy(), ())
        for column, cells in zip(columns, table.columns, strict=True)
    ]


def _flags(
    text: bytes, columns: tuple[str, ...], delimiter: str, point: str, aside: AbstractSet[str]
) -> list[Column] | None:
    """The same, for files whose columns of true and false are written as words."""
    arrays: list[list[float]] = [[] for _ in columns]
    texts: list[list[str]] = [[] for _ in columns]
    for _, cells in _rows(text, delimiter):
        if len(cells) != len(columns):
            return None
        for place, (column, cell) in enumerate(zip(columns, cells, strict=True)):
            if column in aside:
                texts[place].append(cell)
                continue
            number = number_of(cell, point)
            if number is None:
                return None
            arrays[place].append(number)
    return [
        coded(pyarrow.chunked_array([pyarrow.array(texts[place], pyarrow.string())]), point)
        if column in aside
        else (np.asarray(arrays[place], dtype=np.float64), ())
        for place, column in enumerate(columns)
    ]


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


def _name_the_fault(text: bytes, columns: tuple[str, ...], delimiter: str, aside: AbstractSet[str]) -> None:
    def refuse(message: str) -> Any:
        raise ExplainRefused("malformed_data", message)

    for number, cells in _rows(text, delimiter):
        if len(cells) != len(columns):
            refuse(f"Row {number} of the data file has {len(cells)} cells, and the header has {len(columns)}.")
        for column, cell in zip(columns, cells, strict=True):
            points = ".," if delimiter == ";" else "."
            if column not in aside and all(number_of(cell, point) is None for point in points):
                refuse(
                    f"Row {number}, column {column!r} holds {cell.strip()[:40]!r}, which is not a number. "
                    "Encode text as numbers the way it was done when the model was trained."
                )
