"""What the room makes known when the app starts."""

from __future__ import annotations

from explain.outcomes import beside
from explain.steering.models import Proposal
from explain.steering.selectors import current_outlook, open_lines, open_proposals, proposals_of
from explain.steering.services import KIND, on_entry
from foundation.audit.services import listen
from foundation.web.formats import day_text, money_text
from lifecycle.dossier.parts import Part, Seal, register
from lifecycle.projects.models import Project

SHOWN, OPEN_SHOWN = 3, 10


def course_beside(project: Project) -> beside.Section | None:
    """What the figures suggest and the newest proposals, for the pages of the value. Two queries."""
    outlook, rows = current_outlook(project), proposals_of(project)
    if outlook is None and not rows:
        return None
    return beside.Section(
        "explain/steering/beside.html",
        {"outlook": outlook, "rows": rows[:SHOWN], "count": len(rows)},
        tuple(_told(row) for row in rows if row.is_open),
    )


def _told(row: Proposal) -> tuple[str, str]:
    """An open proposal in two phrases."""
    money = "" if row.amount is None else f", {money_text(row.amount, row.currency)}"
    return (
        f"Open proposal {row.number}: {row.get_what_display()}{money}",
        f"Made by {row.proposed_by.name} on {day_text(row.proposed_at.date())} on report {row.report.number}; a sponsor "
        f"decides. {row.reasons}",
    )


def open_beside(looked: beside.Looked) -> beside.Section | None:
    """Open proposals for the portfolio, those that wait longest. One query."""
    rows = list(open_proposals(looked.person, looked.projects)[:OPEN_SHOWN])
    if not rows:
        return None
    count: int = rows[0].of_all  # type: ignore[attr-defined]  # annotated
    context = {"rows": open_lines(rows), "count": count, "has_more": count > len(rows), "query": looked.query}
    return beside.Section("explain/steering/open_beside.html", context)


def register_kinds() -> None:
    """Called once, from the floor's app."""
    beside.register(course_beside)
    beside.register_of_portfolio(open_beside)
    listen(on_entry)
    seals = (Seal("content", "content_hash"),)
    register(Part("proposals", "proposal", Proposal, "project", seals=seals, signed_as=KIND))
