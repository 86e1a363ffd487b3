"""CSV: fast when the file is sound, slow and exact when it is not, so that a bad row is named by its
number."""

from __future__ import annotations

import codecs
import csv
import math
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow
import pyarrow.csv

from explain.attributions.formats.blocks import Aside, Block, nothing_aside
from explain.attributions.formats.coded import MISSING, number_of
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused

_CELL: Final = 10_000
_MARK: Final = b"\xef\xbb\xbf"
_CHUNK: Final = 1024 * 1024
_KEPT: Final = 32 * 1024 * 1024
_FLAG_ROWS: Final = 10_000


class _NotSo(Exception):  # noqa: N818 - one way of reading did not fit; there are others
    """The file is not written in this way."""


def open_csv(
    path: Path, limits: Limits, rows: int | None, aside: Aside = nothing_aside
) -> tuple[tuple[str, ...], Iterator[Block], str]:
    """Column names, the rows in blocks, and the decimal signs that the file may use, the likelier one first.

    UTF-8 with or without a mark; comma or semicolon (then also with decimal commas). The whole file is looked through
    before the first block is given. Raises ExplainRefused: malformed_data, limit_exceeded.
    """
    lines = _looked_through(path)
    with path.open("rb") as file:
        top = file.read(1_000_000).removeprefix(_MARK).splitlines()
    first = top[0].decode("utf-8", "replace") if top else ""
    if not first.strip():
        raise ExplainRefused(
            "malformed_data", "The data file has no header. Give the names of the columns in the first line."
        )
    delimiter = ";" if first.count(";") > first.count(",") else ","
    columns = _header(first, delimiter, limits)
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
    worded, points = aside(columns), ".," if delimiter == ";" else "."
    for point in points:
        for read in (_fast, _flags):
            try:
                blocks = _twice(partial(read, path, columns, delimiter, point, worded))
            except _NotSo:
                continue
            return columns, blocks, point + points.replace(point, "")
    _name_the_fault(path, columns, delimiter, worded)
    raise ExplainRefused("malformed_data", "The data file could not be read as CSV. Export it again.")


def _twice(read: Callable[[], Iterator[Block]]) -> Iterator[Block]:
    """The blocks, once all of them were read: kept while they are few, else read again. Raises _NotSo."""
    kept: list[Block] = []
    size, whole = 0, True
    for block in read():
        size += block.nbytes
        whole = size <= _KEPT
        kept = [*kept, block] if whole else []
    return iter(kept) if whole else read()


def _looked_through(path: Path) -> int:
    """How many line ends there are, once every byte was seen to be text. Raises ExplainRefused(malformed_data)."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines, nulls = 0, False
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            try:
                waiting = len(decoder.getstate()[0])
                decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                line = lines + chunk.count(b"\n", 0, max(0, error.start - waiting)) + 1
                raise ExplainRefused(
                    "malformed_data", f"Line {line} of the data file is not UTF-8. Save the file as CSV in UTF-8."
                ) from error
            if not chunk:
                break
            lines += chunk.count(b"\n")
            nulls = nulls or b"\x00" in chunk
    if nulls:
        raise ExplainRefused("malformed_data", "The data file holds null bytes, so it is not CSV.")
    return lines


def _header(first: str, delimiter: str, limits: Limits) -> tuple[str, ...]:
    try:
        columns = tuple(name.strip() for name in next(csv.reader([first], delimiter=delimiter)))
    except csv.Error as error:
        raise ExplainRefused(
            "malformed_data", f"The first line of the data file does not name its columns: {error}. Name each column."
        ) from error
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
    path: Path, columns: tuple[str, ...], delimiter: str, point: str, worded: AbstractSet[str]
) -> Iterator[Block]:
    places = [f"c{index}" for index in range(len(columns))]
    kinds = [pyarrow.string() if column in worded else pyarrow.float64() for column in columns]
    try:
        # small blocks: the reader keeps dozens of them ahead
        with pyarrow.csv.open_csv(
            path,
            read_options=pyarrow.csv.ReadOptions(
                column_names=places, skip_rows=1, use_threads=False, block_size=_CHUNK
            ),
            parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict(zip(places, kinds, strict=True)),
                null_values=MISSING,
                strings_can_be_null=True,
                decimal_point=point,
            ),
        ) as reader:
            for batch in reader:
                texts = {name: cells for name, cells in zip(columns, batch.columns, strict=True) if name in worded}
                yield Block(
                    np.column_stack(
                        [
                            np.full(batch.num_rows, np.nan) if name in worded else cells.to_numpy(zero_copy_only=False)
                            for name, cells in zip(columns, batch.columns, strict=True)
                        ]
                    ),
                    texts,
                )
    except (pyarrow.ArrowException, ValueError) as error:
        raise _NotSo from error


def _flags(
    path: Path, columns: tuple[str, ...], delimiter: str, point: str, worded: AbstractSet[str]
) -> Iterator[Block]:
    """The same, for files whose columns of true and false are written as words."""
    numbers: list[list[float]] = []
    texts: dict[str, list[str | None]] = {column: [] for column in columns if column in worded}

    def block() -> Block:
        return Block(
            np.asarray(numbers, dtype=np.float64),
            {name: pyarrow.array(cells, pyarrow.string()) for name, cells in texts.items()},
        )

    for _, cells in _rows(path, delimiter):
        if len(cells) != len(columns):
            raise _NotSo
        row = []
        for column, cell in zip(columns, cells, strict=True):
            number: float | None = math.nan
            if column in worded:
                texts[column].append(None if cell.strip() in MISSING else cell)
            else:
                number = number_of(cell, point)
            if number is None:
                raise _NotSo
            row.append(number)
        numbers.append(row)
        if len(numbers) == _FLAG_ROWS:
            yield block()
            numbers, texts = [], {column: [] for column in texts}
    if numbers:
        yield block()


def _rows(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(_CELL)
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=delimiter)
        try:
            next(reader)
            yield from enumerate((row for row in reader if row), start=1)
        except csv.Error as error:
            raise ExplainRefused(
                "malformed_data", f"Line {reader.line_num} of the data file is not CSV: {error}."
            ) from error


def _name_the_fault(path: Path, columns: tuple[str, ...], delimiter: str, worded: AbstractSet[str]) -> None:
    def refuse(message: str) -> Any:
        raise ExplainRefused("malformed_data", message)

    for number, cells in _rows(path, delimiter):
        if len(cells) != len(columns):
            refuse(f"Row {number} of the data file has {len(cells)} cells, and the header has {len(columns)}.")
        for column, cell in zip(columns, cells, strict=True):
            points = ".," if delimiter == ";" else "."
            if column not in worded and all(number_of(cell, point) is None for point in points):
                refuse(
                    f"Row {number}, column {column!r} holds {cell.strip()[:40]!r}, which is not a number. "
                    "Encode text as numbers the way it was done when the model was trained."
                )
