"""The work of the room's jobs. A second delivery finds it done."""

from __future__ import annotations

from foundation.jobs.claims import Claim
from lifecycle.postmortems.services.triggering import open_for_entry
from lifecycle.postmortems.services.watching import watch


def open_one(claim: Claim) -> None:
    """Open the post-mortem that an entry of the trail asks for."""
    open_for_entry(int(claim.job.args["entry"]))


def watch_kpis(claim: Claim) -> None:
    """Open post-mortems for KPIs that miss their targets."""
    watch()
