"""Parts that end at once, on a database with real locks: one wakes the whole, and nobody waits in a ring."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from foundation.jobs.claims import Claim, work_on
from foundation.jobs.leases import LeaseLost, claim, fail
from foundation.jobs.models import Job
from foundation.jobs.parts import Part
from foundation.jobs.services import cancel_job

Ask = Callable[..., Job]
AT_ONCE = 6
pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def at_once(deeds: list[Callable[[], Any]]) -> list[Any]:
    """What each deed gave, all let go at the same moment in threads of their own."""
    gate = Barrier(len(deeds))

    def one(deed: Callable[[], Any]) -> Any:
        try:
            gate.wait()
            return deed()
        except LeaseLost:
            return "lost"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(one, deeds))


def split(ask: Ask) -> tuple[Job, list[Job]]:
    """A job that rests, and all of its parts in hand."""
    whole = ask()
    parts = [Part({}, 1)] * AT_ONCE
    assert work_on(whole.pk, lambda held: held.hand_out(kind="test_part", parts=parts, step="counting")) == "rests"
    held = [claim(part.pk) for part in whole.parts.all()]
    return whole, [job for job in held if job]


def store(job: Job) -> str:
    with Claim(job).storing():
        pass
    return "stored"


def test_of_parts_that_end_at_once_the_last_wakes_the_whole_once(ask: Ask, published: list[Any]) -> None:
    for _ in range(8):
        whole, held = split(ask)
        published.clear()
        assert at_once([lambda job=job: store(job) for job in held]) == ["stored"] * AT_ONCE
        assert not Job.objects.get(pk=whole.pk).rests
        assert published == [("tests.count", [whole.pk])]
        assert claim(whole.pk)


def test_a_refusal_beside_parts_that_end_leaves_none_open(ask: Ask, published: list[Any]) -> None:
    for _ in range(8):
        whole, (first, *others) = split(ask)
        published.clear()
        found = at_once(
            [lambda job=first: fail(job, error="no", code="x"), *[lambda job=job: store(job) for job in others]]
        )
        assert set(found[1:]) <= {"stored", "lost"}
        states = [part.state for part in whole.parts.all()]
        assert states.count("failed") == 1
        assert found.count("stored") == states.count("done")
        assert set(states) <= {"failed", "done", "cancelled"}
        assert published == [("tests.count", [whole.pk])]


def test_cancelling_beside_parts_that_end_leaves_all_ended(ask: Ask) -> None:
    for _ in range(8):
        whole, held = split(ask)
        found = at_once(
            [lambda job=whole: cancel_job(actor=job.created_by, job=job), *[lambda job=job: store(job) for job in held]]
        )
        states = [part.state for part in whole.parts.all()]
        assert found.count("stored") == states.count("done")
        assert set(states) <= {"done", "cancelled"}
        assert not Job.objects.get(pk=whole.pk).rests
