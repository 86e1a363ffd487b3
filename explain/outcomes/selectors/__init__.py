"""Reads of the room: a project's reports, and the portfolio."""

from explain.outcomes.selectors.portfolio import (
    Filters,
    Pipeline,
    Portfolio,
    Promises,
    asked,
    pipeline_of,
    portfolio_of,
    promises_of,
)
from explain.outcomes.selectors.reports import ReportRow, current_report, report_numbered, report_rows, waiting_report
from explain.outcomes.selectors.signatures import recipients_of, signatures_of

__all__ = [
    "Filters",
    "Pipeline",
    "Portfolio",
    "Promises",
    "ReportRow",
    "asked",
    "current_report",
    "pipeline_of",
    "portfolio_of",
    "promises_of",
    "recipients_of",
    "report_numbered",
    "report_rows",
    "signatures_of",
    "waiting_report",
]
