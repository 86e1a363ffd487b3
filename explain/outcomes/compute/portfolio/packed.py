"""Series of whole amounts by month, packed so that ten thousand of them are added in a few milliseconds.

A pack is the number sum over k of a[k] * B**k with B = 2**96 (Kronecker substitution): adding packs adds the series
month by month, exactly, and amounts may be below zero. An amount lies within +-2**63 and sums of up to 2**31 packs
within +-2**95, so no sum ever reaches into the next month.
"""

from __future__ import annotations

from collections.abc import Sequence

AMOUNT_BITS = 63
_LANE = 96
_BYTES = _LANE // 8
_HALF = 1 << (_LANE - 1)


def fits(amount: int) -> bool:
    """Whether an amount may be packed (and stored in a column of 64 bits)."""
    return abs(amount) < 1 << AMOUNT_BITS


def pack(rows: Sequence[Sequence[int]]) -> bytes:
    """Series of equal meaning by month -> bytes. `rows`: series of minor units, padded with 0 to the longest.

    Amounts of one month lie side by side, so that shifting by months moves all series at once. Raises ValueError for
    an amount of 2**63 or more.
    """
    months = max((len(row) for row in rows), default=0)
    lanes = [row[k] if k < len(row) else 0 for k in range(months) for row in rows]
    if not all(fits(amount) for amount in lanes):
        raise ValueError("An amount is too large to be packed.")
    # Lifted by half a lane nothing is below zero, so the lanes can be written side by side and lowered as a whole.
    lifted = b"".join((amount + _HALF).to_bytes(_BYTES, "little") for amount in lanes)
    number = int.from_bytes(lifted, "little") - _lift(len(lanes))
    return number.to_bytes(len(lanes) * _BYTES + 1, "little", signed=True)


def number_of(packed: bytes | memoryview) -> int:
    """The number that a pack is; numbers of packs whose first month is the same may be added."""
    return int.from_bytes(packed, "little", signed=True)


def later(number: int, months: int, rows: int) -> int:
    """The same series that many months later."""
    return number << (_LANE * rows * months)


def unpack(number: int, rows: int, months: int) -> list[list[int]]:
    """A sum of packs -> `rows` series of `months` amounts each."""
    count = rows * months
    raw = (number + _lift(count)).to_bytes(count * _BYTES + 1, "little")
    lanes = [int.from_bytes(raw[at : at + _BYTES], "little") - _HALF for at in range(0, count * _BYTES, _BYTES)]
    return [lanes[row::rows] for row in range(rows)]


def sums_between(packed: bytes | memoryview, rows: int, first: int, end: int) -> list[int]:
    """Sum of each series over the months first <= k < end; months that the pack does not have add nothing."""
    months = (len(packed) - 1) // (_BYTES * rows)
    first, end = max(0, first), min(end, months)
    if first >= end:
        return [0] * rows
    width = _LANE * rows
    lifted = number_of(packed) + _lift_by(rows * months, 1 << AMOUNT_BITS)
    window = (lifted >> (width * first)) & ((1 << (width * (end - first))) - 1)
    # 2**width is 1 modulo (2**width - 1): the remainder is the sum of the window's months.
    folded = window % ((1 << width) - 1)
    lift, mask = (1 << AMOUNT_BITS) * (end - first), (1 << _LANE) - 1
    return [((folded >> (_LANE * row)) & mask) - lift for row in range(rows)]


_ones: dict[int, int] = {}


def _lift(count: int) -> int:
    return _lift_by(count, _HALF)


def _lift_by(count: int, amount: int) -> int:
    if count not in _ones:
        _ones[count] = ((1 << (_LANE * count)) - 1) // ((1 << _LANE) - 1) if count else 0
    return amount * _ones[count]
