"""Reads of business cases."""

from explain.cases.selectors.cases import case_numbered, latest_case, promises_of, scenarios_of, versions_of
from explain.cases.selectors.comparison import Comparison, compared
from explain.cases.selectors.deliverables import structured_deliverables

__all__ = [
    "Comparison",
    "case_numbered",
    "compared",
    "latest_case",
    "promises_of",
    "scenarios_of",
    "structured_deliverables",
    "versions_of",
]
