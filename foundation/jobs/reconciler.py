"""Finding work that got lost: the ledger's rows against what workers and broker still know."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from foundation.jobs.kinds import all_kinds
from foundation.jobs.leases import requeue_or_give_up
from foundation.jobs.models import Job
from foundation.jobs.parts import lock_parent, unwoken, wake
from foundation.jobs.services import broker_may_be_tried, publish

log = structlog.get_logger(__name__)

AT_ONCE = 500
LONGEST_WAIT = timedelta(minutes=5)


def reconcile(*, nobody_works: bool = False) -> dict[str, int]:
    """Publish what is queued and old; queue again, or give up, what runs with its lease over; wake what rests for no part.

    `nobody_works`: the caller knows that no worker is alive (a start of the one-machine portal), so every running
    job lost its worker. Returns counts: published, requeued, given_up. Safe to run twice at once: each row is
    locked and looked at again.
    """
    now = timezone.now()
    counts = {"published": 0, "requeued": 0, "given_up": 0}
    running = Job.objects.filter(state=Job.State.RUNNING)
    lapsed = running if nobody_works else running.lapsed(now)
    for pk in list(lapsed.order_by("lease_until").values_list("pk", flat=True)[:AT_ONCE]):
        try:
            outcome = _bring_back(pk, nobody_works=nobody_works)
        except Exception as error:  # one row that resists must not keep the others waiting
            log.error("job_not_reconciled", job=pk, error=repr(error))
            continue
        if outcome:
            counts[outcome] += 1
    for parent in unwoken()[:AT_ONCE]:
        wake(parent)
    for pk in _to_publish(now):
        if publish(pk):
            counts["published"] += 1
        elif not broker_may_be_tried():
            break  # the broker is away: the next round tries again
    return counts


@transaction.atomic
def _bring_back(pk: int, *, nobody_works: bool) -> str:
    lock_parent(Job.objects.get(pk=pk))
    rows = Job.objects.select_for_update().filter(pk=pk, state=Job.State.RUNNING)
    row = (rows if nobody_works else rows.lapsed(timezone.now())).first()
    if row is None:
        return ""
    requeue_or_give_up(row, error="The worker stopped without finishing this job.", wait=timedelta(0))
    return "given_up" if row.state == Job.State.DEAD else "requeued"


def _to_publish(now: datetime) -> list[int]:
    """Queued and due rows whose message may be lost.

    The pause between two messages of one row doubles, up to five minutes: a long queue is not filled with copies.
    """
    least = timedelta(seconds=max(1, settings.RECONCILE_SECONDS))
    due = (
        Job.objects.filter(state=Job.State.QUEUED, run_after__lte=now, kind__in=[kind.name for kind in all_kinds()])
        .order_by("run_after")
        .values_list("pk", "run_after", "published_at")
    )
    found: list[int] = []
    for pk, run_after, published_at in due.iterator():
        if published_at is None or now - published_at > min(LONGEST_WAIT, max(least, published_at - run_after)):
            found.append(pk)
            if len(found) == AT_ONCE:
                break
    return found
