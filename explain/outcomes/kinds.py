"""What the room makes known when the app starts: its job and its kind of evidence."""

from __future__ import annotations

from explain.outcomes.evidence import OUTCOME_REPORT
from explain.outcomes.services import KIND, report_given_up
from foundation.jobs.kinds import Kind, register
from lifecycle.signoff import evidence


def register_kinds() -> None:
    """Called once, from the floor's app."""
    register(
        Kind(
            KIND,
            "Compute an outcome report",
            task="outcomes.make_report",
            queue="reports",
            on_given_up=report_given_up,
        )
    )
    evidence.register(OUTCOME_REPORT)
