"""Rows of sign-off, one file for each family."""

from lifecycle.signoff.models.findings import Condition, ConditionEvent, Feedback
from lifecycle.signoff.models.policies import PolicyVersion, Waiver
from lifecycle.signoff.models.rounds import Decision, Round, RoundQuerySet
from lifecycle.signoff.models.signatures import Signature

__all__ = [
    "Condition",
    "ConditionEvent",
    "Decision",
    "Feedback",
    "PolicyVersion",
    "Round",
    "RoundQuerySet",
    "Signature",
    "Waiver",
]
