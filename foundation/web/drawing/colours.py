"""Colours on paper: the tokens of the light theme, read from the style sheet that the browser uses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.conf import settings

_TOKEN = re.compile(r"--tg-([a-z0-9-]+):\s*(#[0-9a-fA-F]{6})\b")
_NAMED = re.compile(r"^token:([a-z0-9-]+)(?:/([0-9.]+))?$")
_HEX = re.compile(r"^#[0-9a-fA-F]{6}(?:[0-9a-fA-F]{2})?$")
FALLBACK = "#4a535a"


@cache
def light_theme() -> dict[str, str]:
    """Token to #rrggbb; the first block of the sheet is the light theme, so the first value of a token counts."""
    found: dict[str, str] = {}
    sheet = (Path(settings.BASE_DIR) / "static" / "tollgate" / "theme.css").read_text()
    for name, value in _TOKEN.findall(sheet):
        found.setdefault(name, value)
    return found


def colour_of(text: str | None) -> str:
    """#rrggbb or #rrggbbaa for a colour of a figure: a token with an optional share, or a hex colour."""
    if text is None:
        return FALLBACK
    if _HEX.match(text):
        return text
    named = _NAMED.match(text)
    if named is None:
        return FALLBACK
    plain = light_theme().get(named[1], FALLBACK)
    return plain if named[2] is None else f"{plain}{round(255 * float(named[2])):02x}"


def mixed(scale: Sequence[Sequence[Any]], share: float) -> str:
    """#rrggbb at `share` (0 to 1) of a scale of stops (share, #rrggbb) that begins at 0 and ends at 1."""
    for (start, first), (end, last) in pairwise(scale):
        if share <= end:
            part = (share - start) / (end - start)
            ends = [[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in (first, last)]
            return "#" + "".join(f"{round(one + part * (other - one)):02x}" for one, other in zip(*ends, strict=True))
    return str(scale[-1][1])
