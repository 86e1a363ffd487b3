"""JSON from an untrusted file: bounded depth, no key twice, no infinite numbers."""

from __future__ import annotations

import json
import math
import re
from typing import Any

_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*+"|([\[\]{}])')


class BadJson(ValueError):  # noqa: N818 - caught where it is raised, shown in words
    """The text is no JSON we read; the message says why, as the end of a sentence."""


def parse_bounded(text: bytes, depth_limit: int) -> dict[str, Any]:
    """The outermost object of the text. NaN is passed on (callers check it), infinities are refused.

    Keys that appear twice are refused, since a library might read the other one of the two.
    """
    depth = 0
    for found in _BRACKETS.finditer(text):
        bracket = found[1]
        if bracket:
            depth += 1 if bracket in b"[{" else -1
            if depth > depth_limit:
                raise BadJson(f"it is nested more than {depth_limit} levels deep")
    try:
        parsed = json.loads(text.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_constant)
    except json.JSONDecodeError as error:
        raise BadJson(f"it is not complete JSON ({error.msg}, character {error.pos:,})") from error
    except BadJson:
        raise
    except (ValueError, RecursionError) as error:
        raise BadJson("it is not JSON in UTF-8") from error
    if not isinstance(parsed, dict):
        raise BadJson("its outermost part is not an object")
    return parsed


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJson("a key appears twice in one object")
    return found


def _constant(name: str) -> float:
    if name != "NaN":
        raise BadJson("it holds an infinite number")
    return math.nan
