"""Data files that are no sound tables of numbers, or unpack to far more than they weigh."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pyarrow
import pyarrow.parquet

from bench.crafting.spoiling import cut, flipped, other_digits

# In place of a number between two commas.
CELLS: Final = (
    "=1+1", "=cmd|' /C calc'!A0", "1e999", "-inf", "nan", "", "x", "9" * 400, "0x41", "1_000", "\0", "\ufeff", '"', "'",
    "1;2", "1,2,3", "NULL", "true", "1e-400", "\N{SUPERSCRIPT TWO}",
)  # fmt: skip
BOMB_ROWS: Final = 2_000_000


def spoilt_csv(whole: bytes) -> dict[str, Callable[[], bytes]]:
    """What is wrong with a table, and how its bytes are made."""
    head, _, body = whole.partition(b"\n")
    names = head.split(b",")
    return {
        "nothing": lambda: b"",
        "a head alone": lambda: head + b"\n",
        "a column twice": lambda: b",".join([names[1], *names[1:]]) + b"\n" + body,
        "a column without a name": lambda: b",".join([b"", *names[1:]]) + b"\n" + body,
        "a column too few": lambda: b"\n".join(line.rpartition(b",")[0] for line in whole.splitlines()),
        "a row too short": lambda: whole + b"1,2\n",
        "a row too long": lambda: whole + b"1," * 50 + b"1\n",
        "other letters than UTF-8": lambda: head + b"\xe9\n" + body,
        "UTF-16": lambda: whole.decode().encode("utf-16"),
        "bytes of zero": lambda: head + b"\n" + b"\0" * 100_000,
        "one line without an end": lambda: b"1," * 10_000_000,
        "one field without an end": lambda: head + b'\n"' + b"1" * 20_000_000,
        "a name of megabytes": lambda: b"a" * 20_000_000 + b"," + whole,
        "a hundred thousand columns": lambda: b",".join(b"c%d" % place for place in range(100_000)) + b"\n",
        "two million rows": lambda: b"a\n" + b"1\n" * BOMB_ROWS,
        "line ends alone": lambda: b"\n" * 5_000_000,
        "quotes alone": lambda: b'"' * 5_000_000,
    }


def crafted_csv(whole: bytes, generator: random.Random, turn: int) -> bytes:
    """Flipped bits, a cut end, other digits, or a cell that is no plain number."""
    return (flipped, cut, other_digits, _other_cell)[turn % 4](whole, generator)


def _other_cell(whole: bytes, generator: random.Random) -> bytes:
    lines = whole.decode().splitlines()
    place = generator.randrange(len(lines))
    cells = lines[place].split(",")
    cells[generator.randrange(len(cells))] = generator.choice(CELLS)
    lines[place] = ",".join(cells)
    return "\n".join(lines).encode()


def parquet_of(columns: dict[str, Any], **options: Any) -> bytes:
    """A table as Parquet."""
    target = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), target, **options)
    return target.getvalue()


def parquet_bomb() -> bytes:
    """Sixteen megabytes of zeros in a file of some kilobytes."""
    return parquet_of({"a": np.zeros(BOMB_ROWS)})


def spoilt_parquet() -> dict[str, Callable[[], bytes]]:
    """What is wrong with a table, and how its bytes are made; most are small and unpack to much."""
    zeros = np.zeros(900_000)
    return {
        "two million rows of zeros": parquet_bomb,
        "sixty columns of zeros": lambda: parquet_of({f"c{place}": zeros for place in range(60)}, compression="zstd"),
        "six thousand columns": lambda: parquet_of({f"c{place}": [1.0] for place in range(6_000)}),
        "a text of 128 megabytes": lambda: parquet_of({"a": ["a" * 2**27]}, compression="zstd"),
        "the same, as numbers by their name": lambda: parquet_of({"feature_0": ["a" * 2**27]}, compression="gzip"),
        "lists": lambda: parquet_of({"a": [[1.0] * 1000] * 1000}),
        "a table in a table": lambda: parquet_of({"a": [{"b": {"c": 1.0}}]}),
        "no rows": lambda: parquet_of({"a": pyarrow.array([], pyarrow.float64())}),
        "no columns": lambda: parquet_of({}),
        "a head alone": lambda: b"PAR1",
        "head and tail alone": lambda: b"PAR1" + b"\xff\xff\xff\x7f" + b"PAR1",
        "a tail that is longer than the file": lambda: b"PAR1" + bytes(100) + b"\xff\xff\xff\xff" + b"PAR1",
    }


def crafted_parquet(whole: bytes, generator: random.Random, turn: int) -> bytes:
    """Flipped bits anywhere, a cut end, flipped bits in the footer, or a footer of another length."""
    if turn % 4 < 2:
        return (flipped, cut)[turn % 4](whole, generator)
    footer = int.from_bytes(whole[-8:-4], "little")
    if turn % 4 == 2:
        return flipped(whole[:-8], generator, len(whole) - 8 - footer) + whole[-8:]
    length = generator.choice([0, 1, footer - 1, footer + 1, 2**16, 2**31 - 1, 2**32 - 1, generator.randrange(2**32)])
    return whole[:-8] + length.to_bytes(4, "little") + b"PAR1"
