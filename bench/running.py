"""Running measurements one after the other, printing as they come, and keeping all for JSON."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bench.pairing import Line
from bench.table import heading, row, words_below

SHAPE = "bench/1"


class Skipped(Exception):  # noqa: N818 - a reason, not an error
    """This machine lacks something that a measurement needs; the message says what."""


@dataclass(frozen=True)
class Measurement:
    """A name for the command line, what it is about, and the lines that it yields; `full` asks for larger sizes."""

    name: str
    about: str
    measure: Callable[[bool], Iterator[Line]]


def run(measurements: Iterable[Measurement], say: Callable[[str], object], *, full: bool = False) -> dict[str, Any]:
    """Measure all in turn. A measurement that is skipped or breaks says why, and the others go on."""
    began = time.monotonic()
    say(heading())
    found = [_run_one(measurement, say, full) for measurement in measurements]
    seconds = round(time.monotonic() - began, 1)
    say(f"\n{seconds:.0f} seconds. Ratios are of one run on one machine: compare them, not the times.")
    return {
        "shape": SHAPE,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "python": platform.python_version(),
            "system": platform.system(),
            "processor": platform.machine(),
            "cpus": os.cpu_count(),
        },
        "full": full,
        "seconds": seconds,
        "measurements": found,
    }


def _run_one(measurement: Measurement, say: Callable[[str], object], full: bool) -> dict[str, Any]:
    say(f"\n{measurement.name}: {measurement.about}")
    began, lines, problem = time.monotonic(), [], ""
    try:
        for line in measurement.measure(full):
            lines.append(line)
            say(row(line))
    except Skipped as reason:
        problem = f"skipped: {reason}"
    except Exception as error:  # one that breaks must not hide what the others found
        problem = f"broke: {type(error).__name__}: {error}"
    for words in words_below(lines):
        say(words)
    if problem:
        say(f"  {problem}")
    return {
        "name": measurement.name,
        "about": measurement.about,
        "seconds": round(time.monotonic() - began, 1),
        "problem": problem,
        "lines": [line.as_dict() for line in lines],
    }


def chosen(names: Sequence[str], measurements: Sequence[Measurement]) -> list[Measurement]:
    """The named ones in their own order, or all. Raises ValueError for a name that is none."""
    known = [measurement.name for measurement in measurements]
    if strange := [name for name in names if name not in known]:
        raise ValueError(f"There is no measurement {strange[0]!r}. Choose from: {', '.join(known)}.")
    return [measurement for measurement in measurements if not names or measurement.name in names]
