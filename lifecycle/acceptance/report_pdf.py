"""The exit report as PDF. Words reach the typesetter as data (JSON), never as markup: they cannot become commands."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from foundation.web.formats import day_text
from lifecycle.acceptance.models import ExitReport

_MARKUP = Path(__file__).with_name("exit_report.typ")


@cache
def _markup() -> bytes:
    return _MARKUP.read_bytes()


def pdf_of(report: ExitReport, *, for_customer: bool) -> bytes:
    """A tagged PDF (some 16 ms for each page). `for_customer`: without the internal parts."""
    import typst  # heavy: loaded where it sets, so that no page waits for it

    data = json.dumps(words_of(report, for_customer=for_customer))
    made: bytes = typst.compile(_markup(), format="pdf", sys_inputs={"data": data})
    return made


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
                "paragraphs": [line for line in part["text"].split("\n") if line.strip()],
                "not_applicable": part["not_applicable"],
            }
            for part in report.parts(for_customer=for_customer)
        ],
    }
