"""Rows of the room, one file for each family."""

from lifecycle.acceptance.models.criteria import Criterion, CriterionChange
from lifecycle.acceptance.models.handoffs import ITEMS, HandOff
from lifecycle.acceptance.models.reports import ExitReport
from lifecycle.acceptance.models.signatories import Invitation, SignatoryCode, token_digest
from lifecycle.acceptance.models.verdicts import (
    Acceptance,
    AcceptanceCondition,
    AcceptanceReminder,
    CriterionResult,
)

__all__ = [
    "ITEMS",
    "Acceptance",
    "AcceptanceCondition",
    "AcceptanceReminder",
    "Criterion",
    "CriterionChange",
    "CriterionResult",
    "ExitReport",
    "HandOff",
    "Invitation",
    "SignatoryCode",
    "token_digest",
]
