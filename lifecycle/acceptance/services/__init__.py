"""Deeds on criteria and acceptances, one file for each family."""

from lifecycle.acceptance.services.criteria import set_criterion, withdraw_criterion
from lifecycle.acceptance.services.deciding import Condition, decide_acceptance
from lifecycle.acceptance.services.preparing import (
    judge_criterion,
    offer_acceptance,
    open_acceptance,
    withdraw_acceptance,
)

__all__ = [
    "Condition",
    "decide_acceptance",
    "judge_criterion",
    "offer_acceptance",
    "open_acceptance",
    "set_criterion",
    "withdraw_acceptance",
    "withdraw_criterion",
]
