"""Parts of explanations that nobody came back for are removed: a deed of the scheduler requests one job a day.

What is given up can be tried again, and then only what is missing is computed; after two weeks its parts go, and who
tries again has it planned anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from explain.attributions.models import Explanation
from explain.attributions.parts import forget, parts_folder
from foundation.jobs.claims import Claim, work_on
from foundation.jobs.periodic import Deed
from foundation.jobs.services import request_job

log = structlog.get_logger(__name__)

SWEEP: Final = "explanation_sweep"
EVERY: Final = timedelta(days=1)
KEPT_FOR: Final = timedelta(days=14)  # since the job ended


def request_sweep(begins_at: datetime) -> None:
    """One job, however many turns were missed."""
    request_job(kind=SWEEP, args={}, actor=None, dedup_key=SWEEP)


SWEEPING: Final = Deed(SWEEP, EVERY, request_sweep)


def sweep(job_id: int) -> str:
    """Do the job of a sweep; returns what became of it."""
    return work_on(job_id, _sweep)


def _sweep(claim: Claim) -> None:
    swept = [pk for pk in _with_parts() if _forget_old(pk)]
    if swept:
        log.info("explanation_parts_removed", explanations=swept)


def _with_parts() -> Iterator[int]:
    """Keys of the explanations of which parts lie on the disk."""
    for place in (Path(settings.MEDIA_ROOT) / "explanations").glob("*/parts"):
        if place.parent.name.isdecimal():
            yield int(place.parent.name)


@transaction.atomic
def _forget_old(explanation_id: int) -> bool:
    """Remove the parts if nothing needs them. Both rows are locked meanwhile, so that nobody tries again just then."""
    # An open job has no end.
    ended = Explanation.objects.filter(pk=explanation_id, job__finished_at__lt=timezone.now() - KEPT_FOR)
    rows = ended.select_related("job").only("pk", "job__state").select_for_update(of=("self", "job"), skip_locked=True)
    if rows.first() is None:
        return False
    forget(explanation_id)
    return not parts_folder(explanation_id).exists()
