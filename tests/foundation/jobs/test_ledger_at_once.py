"""Many at once, on a database with real locks: one claim, one end, one notice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from foundation.jobs.claims import Claim
from foundation.jobs.leases import LeaseLost, claim
from foundation.jobs.models import Job
from foundation.jobs.reconciler import reconcile
from foundation.jobs.services import request_job
from foundation.notices.models import Notice

Ask = Callable[..., Job]
AT_ONCE = 6


def at_once(deed: Callable[[], Any]) -> list[Any]:
    """What each of several threads got, all let go at the same moment."""
    gate = Barrier(AT_ONCE)

    def one(_: int) -> Any:
        try:
            gate.wait()
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(one, range(AT_ONCE)))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_who_claim_one_job_one_gets_it(ask: Ask) -> None:
    for _ in range(5):
        job = ask()
        held = at_once(lambda job=job: claim(job.pk))
        assert len([one for one in held if one]) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_who_ask_for_the_same_work_all_get_one_job(ask: Ask) -> None:
    person = ask().created_by
    jobs = at_once(lambda: request_job(kind="test_count", args={}, actor=person, dedup_key="same"))
    assert len({job.pk for job in jobs}) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_reconcilers_at_once_give_up_once_and_tell_once(ask: Ask) -> None:
    job = ask(attempts=2)
    assert claim(job.pk)
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert sum(counts["given_up"] for counts in at_once(reconcile)) == 1
    assert Notice.objects.filter(kind="job_given_up").count() == 1


@pytest.mark.django_db
def test_a_clock_that_jumps_two_hours_costs_an_attempt_and_doubles_no_effect(ask: Ask) -> None:
    job = ask()
    first = claim(job.pk)
    assert first
    effects: list[str] = []
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        assert reconcile()["requeued"] == 1
        second = claim(job.pk)
        assert second
        with Claim(second).storing():
            effects.append("second")
    with pytest.raises(LeaseLost), Claim(first).storing():
        effects.append("first")
    assert effects == ["second"]
