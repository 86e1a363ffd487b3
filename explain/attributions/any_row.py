"""Any row of an explanation, read from its file of equal records without a library."""

from __future__ import annotations

import math
import struct
from pathlib import Path

from django.conf import settings

from explain.attributions.models import Explanation
from explain.attributions.summary import Row


def rows_place(values_place: Path) -> Path:
    """Where the records of the rows lie: beside the values."""
    return values_place.with_suffix(".rows")


def read_row(explanation: Explanation, row: int) -> Row | None:
    """The row (counted from 1) in the form of the kept sample; None when it is not there.

    The samples must be loaded: rows of a model that is too large for records are looked for among them.
    """
    summary = explanation.summary
    found = _record(explanation, row)
    if found is None:
        return next((kept for kept in explanation.samples["row_sample"] if kept["row"] == row), None)
    features, outputs = len(summary["features"]), len(summary["outputs"])
    parts = found[features : features * (1 + outputs)]
    return Row(
        row=row,
        values=[None if math.isnan(value) else float(f"{value:.6g}") for value in found[:features]],
        attributions=[list(parts[output::outputs]) for output in range(outputs)],
        base_values=list(summary["base_values"]),
        predictions=list(found[features * (1 + outputs) :]),
    )


def exact_values(explanation: Explanation, row: int) -> list[float | None] | None:
    """The values of the row to their last digit, in the order of the features; None where no record of it is kept."""
    found = _record(explanation, row)
    if found is None:
        return None
    return [None if math.isnan(value) else value for value in found[: len(explanation.summary["features"])]]


def _record(explanation: Explanation, row: int) -> tuple[float, ...] | None:
    numbers = int(explanation.summary.get("row_numbers", 0))
    if not numbers or not 1 <= row <= explanation.rows:
        return None
    try:
        with rows_place(Path(settings.MEDIA_ROOT) / explanation.values_file).open("rb") as file:
            file.seek((row - 1) * numbers * 8)
            return struct.unpack(f"<{numbers}d", file.read(numbers * 8))
    except (OSError, struct.error):
        return None
