"""What a gate may ask of the evidence itself, beyond that it is there. Pure functions on plain data.

A gate lists its checks by name, with a limit where the check has one:

    checks:
      - {check: explanation_present}
      - {check: explanation_stable, at_least: 0.8}

Rooms above judge them; here is what they are called, which limit they take, and how they are said.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from lifecycle.methodologies.pieces import Path


@dataclass(frozen=True)
class Asked:
    """A check that a gate may ask for. `limit`: `at_least`, `at_most`, or empty for a check that takes none; limits are
    shares from 0 to 1. `words`: what must hold, with `{limit}` where the limit stands."""

    words: str
    limit: str = ""

    def said(self, limit: float | None) -> str:
        """What must hold, as the rest of a sentence that begins with "Required:"."""
        return self.words.format(limit="" if limit is None else f"{100 * limit:g} %")


CHECKS: Final[Mapping[str, Asked]] = {
    "explanation_present": Asked("the newest accepted model is explained, on model and data as they are on record"),
    "explanation_stable": Asked(
        "at least {limit} of the strongest drivers stay the same when the rows are drawn again", "at_least"
    ),
    "no_unexplained_contradiction": Asked(
        "where the model acts against what the business expects, the team has written down why"
    ),
    "fairness_within_limits": Asked(
        "no group of a sensitive feature is treated more than {limit} apart from the largest group: flagged, rightly found, "
        "falsely flagged or rightly classed (for numbers: the mean error, as a share of the mean absolute error)",
        "at_most",
    ),
    "lessons_answered": Asked(
        "for each earlier case that was offered as similar, the team has said what it does about it or why it does not apply"
    ),
}


def faults_in_checks(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """(path, reason) for each fault of the checks of a gate."""
    if not isinstance(value, list):
        yield path, "must be a list of checks such as “{check: explanation_present}”."
        return
    seen: set[str] = set()
    for number, row in enumerate(value):
        place = (*path, number)
        if not isinstance(row, dict):
            yield place, "must be a block such as “{check: explanation_present}”."
            continue
        name = row.get("check")
        if not isinstance(name, str) or name not in CHECKS:
            near = get_close_matches(str(name), CHECKS, n=1)
            hint = f"did you mean “{near[0]}”?" if near else f"known here: {', '.join(CHECKS)}."
            yield (*place, "check"), f"{name!r} is no check; {hint}"
            continue
        if name in seen:
            yield (*place, "check"), f"{name!r} stands there twice."
        seen.add(name)
        yield from _faults_in_limit(row, CHECKS[name].limit, place)


def _faults_in_limit(row: Mapping[str, Any], limit: str, place: Path) -> Iterator[tuple[Path, str]]:
    for key in row:
        if key not in ("check", limit):
            yield (
                (*place, key),
                f"“{key}” is unknown here; {f'the limit is {limit}.' if limit else 'it takes no limit.'}",
            )
    if not limit:
        return
    value = row.get(limit)
    if value is None:
        yield (*place, limit), "is missing; it is a share from 0 to 1, such as 0.8."
    elif (
        isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or not 0 <= value <= 1
    ):
        yield (*place, limit), "must be a share from 0 to 1, such as 0.8."


def limit_of(row: Mapping[str, Any]) -> float | None:
    """The limit that a sound row of a gate gives its check."""
    name = CHECKS[row["check"]].limit
    return float(row[name]) if name else None


def check_sentences(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """What the sound checks of a gate ask, one sentence each."""
    return [f"Required: {CHECKS[row['check']].said(limit_of(row))}." for row in rows]
