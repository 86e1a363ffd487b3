"""Sheets of the links of a report: does a better model pay, and the KPI under each version of the model."""

from __future__ import annotations

from datetime import date
from typing import Any

from explain.outcomes.shown import HELD_WORDS
from foundation.web.workbook import Column, Sheet

Result = dict[str, Any]


def link_sheets(result: Result) -> list[Sheet]:
    """Two sheets, without rows where the report knows no links."""
    links = result.get("links", [])
    return [_links(links), _uses(links)]


def _links(links: list[Result]) -> Sheet:
    columns = [
        Column("Model"), Column("Metric"), Column("KPI"), Column("Unit of the KPI"), Column("Hypothesis"),
        Column("One point of the metric", "number"), Column("Expected for each point", "number"),
        Column("Seen for each point", "number"), Column("Seen from (95 %)", "number"),
        Column("Seen to (95 %)", "number"), Column("Did it hold?"), Column("Grade"), Column("Versions compared", "count"),
        Column("What may be said"),
    ]  # fmt: skip
    rows = []
    for link in links:
        low, high = link["interval"] or (None, None)
        hypothesis = link["hypothesis"] + (" (the KPI is expected to get worse)" if link["against"] else "")
        rows.append(
            [
                link["model"], link["metric"], link["kpi_name"], _unit(link), hypothesis, link["point"], link["expected"],
                link["observed"], low, high, HELD_WORDS[link["held"]], link["status"].replace("_", " "),
                sum(not use["why"] for use in link["uses"]), link["sentence"],
            ]
        )  # fmt: skip
    note = "Change of the KPI for each point more of the metric. What went together is no proof of a cause, and none of this is turned into money."
    return Sheet("Links", columns, rows, note)


def _uses(links: list[Result]) -> Sheet:
    columns = [
        Column("Metric"), Column("KPI"), Column("Version", "count"), Column("In use from", "date"),
        Column("In use to", "date"), Column("Value of the metric", "number"), Column("Mean of the KPI", "number"),
        Column("Mean from (95 %)", "number"), Column("Mean to (95 %)", "number"), Column("Unit of the KPI"),
        Column("Periods", "count"), Column("Why it does not count"),
    ]  # fmt: skip
    rows = []
    for link in links:
        for use in link["uses"]:
            low, high = use["interval"] or (None, None)
            rows.append(
                [
                    link["metric"], link["kpi_name"], use["version"], date.fromisoformat(use["first"]),
                    date.fromisoformat(use["last"]), use["metric"], use["mean"], low, high, _unit(link), use["n"],
                    use["why"],
                ]
            )  # fmt: skip
    return Sheet("KPI by version", columns, rows, "Only periods that lie wholly in the use of one version count.")


def _unit(link: Result) -> str:
    return "count" if link["unit"] == "1" else str(link["unit"])
