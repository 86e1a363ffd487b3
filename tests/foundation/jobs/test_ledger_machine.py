"""Whatever workers, messages and reconcilers do in whatever order: one effect a job, and an end for each."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any

import job_kinds  # noqa: F401 - registers the kind
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from foundation.jobs.claims import Claim
from foundation.jobs.leases import LeaseLost, claim, fail, put_back
from foundation.jobs.models import Job
from foundation.jobs.reconciler import reconcile
from foundation.jobs.services import cancel_job, request_job, retry_job
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.refused import Refused

ENDED = {Job.State.DONE, Job.State.FAILED, Job.State.DEAD, Job.State.CANCELLED}
picks = st.integers(0, 50)


class Ledger(RuleBasedStateMachine):
    """Some jobs, some workers that hold claims (of which some are stale), and no mercy."""

    def __init__(self) -> None:
        super().__init__()
        Notice.objects.all().delete()
        Job.objects.all().delete()
        self.person = User.objects.get_or_create(
            email="m@example.org", defaults={"name": "M", "is_administrator": True, "mail_notices": False}
        )[0]
        self.jobs: list[int] = []
        self.claims: list[Job] = []
        self.effects: dict[int, int] = {}
        self.rounds: dict[int, int] = {}

    def _job(self, pick: int) -> Job | None:
        return Job.objects.get(pk=self.jobs[pick % len(self.jobs)]) if self.jobs else None

    def _claim(self, pick: int) -> Job | None:
        return self.claims[pick % len(self.claims)] if self.claims else None

    @rule(key=st.sampled_from([None, "a", "b"]))
    def ask(self, key: str | None) -> None:
        job = request_job(kind="test_count", args={}, actor=self.person, dedup_key=key)
        if job.pk not in self.jobs:
            self.jobs.append(job.pk)

    @rule(pick=picks)
    def deliver(self, pick: int) -> None:
        job = self._job(pick)
        if job:
            held = claim(job.pk)
            if held:
                assert job.state not in ENDED
                self.claims.append(held)

    @rule(pick=picks)
    def time_passes_for(self, pick: int) -> None:
        job = self._job(pick)
        if job:
            past = timezone.now() - timedelta(seconds=1)
            Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(lease_until=past)
            Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(run_after=past)

    @rule(pick=picks)
    def store(self, pick: int) -> None:
        held = self._claim(pick)
        if held:
            try:
                with Claim(held).storing():
                    self.effects[held.pk] = self.effects.get(held.pk, 0) + 1
            except LeaseLost:
                assert Job.objects.get(pk=held.pk).lease_token != held.lease_token

    @rule(pick=picks, how=st.sampled_from(["break", "refuse"]))
    def leave(self, pick: int, how: str) -> None:
        held = self._claim(pick)
        if held:
            with contextlib.suppress(LeaseLost):
                put_back(held, error="broke") if how == "break" else fail(held, error="refused")

    @rule()
    def look(self) -> None:
        reconcile()

    @rule(pick=picks, what=st.sampled_from([retry_job, cancel_job]))
    def steer(self, pick: int, what: Any) -> None:
        job = self._job(pick)
        if job:
            try:
                what(actor=self.person, job=job)
            except Refused:
                pass
            else:
                if what is retry_job:
                    self.rounds[job.pk] = self.rounds.get(job.pk, 0) + 1

    @invariant()
    def each_job_has_at_most_one_effect_and_it_shows(self) -> None:
        for job in Job.objects.all():
            assert self.effects.get(job.pk, 0) == (1 if job.state == Job.State.DONE else 0)
            assert job.attempts <= job.max_attempts
            assert (job.finished_at is not None) == (job.state in ENDED)
            assert (job.state == Job.State.RUNNING) == bool(job.lease_token)

    @invariant()
    def one_notice_at_most_for_each_time_a_job_was_given_up(self) -> None:
        for pk in self.jobs:
            told = Notice.objects.filter(kind="job_given_up", link=f"/jobs/{pk}/").count()
            assert told <= self.rounds.get(pk, 0) + 1

    def teardown(self) -> None:
        """Left to the reconciler and one honest worker, every job ends."""
        for _ in range(4):
            past = timezone.now() - timedelta(seconds=1)
            Job.objects.filter(state=Job.State.RUNNING).update(lease_until=past)
            reconcile()
            Job.objects.filter(state=Job.State.QUEUED).update(run_after=past)
            for pk in Job.objects.filter(state=Job.State.QUEUED).values_list("pk", flat=True):
                held = claim(pk)
                if held:
                    with Claim(held).storing():
                        self.effects[pk] = self.effects.get(pk, 0) + 1
        assert not Job.objects.filter(state__in=Job.OPEN).exists()
        self.each_job_has_at_most_one_effect_and_it_shows()


class TestLedger(TestCase):
    def test_every_job_has_one_effect_and_an_end(self) -> None:
        run_state_machine_as_test(
            Ledger,
            settings=settings(
                max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
