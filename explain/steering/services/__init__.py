"""Deeds on proposals: propose, decide with a signature, take back; and what overtakes them."""

from explain.steering.services.deciding import decide_proposal
from explain.steering.services.ending import on_entry, withdraw_proposal
from explain.steering.services.proposing import KIND, propose

__all__ = ["KIND", "decide_proposal", "on_entry", "propose", "withdraw_proposal"]
