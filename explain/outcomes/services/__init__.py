"""Deeds on outcome reports: ask for one, sign its figures, send one each month."""

from explain.outcomes.services.asking import KIND, LARGEST_SEED, close_unfinished, report_given_up, request_report
from explain.outcomes.services.monthly import MONTHLY, request_monthly_reports
from explain.outcomes.services.recipients import add_recipient, remove_recipient
from explain.outcomes.services.verifying import verify_report, withdraw_verification

__all__ = [
    "KIND",
    "LARGEST_SEED",
    "MONTHLY",
    "add_recipient",
    "close_unfinished",
    "remove_recipient",
    "report_given_up",
    "request_monthly_reports",
    "request_report",
    "verify_report",
    "withdraw_verification",
]
