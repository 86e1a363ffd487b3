"""What the page says about how well a model answers, from the stored figures; plain data in and out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from explain.attributions.dictionary import Dictionary, label_with_unit
from explain.attributions.performance.shapes import Performance
from explain.attributions.performance.shown.of_groups import group_table
from explain.attributions.performance.shown.of_others import told_of_classes, told_of_numbers
from explain.attributions.performance.shown.of_two import told_of_two
from explain.attributions.performance.shown.shapes import Asked, Told

__all__ = ["Asked", "Told", "told", "why_not"]
FEW_ROWS: Final = 200
NO_TARGET: Final = (
    "The data name no column with the outcome, so nobody can say how often the model is right. Upload the rows with their "
    "known outcomes, and name that column as the target."
)

BEFORE: Final = (
    "This explanation was computed before the portal held answers against outcomes. Explain the same model and rows again "
    "to see how well it answers."
)


def told(summary: Mapping[str, Any], dictionary: Dictionary, *, has_target: bool, currency: str, asked: Asked) -> Told:
    """All that the page says about the answers of the model."""
    found = cast(Performance | None, summary.get("performance"))
    if found is None:
        again = "performance" not in summary and has_target
        return Told(why=why_not(summary, is_done=True, has_target=has_target), again=again)
    common: dict[str, Any] = {
        "rows": _rows(found),
        "rows_short": f"{found['n']:,} rows",
        "cautions": _cautions(found),
        "groups": [group_table(one, label_with_unit(one["column"], dictionary)) for one in found["groupings"]],
        "groups_why": found["groupings_why"],
    }
    if found["binary"] is not None:
        return told_of_two(found["binary"], found["n"], currency, asked, common)
    if found["classes"] is not None:
        return told_of_classes(found["classes"], common)
    assert found["numbers"] is not None
    return told_of_numbers(found["numbers"], common)


def why_not(summary: Mapping[str, Any], *, is_done: bool, has_target: bool) -> str:
    """Why an explanation says nothing about the answers; empty where it does, and before it is done."""
    if "performance" in summary or not is_done:
        return str(summary.get("performance_why", ""))
    return BEFORE if has_target else NO_TARGET


def _rows(found: Performance) -> str:
    left = f"; {found['left_out']:,} without one are left out" if found["left_out"] else ""
    return f"{found['n']:,} rows with a known outcome in {found['target']}{left}"


def _cautions(found: Performance) -> list[str]:
    said = [
        "If the model was trained on these rows, it looks better here than it is on new cases. Hold it against rows that it "
        "has not seen."
    ]
    if found["n"] < FEW_ROWS:
        said.append(
            f"Only {found['n']:,} rows have a known outcome, so all these figures are rough: look at the intervals."
        )
    return said
