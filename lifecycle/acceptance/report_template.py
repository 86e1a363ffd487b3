"""Sections of the exit report: from the methodology's template, with the parts that stay inside marked."""

from __future__ import annotations

import re
from typing import Any

from lifecycle.methodologies.models import Methodology

# Templates that are an exit report, in the order in which they are looked for, with the name of the report.
_NAMES = {"exit_report": "Exit report", "final_report": "Final report"}
# For a methodology whose report has no template: what a final report of CRISP-DM sums up.
_PLAIN: dict[str, Any] = {
    "sections": [
        "Summary", "Business background and objectives", "Success criteria and results", "Process and data",
        "Models and evaluation", "Deployment, monitoring and maintenance", "Deviations from the plan",
        "Costs and benefits", "Recommendations for later work", "Links and appendix",
    ],
    "subsections": {
        "Costs and benefits": ["Benefit for us", "Benefit for the customer"],
        "Deviations from the plan": ["What we learnt about the project"],
    },
    "internal_only_subsections": ["Benefit for us", "What we learnt about the project"],
}  # fmt: skip


def report_of(methodology: Methodology) -> tuple[str, list[dict[str, Any]]]:
    """The report's name and its empty sections. Each: key, title, level (1, 2), internal, text, not_applicable."""
    templates = methodology.content.get("artifact_templates") or {}
    key = next((key for key in _NAMES if (templates.get(key) or {}).get("sections")), "")
    if key:
        return _NAMES[key], _sections(templates[key])
    outputs = str(methodology.content)
    return _NAMES["exit_report" if "exit_report" in outputs else "final_report"], _sections(_PLAIN)


def _sections(template: dict[str, Any]) -> list[dict[str, Any]]:
    under: dict[str, list[str]] = template.get("subsections") or {}
    internal = {
        str(title)
        for field in ("internal_only_subsections", "internal_only_sections")
        for title in template.get(field) or ()
    }
    found: list[dict[str, Any]] = []
    for title in template["sections"]:
        found.append(_section(str(title), 1, str(title) in internal, found))
        found += [
            _section(str(below), 2, str(below) in internal or str(title) in internal, found)
            for below in under.get(title) or ()
        ]
    return found


def _section(title: str, level: int, internal: bool, before: list[dict[str, Any]]) -> dict[str, Any]:
    base = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")[:50] or "section"
    key, number = base, 1
    while any(section["key"] == key for section in before):
        number += 1
        key = f"{base}_{number}"
    return {
        "key": key, "title": title, "level": level, "internal": internal, "text": "", "not_applicable": "",
    }  # fmt: skip
