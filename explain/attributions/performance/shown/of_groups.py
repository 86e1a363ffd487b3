"""Groups side by side: a table, a chart, and in words what differs more than chance would let it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from explain.attributions.charts.frame import Chart
from explain.attributions.dictionary import number
from explain.attributions.performance.charts.of_others import gap_text, groups
from explain.attributions.performance.costs import percent
from explain.attributions.performance.shapes import Estimate, Group, Grouping, Rate

NAMED: Final = {
    "selection": ("is flagged", "of their rows"),
    "found": ("is found", "of those to be found"),
    "false_alarms": ("is flagged by a false alarm", "of those not to be found"),
    "accuracy": ("is put in the right class", "of their rows"),
}
_HEADERS: Final = {
    "selection": "Flagged at 0.5",
    "found": "Found",
    "false_alarms": "False alarms",
    "accuracy": "In the right class",
}
MOST: Final = 3


@dataclass(frozen=True)
class Cell:
    """A figure of a group with its interval, under its header."""

    header: str
    text: str
    interval: str = ""


@dataclass(frozen=True)
class GroupRow:
    """A group as a row of the table."""

    name: str
    few: bool
    cells: list[Cell]


@dataclass(frozen=True)
class GroupTable:
    """The groups of one column."""

    key: str
    title: str
    how: str
    says: list[str]
    headers: list[str]
    rows: list[GroupRow]
    chart: Chart
    label: str


def group_table(found: Grouping, title: str) -> GroupTable:
    """The groups of a column whose name for people is `title`."""
    rows = [GroupRow(group["name"], group["few"], _cells(group)) for group in found["groups"]]
    return GroupTable(
        key="".join(sign if sign.isalnum() else "-" for sign in found["column"]),
        title=title,
        how=found["how"],
        says=_says(found),
        headers=[cell.header for cell in rows[0].cells],
        rows=rows,
        chart=groups(found, title),
        label=f"Figures of each group by {title}, with intervals; open marks have too few rows to judge",
    )


def _cells(group: Group) -> list[Cell]:
    cells = [Cell("Rows", f"{group['n']:,}")]
    cells += [_of_rate(header, group["rates"][key]) for key, header in _HEADERS.items() if key in group["rates"]]
    if "observed" in group["rates"]:
        cells += [Cell("Mean chance", percent(group["predicted"])), _of_rate("Happened", group["rates"]["observed"])]
    if group["mean_error"] is not None:
        error = group["mean_error"]
        interval = "" if error["low"] is None else f"{number(error['low'])} to {number(error['high'])}"
        cells.append(Cell("Mean error", number(error["value"]), interval))
    return cells


def _of_rate(header: str, rate: Rate) -> Cell:
    if rate["low"] is None or rate["high"] is None:
        return Cell(header, "–")
    return Cell(header, percent(rate["value"]), f"{100 * rate['low']:.1f} to {100 * rate['high']:.1f}")


def _says(found: Grouping) -> list[str]:
    """The widest differences to the largest group whose interval leaves out 0, and the groups that are too small."""
    clear: list[tuple[float, str]] = []
    reference = next(group for group in found["groups"] if group["name"] == found["reference"])
    for group in found["groups"]:
        for key, gap in group["differences"].items():
            if not group["few"] and not reference["few"] and _is_clear(gap):
                said = _sentence(group, reference, key, gap)
                if said:
                    clear.append((abs(gap["value"] or 0.0), said))
        words = _off(group)
        if words:
            clear.append((0.0, words))
    says = [said for _, said in sorted(clear, key=lambda one: -one[0])[:MOST]]
    if len(clear) > MOST:
        says.append(f"{len(clear) - MOST} more differences are in the table under the chart.")
    if not clear:
        says.append(f"No group differs from the largest one, {found['reference']}, by more than chance would let it.")
    few = [group["name"] for group in found["groups"] if group["few"]]
    if few:
        says.append(f"Too few rows to judge: {', '.join(few)}.")
    return says


def _is_clear(gap: Estimate) -> bool:
    return gap["low"] is not None and gap["high"] is not None and (gap["low"] > 0 or gap["high"] < 0)


def _sentence(group: Group, reference: Group, key: str, gap: Estimate) -> str:
    if key == "mean_error":
        side = "lower" if (gap["value"] or 0.0) > 0 else "higher"
        return (
            f"The group {group['name']} is answered {side} against its truth than {reference['name']}: the mean errors "
            f"differ by {gap_text(gap, is_share=False)}."
        )
    if key not in NAMED:
        return ""
    deed, of = NAMED[key]
    more = "more" if (gap["value"] or 0.0) > 0 else "less"
    own, other = group["rates"][key]["value"], reference["rates"][key]["value"]
    return (
        f"The group {group['name']} {deed} {more} often than {reference['name']}: {percent(own)} against {percent(other)} "
        f"{of}, a difference of {gap_text(gap, is_share=True)}."
    )


def _off(group: Group) -> str:
    """Where the mean chance of a group lies outside the interval of what happened to it."""
    rate, told = group["rates"].get("observed"), group["predicted"]
    if rate is None or told is None or group["few"] or rate["low"] is None or rate["high"] is None:
        return ""
    if rate["low"] <= told <= rate["high"]:
        return ""
    side = "high" if told > rate["high"] else "low"
    return (
        f"For the group {group['name']} the chances are told too {side}: {percent(told)} on average, and it happened in "
        f"{percent(rate['value'])}."
    )
