"""Large work in parts: jobs of their own that several workers share. The job that asked for them rests until they end.

A job that rests is queued without a lease and due never. The part that ends last wakes it, in the transaction that ends
the part and with the row of the job locked: of two parts that end at once, the second sees the end of the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from foundation.jobs.kinds import kind_named
from foundation.jobs.models import RESTING, Job
from foundation.jobs.services import publish_after_commit


@dataclass(frozen=True)
class Part:
    """One part to ask for: the arguments of its job, and how many units of work it has."""

    args: dict[str, Any]
    units: int


@transaction.atomic
def request_parts(job: Job, *, kind: str, parts: Sequence[Part], step: str) -> bool:
    """Write the jobs of the parts and let `job`, which is held, rest. False: it is held no longer; nothing was written.

    Parts of an earlier plan go. The first plan costs no attempt; a further one does, so that planning has an end.
    """
    if not parts:
        raise ValueError("Work without parts would rest for ever.")
    row = Job.objects.select_for_update().held_by(job).first()
    if row is None:
        return False
    again, _ = Job.objects.filter(parent=row).delete()
    described = kind_named(kind)
    made = Job.objects.bulk_create(
        Job(
            kind=kind,
            parent=row,
            args=part.args,
            all_units=part.units,
            max_attempts=described.max_attempts,
            created_by_id=row.created_by_id,
            project_id=row.project_id,
            request_id=row.request_id,
        )
        for part in parts
    )
    _rest(row, step, of=sum(part.units for part in parts), spent=bool(again))
    for part in made:
        publish_after_commit(part.pk)
    return True


@transaction.atomic
def resume_parts(job: Job, *, step: str) -> bool:
    """Let the parts go on that rest since `job`, which is held, was started again. False: it is held no longer."""
    row = Job.objects.select_for_update().held_by(job).first()
    if row is None:
        return False
    waiting = Job.objects.filter(parent=row, state=Job.State.QUEUED, run_after=RESTING)
    released = list(waiting.order_by("pk").values_list("pk", flat=True))
    if not released:
        raise ValueError("No part waits to go on.")
    waiting.update(run_after=timezone.now())
    _rest(row, step, of=sum(row.parts.values_list("all_units", flat=True)), spent=False)
    for pk in released:
        publish_after_commit(pk)
    return True


def _rest(row: Job, step: str, *, of: int, spent: bool) -> None:
    if spent and row.attempts >= row.max_attempts:
        raise RuntimeError("The parts of this work had to be planned anew too often.")
    row.state, row.run_after, row.lease_token, row.lease_until = Job.State.QUEUED, RESTING, "", None
    row.step, row.done_units, row.all_units, row.published_at = step[:200], 0, of, None
    row.attempts -= 0 if spent else 1
    row.save()


def lock_parent(job: Job) -> None:
    """Lock the job of which this is a part, before the part itself is: the order in a family, so nobody waits in a ring."""
    if job.parent_id is not None:
        Job.objects.select_for_update().filter(pk=job.parent_id).values_list("pk", flat=True).first()


def part_ended(part: Job, state: str) -> None:
    """Wake the parent when no part is open any more, or at once, without the others, when one came to a bad end.

    In the transaction that ended the part, after `lock_parent`. A job that is no part has nobody to wake.
    """
    if part.parent_id is None:
        return
    parent = Job.objects.get(pk=part.parent_id)
    if state in (Job.State.FAILED, Job.State.DEAD):
        Job.objects.open_parts_of(parent).cancel()
    elif Job.objects.open_parts_of(parent).exists():
        return
    wake(parent)


def wake(parent: Job) -> None:
    """Queue a job again that rests; its id is published after commit."""
    resting = Job.objects.filter(pk=parent.pk, state=Job.State.QUEUED, run_after=RESTING)
    with transaction.atomic():
        if resting.update(run_after=timezone.now(), step="", done_units=0, published_at=None):
            publish_after_commit(parent.pk)


def unwoken() -> QuerySet[Job]:
    """Jobs that rest although no part of theirs is open."""
    at_work = Job.objects.filter(parent=OuterRef("pk"), state__in=Job.OPEN)
    return Job.objects.filter(~Exists(at_work), parent=None, state=Job.State.QUEUED, run_after=RESTING)


def bad_end(job: Job) -> Job | None:
    """The part that was refused or given up, if one was."""
    return job.parts.filter(state__in=(Job.State.FAILED, Job.State.DEAD)).order_by("pk").first()
