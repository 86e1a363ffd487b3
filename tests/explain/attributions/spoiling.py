"""Ways to spoil the text of a LightGBM model."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

Spoil = Callable[[str], str]


def line(key: str, change: Callable[[list[str]], list[str]]) -> Spoil:
    """Change the entries of the first line of that name."""

    def spoil(text: str) -> str:
        found = re.search(rf"^{key}=(.*)$", text, re.MULTILINE)
        assert found, key
        return text[: found.start(1)] + " ".join(change(found[1].split(" "))) + text[found.end(1) :]

    return spoil


def entry(key: str, place: int, value: str) -> Spoil:
    return line(key, lambda parts: [*parts[:place], value, *parts[place + 1 :]])


def fitting(text: str) -> str:
    """The same with sizes that fit the trees, so that it is not they that give the file away."""
    body = text[: text.index("end of trees")]
    starts = [found.start() for found in re.finditer(r"^Tree=", body, re.MULTILINE)]
    sizes = [stop - start for start, stop in zip(starts, [*starts[1:], len(body)], strict=True)]
    return re.sub(r"^tree_sizes=.*$", "tree_sizes=" + " ".join(map(str, sizes)), text, count=1, flags=re.MULTILINE)


def crafted(whole: bytes, generator: random.Random, turn: int) -> bytes:
    """Flipped bytes, a cut end, a digit in place of another, or a line of children that leads in a circle."""
    spoilt = bytearray(whole)
    kind = turn % 4
    if kind == 0:
        for _ in range(generator.randrange(1, 5)):
            spoilt[generator.randrange(len(spoilt))] ^= 1 << generator.randrange(8)
    elif kind == 1:
        del spoilt[generator.randrange(len(spoilt)) :]
    elif kind == 2:
        digits = [place for place, byte in enumerate(spoilt) if 48 <= byte <= 57]
        for _ in range(3):
            spoilt[generator.choice(digits)] = generator.randrange(48, 58)
    else:
        lines = list(re.finditer(rb"^(left|right)_child=(.+)$", whole, re.MULTILINE))
        found = generator.choice(lines)
        parts = found[2].split(b" ")
        parts[generator.randrange(len(parts))] = generator.choice([b"0", b"1", b"-1", b"-9", b"30000", b"-30000"])
        spoilt[found.start(2) : found.end(2)] = b" ".join(parts)
        spoilt = bytearray(fitting(spoilt.decode()).encode())
    return bytes(spoilt)
