"""Whether groups are treated alike within a limit, from the stored figures; plain data in and out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from explain.attributions.performance.shapes import Estimate, Performance

# Rates whose differences a limit is set for. `observed` is what happened in the world and is nothing the model does.
JUDGED: Final = {
    "selection": "flagged at 0.5",
    "found": "rightly found",
    "false_alarms": "falsely flagged",
    "accuracy": "put in the right class",
    "mean_error": "wrong on average",
}


@dataclass(frozen=True)
class Gap:
    """The largest difference to the reference group: a share, or for numbers a share of the mean absolute error."""

    column: str
    group: str
    reference: str
    what: str
    size: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Fairness:
    """`gap`: the largest of all groups with enough rows, None where there is nothing to compare. `absent`: sensitive columns
    of which no groups could be compared. `few`: groups with too few rows to judge, as "column: group"."""

    gap: Gap | None
    absent: tuple[str, ...]
    few: tuple[str, ...]


def fairness_of(found: Performance, sensitive: Collection[str]) -> Fairness:
    """The largest gap over all sensitive columns; differences are those of Newcombe (1998) and of means."""
    scale = 1.0
    if found["numbers"] is not None:
        scale = found["numbers"]["mae"]["value"] or 0.0
    groupings = [each for each in found["groupings"] if each["column"] in sensitive]
    gaps: list[Gap] = []
    few: list[str] = []
    for grouping in groupings:
        for group in grouping["groups"]:
            if group["few"]:
                few.append(f"{grouping['column']}: {group['name']}")
                continue
            for name, words in JUDGED.items():
                difference = group["differences"].get(name)
                if difference is None or difference["value"] is None:
                    continue
                gaps.append(_gap(grouping["column"], group["name"], grouping["reference"], words, difference, scale))
    return Fairness(
        gap=max(gaps, key=lambda gap: gap.size, default=None),
        absent=tuple(sorted(set(sensitive) - {each["column"] for each in groupings})),
        few=tuple(few),
    )


def _gap(column: str, group: str, reference: str, what: str, difference: Estimate, scale: float) -> Gap:
    """A difference without its sign, with the ends of its interval turned alike; numbers as shares of `scale`."""
    value = difference["value"] or 0.0
    sign = 1.0 if value >= 0 else -1.0
    ends = [
        None if end is None else sign * end / scale if scale else 0.0 for end in (difference["low"], difference["high"])
    ]
    known = sorted(end for end in ends if end is not None)
    size = abs(value) / scale if scale else float(value != 0)
    return Gap(column, group, reference, what, size, known[0] if known else None, known[-1] if known else None)
