"""Ways to spoil a file of any format."""

from __future__ import annotations

import random
from typing import Any, Final

# In place of a number or a text of plain data: what counts, indices and sizes must never be taken for.
EXTREMES: Final[tuple[Any, ...]] = (
    -1, 0, 7, 2**31 - 1, 2**31, 2**32, 2**40, 2**63, -(2**63), 1e39, -1e308, float("nan"), "", "x", "-1", "4000000000",
    "1e999", "99999999999999999999", None, True, [], {},
)  # fmt: skip


def flipped(whole: bytes, generator: random.Random, first: int = 0) -> bytes:
    """One to four bits from byte `first` on are turned over."""
    spoilt = bytearray(whole)
    for _ in range(generator.randrange(1, 5)):
        spoilt[generator.randrange(first, len(spoilt))] ^= 1 << generator.randrange(8)
    return bytes(spoilt)


def cut(whole: bytes, generator: random.Random) -> bytes:
    """The end is missing."""
    return whole[: generator.randrange(len(whole))]


def other_digits(whole: bytes, generator: random.Random) -> bytes:
    """Three digits of a text are others."""
    spoilt = bytearray(whole)
    digits = [place for place, byte in enumerate(spoilt) if 48 <= byte <= 57]
    for _ in range(3):
        spoilt[generator.choice(digits)] = generator.randrange(48, 58)
    return bytes(spoilt)


def other_leaf(data: Any, generator: random.Random) -> None:
    """Somewhere in plain data, in place, a value is an extreme one. The way down is drawn at each turn."""
    while True:
        keys = list(data) if isinstance(data, dict) else range(len(data))
        key = generator.choice(keys)
        inner = data[key]
        if not isinstance(inner, (dict, list)) or not inner:
            data[key] = generator.choice(EXTREMES)
            return
        data = inner
