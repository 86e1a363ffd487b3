"""The worker's part of a calculation: in a child process, under the same limits as over REST."""

from __future__ import annotations

from typing import Any

from explain.outcomes.calculators.child import computed
from explain.outcomes.calculators.models import Calculation
from explain.outcomes.compute.refusal import CalculationRefused
from foundation.jobs.claims import Claim, work_on


def make_calculation(job_id: int) -> str:
    """Work on the job; a second delivery finds nothing to claim."""
    return work_on(job_id, compute_and_store)


def compute_and_store(claim: Claim) -> None:
    """Store what the calculator says, a refusal too: it is an answer to whoever asked, and no fault of the job."""
    waiting = Calculation.objects.filter(pk=claim.job.args["calculation"], state=Calculation.State.WAITING)
    row = waiting.first()
    if row is None:  # forgotten, or answered by an attempt before
        return
    claim.progress(0, 1, "Computing")
    changes: dict[str, Any]
    try:
        changes = {"state": Calculation.State.DONE, "answer": computed(row.calculator, row.request.encode())}
    except CalculationRefused as refused:
        changes = {
            "state": Calculation.State.REFUSED,
            "refusal_code": refused.code[:60],
            "refusal": refused.message,
            "refusal_field": refused.field[:200],
        }
    with claim.storing():
        waiting.update(request="", **changes)
