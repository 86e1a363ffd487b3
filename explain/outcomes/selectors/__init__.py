"""Reads of the room: a project's reports, and the portfolio."""

from explain.outcomes.selectors.portfolio import Portfolio, portfolio_of
from explain.outcomes.selectors.reports import ReportRow, current_report, report_numbered, report_rows, waiting_report

__all__ = [
    "Portfolio",
    "ReportRow",
    "current_report",
    "portfolio_of",
    "report_numbered",
    "report_rows",
    "waiting_report",
]
