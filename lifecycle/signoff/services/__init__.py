"""Deeds of sign-off, one file for each family."""

from lifecycle.signoff.services.deciding import decide
from lifecycle.signoff.services.returning import go_back
from lifecycle.signoff.services.staleness import on_entry
from lifecycle.signoff.services.submitting import submit_round, withdraw_round
from lifecycle.signoff.services.taking_back import withdraw_decision

__all__ = ["decide", "go_back", "on_entry", "submit_round", "withdraw_decision", "withdraw_round"]
