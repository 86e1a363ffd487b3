"""What is asked of the effect calculator: its JSON read field by field, refused by name where it is not sound."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, cast

import numpy as np

from explain.outcomes.compute.ar1 import Floats
from explain.outcomes.compute.grid import Grid, laid_out
from explain.outcomes.compute.methods.series import Groups, Series
from explain.outcomes.compute.reading import (
    MOST_SEED,
    read_choice,
    read_confidence,
    read_flag,
    read_statistic,
    read_whole,
)
from explain.outcomes.compute.refusal import CalculationRefused
from explain.outcomes.compute.statement import Direction

Method = Literal["auto", "randomised", "level", "its", "did", "structural"]

MOST_VALUES = 10_000
MOST_CONTROLS = 100
MOST_FIGURES = 200_000  # of all controls together
LARGEST_COUNT = 1e15
SEASONS = (7, 12, 52)
GROUPS = ("treated", "control")
METHODS = ("auto", "level", "its", "did", "structural", "randomised")


@dataclass(frozen=True, slots=True)
class Question:
    """A request that has been read and found sound."""

    series: Series
    direction: Direction
    method: Method
    counts: bool
    grid: Grid | None
    unit: str

    @property
    def post_days(self) -> float | None:
        """Days after the ramp, of a daily series."""
        if self.grid is None or self.grid.days_in_week is None:
            return None
        return self.series.post.size * 7 / self.grid.days_in_week


def read_question(request: Mapping[str, Any]) -> Question:
    """Raises CalculationRefused, naming the field at fault."""
    values = _column(request.get("values"), "values", None)
    grid = _grid(request.get("dates"), values.size)
    counts = read_flag(request, "counts")
    exposure = None
    if request.get("exposure") is not None:
        if not counts:
            raise CalculationRefused(
                "exposure_without_counts", "An exposure belongs to counts: set counts to true.", "exposure"
            )
        exposure = _column(request["exposure"], "exposure", values.size)
        if not np.isfinite(exposure).any() or (exposure[np.isfinite(exposure)] <= 0).any():
            raise CalculationRefused("exposure_not_positive", "Each exposure must be above zero.", "exposure")
    if counts and ((values < 0) | (values > LARGEST_COUNT)).any():
        raise CalculationRefused("not_a_count", f"Counts lie between 0 and {LARGEST_COUNT:.0e}.", "values")
    controls = _controls(request.get("controls"), values.size)
    method = cast(Method, read_choice(request, "method", METHODS))
    if method == "did" and not len(controls):
        raise CalculationRefused("missing", "Difference in differences needs a control series.", "controls")
    groups = _groups(request.get("groups"), values.size, grid)
    if method == "randomised" and groups is None:
        raise CalculationRefused("missing", "The randomised method needs the series of both groups.", "groups")
    if counts and method in ("did", "structural", "randomised"):
        raise CalculationRefused("method_without_counts", "Counts are answered by level or its only.", "method")
    go_live = _go_live(request.get("go_live"), values.size, grid)
    season = request.get("season")
    if season is not None and (isinstance(season, bool) or season not in SEASONS):
        raise CalculationRefused("unknown_choice", "A season is 7, 12, 52, or null for none.", "season")
    unit = request.get("unit", "")
    if not isinstance(unit, str) or len(unit) > 40:
        raise CalculationRefused("not_text", 'A unit is a short text, such as "minutes".', "unit")
    series = Series(
        y=_spread(values, grid),
        go_live=go_live,
        ramp=read_whole(request, "ramp", 0, MOST_VALUES, 0),
        season=None if season is None else int(season),
        confidence=read_confidence(request),
        controls=np.array([_spread(row, grid) for row in controls]).reshape(len(controls), -1)
        if len(controls)
        else np.empty((0, values.size if grid is None else len(grid.labels))),
        exposure=None if exposure is None else _spread(exposure, grid),
        groups=groups,
        seed=read_whole(request, "seed", 0, MOST_SEED, 0),
    )
    direction = cast(Direction, read_choice(request, "direction", ("increase", "decrease")))
    return Question(series, direction, method, counts, grid, unit)


def _column(given: object, field: str, length: int | None) -> Floats:
    """Numbers with null for a missing period."""
    if given is None:
        raise CalculationRefused("missing", "A list of numbers is needed, null for a missing period.", field)
    if not isinstance(given, list | tuple):
        raise CalculationRefused("not_a_list", "A list of numbers is needed, null for a missing period.", field)
    if length is not None and len(given) != length:
        raise CalculationRefused("unlike_lengths", f"As many figures as values are needed: {length}.", field)
    if not given:
        raise CalculationRefused("missing", "At least one period is needed.", field)
    if len(given) > MOST_VALUES:
        raise CalculationRefused("too_many", f"At most {MOST_VALUES:,} periods can be computed with.", field)
    return np.array(
        [math.nan if value is None else read_statistic(value, f"{field}[{place}]") for place, value in enumerate(given)]
    )


def _controls(given: object, length: int) -> list[Floats]:
    if given is None:
        return []
    if not isinstance(given, list | tuple):
        raise CalculationRefused("not_a_list", "Controls are a list of series, each as long as the values.", "controls")
    if len(given) > MOST_CONTROLS or len(given) * length > MOST_FIGURES:
        raise CalculationRefused(
            "too_many", f"At most {MOST_CONTROLS} controls with {MOST_FIGURES:,} figures together can be computed with.",
            "controls",
        )  # fmt: skip
    return [_column(row, f"controls[{place}]", length) for place, row in enumerate(given)]


def _groups(given: object, length: int, grid: Grid | None) -> Groups | None:
    """Units that got the change and units that did not, each a series as long as the values."""
    if given is None:
        return None
    if not isinstance(given, Mapping) or any(not isinstance(given.get(side), list | tuple) for side in GROUPS):
        raise CalculationRefused(
            "not_groups", "Groups name treated and control, each a list of series, one for each unit.", "groups"
        )
    sides = [given[side] for side in GROUPS]
    units = sum(len(side) for side in sides)
    if units > MOST_CONTROLS or units * length > MOST_FIGURES:
        raise CalculationRefused(
            "too_many", f"At most {MOST_CONTROLS} units with {MOST_FIGURES:,} figures together can be computed with.",
            "groups",
        )  # fmt: skip
    width = length if grid is None else len(grid.labels)
    treated, held = (
        np.array(
            [
                _spread(_column(row, f"groups.{name}[{place}]", length), grid)
                for place, row in enumerate(side)
            ]
        ).reshape(len(side), width)
        for name, side in zip(GROUPS, sides, strict=True)
    )  # fmt: skip
    return Groups(treated, held)


def _grid(given: object, length: int) -> Grid | None:
    if given is None:
        return None
    if not isinstance(given, list | tuple) or len(given) != length:
        raise CalculationRefused("unlike_lengths", "One date for each value is needed.", "dates")
    days = [_day(text, f"dates[{place}]") for place, text in enumerate(given)]
    for place in range(1, len(days)):
        if days[place] == days[place - 1]:
            raise CalculationRefused("duplicate_date", "Each date may stand once.", f"dates[{place}]")
        if days[place] < days[place - 1]:
            raise CalculationRefused("dates_not_in_order", "Dates run from the oldest on.", f"dates[{place}]")
    return laid_out(days)


def _day(text: object, field: str) -> date:
    try:
        if isinstance(text, str):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise CalculationRefused("not_a_date", 'Write dates as text, such as "2026-01-31".', field)


def _go_live(given: object, length: int, grid: Grid | None) -> int:
    if given is None:
        raise CalculationRefused(
            "missing", "Say when the change went live: an index of the values, or a date.", "go_live"
        )
    if isinstance(given, str):
        day = _day(given, "go_live")
        if grid is None:
            raise CalculationRefused(
                "go_live_without_dates", "A date of go-live needs the dates of the values.", "go_live"
            )
        return grid.place_of(day)
    if isinstance(given, bool) or not isinstance(given, int):
        raise CalculationRefused("not_a_whole_number", "Go-live is an index of the values, or a date.", "go_live")
    if not 0 <= given <= length:
        raise CalculationRefused("out_of_range", f"Go-live lies between 0 and {length}.", "go_live")
    if grid is None:
        return given
    return grid.places[given] if given < length else len(grid.labels)


def _spread(column: Floats | Sequence[float], grid: Grid | None) -> Floats:
    """The column on its grid, NaN in the gaps."""
    if grid is None:
        return np.asarray(column, dtype=np.float64)
    whole = np.full(len(grid.labels), math.nan)
    whole[grid.places] = column
    return whole
