"""The ledger: each job has one effect, none is lost, none runs for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.utils import timezone
from job_kinds import given_up

from foundation.audit.models import Entry
from foundation.jobs import kinds, leases, services
from foundation.jobs.claims import Claim, work_on
from foundation.jobs.leases import LeaseLost, claim, finish, hold, put_back, renew
from foundation.jobs.models import Job
from foundation.jobs.reconciler import reconcile
from foundation.jobs.services import cancel_job, publish, request_job, retry_job
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.refused import Refused

pytestmark = pytest.mark.django_db

Ask = Callable[..., Job]
PAST = timedelta(minutes=10)


def lapse(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def hurry(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(run_after=timezone.now() - timedelta(seconds=1))


def test_a_job_is_claimed_once(ask: Ask) -> None:
    job = ask()
    first, second = claim(job.pk), claim(job.pk)
    assert first is not None
    assert first.attempts == 1
    assert second is None


def test_a_job_that_is_not_due_is_not_claimed(ask: Ask) -> None:
    assert claim(ask(run_after=timezone.now() + timedelta(hours=1)).pk) is None


def test_a_running_job_is_claimed_again_only_when_its_lease_is_over(ask: Ask) -> None:
    first = claim(ask().pk)
    assert first
    assert claim(first.pk) is None
    lapse(first)
    second = claim(first.pk)
    assert second
    assert second.lease_token != first.lease_token
    assert second.attempts == 2


def test_a_job_whose_attempts_are_used_up_is_not_claimed(ask: Ask) -> None:
    assert claim(ask(attempts=3).pk) is None


def test_asking_twice_with_one_key_is_one_job_until_it_ends(ask: Ask) -> None:
    job = ask(dedup_key="a")
    assert ask(dedup_key="a").pk == job.pk
    held = claim(job.pk)
    assert held
    assert ask(dedup_key="a").pk == job.pk
    finish(held)
    assert ask(dedup_key="a").pk != job.pk


def test_an_id_is_published_after_commit_only(
    ask: Ask, published: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = ask()
        assert published == []
    assert published == [("tests.count", [job.pk])]
    job.refresh_from_db()
    assert job.published_at is not None


def test_whoever_lost_the_lease_can_store_nothing(ask: Ask) -> None:
    first = claim(ask().pk)
    assert first
    lapse(first)
    second = claim(first.pk)
    assert second
    deeds: list[Callable[[], None]] = [
        lambda: hold(first),
        lambda: finish(first),
        lambda: renew(first),
        lambda: put_back(first, error="x"),
    ]
    for deed in deeds:
        with pytest.raises(LeaseLost):
            deed()
    with Claim(second).storing():
        pass
    second.refresh_from_db()
    assert second.state == Job.State.DONE


def test_the_fence_needs_a_transaction(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    held = claim(ask().pk)
    assert held
    connection = type("Plain", (), {"in_atomic_block": False})()
    monkeypatch.setattr(leases.transaction, "get_connection", lambda: connection)
    with pytest.raises(RuntimeError):
        hold(held)


def test_a_result_that_cannot_be_stored_leaves_the_job_running(ask: Ask) -> None:
    held = claim(ask().pk)
    assert held
    with pytest.raises(ZeroDivisionError), Claim(held).storing():
        raise ZeroDivisionError
    held.refresh_from_db()
    assert held.state == Job.State.RUNNING


def test_work_that_breaks_waits_longer_each_time_and_is_given_up_with_one_notice(ask: Ask) -> None:
    job = ask()

    def breaks(held: Claim) -> None:
        raise RuntimeError("the disk is full")

    waits = []
    for _ in range(3):
        before = timezone.now()
        assert work_on(job.pk, breaks) == "put_back"
        job.refresh_from_db()
        waits.append(round((job.run_after - before).total_seconds()))
        hurry(job)
    assert waits[:2] == [5, 10]
    assert job.state == Job.State.DEAD
    assert "the disk is full" in job.error
    assert work_on(job.pk, breaks) == "not_ours"
    reconcile()
    assert given_up == [job.pk]
    assert Notice.objects.filter(kind="job_given_up").count() == 1


def test_a_refusal_ends_a_job_with_its_reason_and_without_alarm(ask: Ask) -> None:
    job = ask()

    def refuses(held: Claim) -> None:
        raise Refused("The file has no rows. Upload another one.", code="empty")

    assert work_on(job.pk, refuses) == "failed"
    job.refresh_from_db()
    assert (job.state, job.error_code) == (Job.State.FAILED, "empty")
    assert job.error == "The file has no rows. Upload another one."
    assert not Notice.objects.exists()


def test_a_second_delivery_finds_nothing_to_do(ask: Ask) -> None:
    job, runs = ask(), []
    assert work_on(job.pk, lambda held: runs.append(1)) == "done"
    assert work_on(job.pk, lambda held: runs.append(1)) == "not_ours"
    assert runs == [1]


def test_work_whose_lease_was_taken_counts_as_lost_even_when_it_ends_well(ask: Ask) -> None:
    job = ask()

    def slow(held: Claim) -> None:
        lapse(job)
        assert claim(job.pk)

    assert work_on(job.pk, slow) == "lost"
    job.refresh_from_db()
    assert job.state == Job.State.RUNNING


def test_what_breaks_after_the_result_is_stored_does_not_undo_it(ask: Ask) -> None:
    job = ask()

    def late(held: Claim) -> None:
        with held.storing():
            pass
        raise RuntimeError("afterwards")

    assert work_on(job.pk, late) == "done"
    job.refresh_from_db()
    assert job.state == Job.State.DONE


def test_progress_writes_rarely_but_always_the_end(ask: Ask, django_assert_num_queries: Any) -> None:
    held = claim(ask().pk)
    assert held
    mine = Claim(held)
    with django_assert_num_queries(2):
        for done in range(1, 101):
            mine.progress(done, 100, "rows")
    held.refresh_from_db()
    assert (held.done_units, held.percent, held.step) == (100, 100, "rows")


def test_a_cancelled_job_stops_at_its_next_step_and_stores_nothing(ask: Ask, administrator: User) -> None:
    job = ask()

    def notices_it(held: Claim) -> None:
        cancel_job(actor=administrator, job=job)
        with held.storing():
            raise AssertionError("the fence must hold")

    assert work_on(job.pk, notices_it) == "lost"
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED


def test_cancel_and_retry_are_on_the_trail(ask: Ask) -> None:
    job = ask()
    person = job.created_by
    assert person
    cancel_job(actor=person, job=job)
    assert retry_job(actor=person, job=job).state == Job.State.QUEUED
    trail = list(Entry.objects.order_by("seq").values_list("verb", "before__state", "after__state"))
    assert trail == [("cancel_job", "queued", "cancelled"), ("retry_job", "cancelled", "queued")]


def test_a_given_up_job_starts_afresh_on_retry(ask: Ask) -> None:
    job = ask(state=Job.State.DEAD, attempts=3, error="broke", error_code="given_up", finished_at=timezone.now())
    row = retry_job(actor=job.created_by, job=job)  # type: ignore[arg-type]
    assert (row.state, row.attempts, row.error, row.finished_at) == (Job.State.QUEUED, 0, "", None)
    assert claim(job.pk)


@pytest.mark.parametrize("state", [Job.State.QUEUED, Job.State.DONE])
def test_open_and_done_jobs_are_not_started_again(ask: Ask, state: str) -> None:
    job = ask(state=state)
    with pytest.raises(Refused):
        retry_job(actor=job.created_by, job=job)  # type: ignore[arg-type]


def test_a_job_that_was_asked_for_anew_is_not_started_again_beside_it(ask: Ask) -> None:
    old = ask(dedup_key="a")
    Job.objects.filter(pk=old.pk).update(state=Job.State.DEAD)
    ask(dedup_key="a")
    with pytest.raises(Refused) as refused:
        retry_job(actor=old.created_by, job=old)  # type: ignore[arg-type]
    assert refused.value.code == "job_superseded"


def test_an_outsider_cannot_cancel(ask: Ask, outsider: User) -> None:
    with pytest.raises(Refused) as refused:
        cancel_job(actor=outsider, job=ask())
    assert refused.value.status == 403


def test_reconciling_brings_back_lapsed_work_once(ask: Ask) -> None:
    job = ask()
    assert claim(job.pk)
    lapse(job)
    assert reconcile()["requeued"] == 1
    assert reconcile()["requeued"] == 0
    job.refresh_from_db()
    assert job.state == Job.State.QUEUED
    assert claim(job.pk)


def test_reconciling_gives_up_what_used_its_attempts(ask: Ask) -> None:
    job = ask(attempts=2)
    assert claim(job.pk)
    lapse(job)
    assert reconcile()["given_up"] == 1
    assert reconcile()["given_up"] == 0
    assert given_up == [job.pk]
    assert Notice.objects.filter(kind="job_given_up").count() == 1


def test_reconciling_leaves_living_work_alone_unless_nobody_works(ask: Ask) -> None:
    job = ask()
    assert claim(job.pk)
    assert reconcile()["requeued"] == 0
    assert reconcile(nobody_works=True)["requeued"] == 1


def test_a_lost_message_is_sent_again_and_a_fresh_one_is_not(ask: Ask, published: list[Any]) -> None:
    now = timezone.now()
    lost = ask(run_after=now - PAST, published_at=now - PAST)
    ask(run_after=now, published_at=now)
    assert reconcile()["published"] == 1
    assert published == [("tests.count", [lost.pk])]


def test_messages_of_a_long_queue_are_sent_again_ever_more_rarely(ask: Ask, published: list[Any]) -> None:
    now = timezone.now()
    minute = timedelta(minutes=1)
    ask(run_after=now - 4 * minute, published_at=now - 1.5 * minute)  # waited 2.5 minutes then: not again so soon
    ask(run_after=now - 60 * minute, published_at=now - 6 * minute)  # five minutes are the longest pause
    assert reconcile()["published"] == 1


def test_a_kind_this_code_does_not_know_blocks_nobody(ask: Ask, published: list[Any]) -> None:
    old = timezone.now() - PAST
    strange = ask(kind="from_a_newer_version", run_after=old)
    known = ask(run_after=old)
    assert not publish(strange.pk)
    reconcile()
    assert published == [("tests.count", [known.pk])]


def test_one_row_that_resists_does_not_keep_the_others_waiting(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    from foundation.jobs import reconciler

    jobs = [ask(), ask()]
    for job in jobs:
        assert claim(job.pk)
        lapse(job)
    real = reconciler.requeue_or_give_up

    def resists(row: Job, *, error: str, wait: timedelta) -> None:
        if row.pk == jobs[0].pk:
            raise DatabaseError("this row resists")
        real(row, error=error, wait=wait)

    monkeypatch.setattr(reconciler, "requeue_or_give_up", resists)
    assert reconcile()["requeued"] == 1


def test_a_hook_that_breaks_does_not_keep_a_job_running(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(job: Job) -> None:
        raise RuntimeError("hook")

    monkeypatch.setattr(kinds, "_on_given_up", [breaks, *kinds._on_given_up])
    job = ask(attempts=2)
    assert claim(job.pk)
    lapse(job)
    reconcile()
    job.refresh_from_db()
    assert job.state == Job.State.DEAD
    assert Notice.objects.filter(kind="job_given_up").count() == 1


def test_a_silent_broker_costs_one_attempt_and_then_none_for_a_while(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    tried: list[str] = []

    def hangs(name: str, **_: Any) -> None:
        tried.append(name)
        raise ConnectionError("no answer")

    clock = [1000.0]
    monkeypatch.setattr(services.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(services._Broker, "try_again_at", 0.0)
    monkeypatch.setattr(services.current_app, "send_task", hangs)
    with django_capture_on_commit_callbacks(execute=True):
        jobs = [ask(), ask(), ask()]
    assert len(tried) == 1
    assert all(Job.objects.get(pk=job.pk).state == Job.State.QUEUED for job in jobs)
    clock[0] += services.LEAVE_ALONE_SECONDS + 1
    reconcile()
    assert len(tried) == 2


def test_an_unknown_kind_cannot_be_asked_for(db: None) -> None:
    with pytest.raises(KeyError):
        request_job(kind="nonsense", args={}, actor=None)
