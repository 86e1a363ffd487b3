"""Whatever becomes of the parts of a job in whatever order: the job rests only for parts that will wake it, and ends."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from typing import Any

import job_kinds  # noqa: F401 - registers the kinds
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from foundation.jobs.claims import Claim, GivenUp, work_on
from foundation.jobs.leases import LeaseLost, claim, fail, put_back
from foundation.jobs.models import Job
from foundation.jobs.parts import Part, bad_end
from foundation.jobs.reconciler import reconcile
from foundation.jobs.services import cancel_job, request_job, retry_job
from foundation.people.models import User
from foundation.web.refused import Refused

PARTS = 3
ENDED = {Job.State.DONE, Job.State.FAILED, Job.State.DEAD, Job.State.CANCELLED}
BAD = {Job.State.FAILED, Job.State.DEAD}
picks = st.integers(0, 20)


def run(held: Claim) -> None:
    """As a room does it: plan, go on with what is left, follow a part's bad end, or join the parts."""
    parts = list(held.job.parts.all())
    bad = bad_end(held.job)
    if bad is not None:
        raise GivenUp(bad.error) if bad.state == Job.State.DEAD else Refused(bad.error, code=bad.error_code)
    if not parts:
        held.hand_out(kind="test_part", parts=[Part({}, 1)] * PARTS, step="counting")
    elif any(part.state != Job.State.DONE for part in parts):
        held.resume("counting")
    else:
        with held.storing():
            pass


class Family(RuleBasedStateMachine):
    """One job, its parts, workers that hold some of them, and no mercy."""

    def __init__(self) -> None:
        super().__init__()
        Job.objects.all().delete()
        self.person = User.objects.get_or_create(
            email="p@example.org", defaults={"name": "P", "is_administrator": True, "mail_notices": False}
        )[0]
        self.whole = request_job(kind="test_count", args={}, actor=self.person)
        self.claims: list[Job] = []
        self.effects: dict[int, int] = {}

    def now(self) -> Job:
        return Job.objects.get(pk=self.whole.pk)

    def parts(self) -> list[Job]:
        return list(self.whole.parts.order_by("pk"))

    @rule()
    def deliver_the_whole(self) -> None:
        work_on(self.whole.pk, run)

    @rule(pick=picks)
    def deliver_a_part(self, pick: int) -> None:
        parts = self.parts()
        held = claim(parts[pick % len(parts)].pk) if parts else None
        if held:
            self.claims.append(held)

    @rule(pick=picks, how=st.sampled_from(["store", "store", "store", "break", "refuse"]))
    def end_a_part(self, pick: int, how: str) -> None:
        if not self.claims:
            return
        held = self.claims[pick % len(self.claims)]
        with contextlib.suppress(LeaseLost):
            if how == "store":
                with Claim(held).storing({"of": held.pk}):
                    pass
                self.effects[held.pk] = self.effects.get(held.pk, 0) + 1
            elif how == "break":
                put_back(held, error="broke")
            else:
                fail(held, error="refused", code="refused")

    @rule()
    def time_passes(self) -> None:
        past = timezone.now() - timedelta(seconds=1)
        Job.objects.filter(state=Job.State.RUNNING).update(lease_until=past)
        Job.objects.filter(state=Job.State.QUEUED, run_after__lt=timezone.now() + timedelta(days=1)).update(
            run_after=past
        )
        reconcile()

    @rule(what=st.sampled_from([retry_job, cancel_job]))
    def steer(self, what: Any) -> None:
        with contextlib.suppress(Refused):
            what(actor=self.person, job=self.now())

    @invariant()
    def it_rests_only_for_parts_that_will_wake_it(self) -> None:
        whole, states = self.now(), [part.state for part in self.parts()]
        if whole.rests:
            assert set(states) & set(Job.OPEN)
            assert not set(states) & BAD
            assert not any(part.rests for part in self.parts())
        else:
            assert Job.State.RUNNING not in states
        if whole.state == Job.State.DONE:
            assert states == [Job.State.DONE] * PARTS
        if whole.state in ENDED:
            assert not set(states) & set(Job.OPEN)

    @invariant()
    def a_part_has_one_effect_and_leaves_its_answer(self) -> None:
        for part in self.parts():
            assert self.effects.get(part.pk, 0) == (1 if part.state == Job.State.DONE else 0)
            assert part.answer == ({"of": part.pk} if part.state == Job.State.DONE else {})
            assert part.attempts <= part.max_attempts

    def teardown(self) -> None:
        """Left to honest workers, and tried again where it came to a bad end, the job is done."""
        for _ in range(12):
            self.time_passes()
            if self.now().state in BAD | {Job.State.CANCELLED}:
                retry_job(actor=self.person, job=self.now())
            work_on(self.whole.pk, run)
            for part in self.parts():
                held = claim(part.pk)
                if held:
                    with Claim(held).storing({"of": held.pk}):
                        pass
                    self.effects[held.pk] = self.effects.get(held.pk, 0) + 1
            self.it_rests_only_for_parts_that_will_wake_it()
        assert self.now().state == Job.State.DONE


class TestFamily(TestCase):
    def test_a_job_in_parts_ends_with_one_effect_of_each(self) -> None:
        run_state_machine_as_test(
            Family,
            settings=settings(
                max_examples=30, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
            ),
        )
