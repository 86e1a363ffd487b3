"""The exit report as PDF. Words reach the typesetter as data, never as markup: they cannot become commands."""

from __future__ import annotations

from typing import Any

from foundation.web.formats import day_text
from foundation.web.markdown_parts import markdown_parts
from foundation.web.pdf import compile
from lifecycle.acceptance.models import ExitReport

TEMPLATE = "lifecycle/acceptance/exit_report.typ"


def pdf_of(report: ExitReport, *, for_customer: bool) -> bytes:
    """A tagged PDF. `for_customer`: without the internal parts. The same version gives the same bytes."""
    return compile(TEMPLATE, words_of(report, for_customer=for_customer), at=report.issued_at or report.edited_at)


def words_of(report: ExitReport, *, for_customer: bool) -> dict[str, Any]:
    """All that the PDF shows, as plain JSON."""
    day = report.issued_at or report.edited_at
    return {
        "title": f"{report.name}: {report.project.name}",
        "version": f"Version {report.number}" + ("" if report.issued_at else " (draft)"),
        "day": day_text(day.date()),
        "question": report.project.question,
        "notice": "" if for_customer else "With internal parts: not for the customer.",
        "fingerprint": (report.customer_digest if for_customer else report.digest) or "not issued yet",
        "sections": [
            {
                "title": part["title"],
                "level": part["level"],
                "internal": part["internal"],
                "words": markdown_parts(part["text"]),
                "not_applicable": part["not_applicable"],
            }
            for part in report.parts(for_customer=for_customer)
        ],
    }
