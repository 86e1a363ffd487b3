"""The work of the room's job."""

from __future__ import annotations

from foundation.jobs.claims import Claim
from lifecycle.signoff.services.sweeping import sweep


def run(claim: Claim) -> None:
    """Do what is due. A second delivery, or a second sweep beside this one, finds it done."""
    sweep()
