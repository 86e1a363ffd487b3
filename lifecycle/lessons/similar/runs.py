"""The work of the room's job: compare a case with all others."""

from __future__ import annotations

from foundation.jobs.claims import Claim, work_on
from lifecycle.lessons.similar.services import compare_with_all


def compare_case(job_id: int) -> str:
    """Work on the job."""
    return work_on(job_id, compare)


def compare(claim: Claim) -> None:
    """Write the pairs behind the fence."""
    with claim.storing():
        compare_with_all(claim.job.args["postmortem"])
