"""Work in parts: the whole rests while its parts run, and goes on, or ends, by what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from job_kinds import given_up

from foundation.jobs.claims import Claim, GivenUp, work_on
from foundation.jobs.leases import LeaseLost, claim, fail, put_back, renew
from foundation.jobs.models import RESTING, Job
from foundation.jobs.parts import Part, bad_end
from foundation.jobs.reconciler import reconcile
from foundation.jobs.selectors import jobs_in_trouble
from foundation.jobs.services import cancel_job, request_job, retry_job
from foundation.notices.models import Notice
from foundation.web.refused import Refused

pytestmark = pytest.mark.django_db
Ask = Callable[..., Job]
UNITS = (10, 10, 5)


def split(held: Claim) -> None:
    held.hand_out(kind="test_part", parts=[Part({"n": n}, units) for n, units in enumerate(UNITS)], step="counting")


@pytest.fixture
def whole(ask: Ask) -> Job:
    """A job that was split and rests."""
    job = ask()
    assert work_on(job.pk, split) == "rests"
    return fresh(job)


def fresh(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def parts(job: Job) -> list[Job]:
    return list(job.parts.order_by("pk"))


def states(job: Job) -> list[str]:
    return [part.state for part in parts(job)]


def do(part: Job) -> str:
    def count(held: Claim) -> None:
        held.progress(held.job.all_units, held.job.all_units, "counting")
        with held.storing({"counted": held.job.args["n"]}):
            pass

    return work_on(part.pk, count)


def give_up(part: Job) -> None:
    for _ in range(3):
        held = claim(part.pk)
        assert held
        put_back(held, error="the disk is full")
        Job.objects.filter(pk=part.pk, state="queued").update(run_after=timezone.now())


def test_a_job_that_was_split_rests_and_nobody_can_claim_it(whole: Job) -> None:
    assert (whole.state, whole.rests, whole.run_after, whole.attempts, whole.lease_token) == (
        "queued", True, RESTING, 0, "",
    )  # fmt: skip
    assert claim(whole.pk) is None
    assert reconcile() == {"published": 3, "requeued": 0, "given_up": 0}
    assert [(part.args, part.created_by, part.state) for part in parts(whole)] == [
        ({"n": n}, whole.created_by, "queued") for n in range(3)
    ]


def test_parts_are_published_after_commit_and_the_whole_when_the_last_has_ended(
    whole: Job, published: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    first, second, third = parts(whole)
    for part in (first, third):
        with django_capture_on_commit_callbacks(execute=True):
            assert do(part) == "done"
    assert (fresh(whole).rests, published) == (True, [])
    with django_capture_on_commit_callbacks(execute=True):
        assert do(second) == "done"
    assert published == [("tests.count", [whole.pk])]
    assert work_on(whole.pk, lambda held: None) == "done"
    assert (fresh(whole).attempts, [part.answer for part in parts(whole)]) == (1, [{"counted": n} for n in range(3)])


def test_the_progress_of_the_whole_is_that_of_its_parts(whole: Job) -> None:
    first, second, _ = parts(whole)
    do(first)
    held = claim(second.pk)
    assert held
    renew(held, done=4)
    seen = fresh(whole)
    assert (seen.percent, seen.units_so_far, seen.all_units) == (56, 14, 25)
    assert (seen.doing, seen.get_state_display()) == ("counting, 1 of 3 parts", "running in parts")


@pytest.mark.parametrize("how", ["refused", "given up"])
def test_a_bad_end_of_one_part_spares_the_others_and_wakes_the_whole_at_once(whole: Job, how: str) -> None:
    first, second, third = parts(whole)
    do(first)
    running = claim(third.pk)
    assert running
    if how == "refused":
        held = claim(second.pk)
        assert held
        fail(held, error="Row 7 is empty.", code="malformed_data")
    else:
        give_up(second)
    assert states(whole) == ["done", "failed" if how == "refused" else "dead", "cancelled"]
    with pytest.raises(LeaseLost):
        renew(running)
    assert not fresh(whole).rests
    bad = bad_end(whole)
    assert bad is not None
    assert bad.pk == second.pk
    assert claim(whole.pk)


def test_a_part_that_was_given_up_is_told_once_and_with_the_whole(whole: Job) -> None:
    given_up.clear()
    give_up(parts(whole)[0])
    assert Notice.objects.filter(kind="job_given_up").count() == 0

    def follow(held: Claim) -> None:
        bad = bad_end(held.job)
        assert bad
        raise GivenUp(bad.error)

    assert work_on(whole.pk, follow) == "given_up"
    assert (fresh(whole).state, fresh(whole).error) == ("dead", "the disk is full")
    assert Notice.objects.filter(kind="job_given_up", link=f"/jobs/{whole.pk}/").count() == 1
    assert given_up == [parts(whole)[0].pk, whole.pk]
    assert [job.pk for job in jobs_in_trouble()] == [whole.pk]


def test_a_part_that_breaks_is_tried_again_while_the_whole_rests(whole: Job) -> None:
    held = claim(parts(whole)[0].pk)
    assert held
    put_back(held, error="broke")
    assert (states(whole), fresh(whole).rests) == (["queued"] * 3, True)


def test_cancelling_the_whole_cancels_its_open_parts(whole: Job) -> None:
    first, second, _ = parts(whole)
    do(first)
    held = claim(second.pk)
    assert held
    assert whole.created_by
    cancel_job(actor=whole.created_by, job=whole)
    assert (fresh(whole).state, states(whole)) == ("cancelled", ["done", "cancelled", "cancelled"])
    with pytest.raises(LeaseLost), Claim(held).storing():
        pass
    assert reconcile()["published"] == 0


def test_trying_again_does_only_what_is_not_done(whole: Job) -> None:
    first, second, third = parts(whole)
    do(first)
    give_up(second)
    held = claim(whole.pk)
    assert held
    fail(held, error="given up", code="x")
    assert whole.created_by
    retry_job(actor=whole.created_by, job=whole)
    assert states(whole) == ["done", "queued", "queued"]
    assert [claim(part.pk) for part in (second, third)] == [None, None], "the whole looks first whether they may go on"
    assert work_on(whole.pk, lambda held: held.resume("counting")) == "rests"
    assert (fresh(whole).rests, fresh(whole).all_units, fresh(whole).attempts) == (True, 25, 0)
    assert [do(part) for part in (second, third)] == ["done", "done"]
    assert fresh(first).attempts == 1
    assert work_on(whole.pk, lambda held: None) == "done"


def test_a_new_plan_replaces_the_parts_of_the_old_one_and_costs_an_attempt(whole: Job) -> None:
    old = [part.pk for part in parts(whole)]
    for attempt in (1, 2):
        for part in parts(whole):
            do(part)
        assert work_on(whole.pk, split) == "rests"
        assert fresh(whole).attempts == attempt
    assert not Job.objects.filter(pk__in=old).exists()
    for part in parts(whole):
        do(part)
    assert work_on(whole.pk, split) == "put_back"
    assert (fresh(whole).state, states(whole)) == ("dead", ["done"] * 3)


@pytest.mark.parametrize("deed", [cancel_job, retry_job])
def test_a_part_is_not_steered_alone(whole: Job, deed: Any) -> None:
    with pytest.raises(Refused) as caught:
        deed(actor=whole.created_by, job=parts(whole)[0])
    assert caught.value.code == "job_is_part"
    assert f"job {whole.pk}" in str(caught.value)


def test_whoever_lost_the_job_cannot_split_it(ask: Ask) -> None:
    job = ask()
    first = claim(job.pk)
    assert first
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert claim(job.pk)
    with pytest.raises(LeaseLost):
        split(Claim(first))
    assert parts(job) == []


def test_a_wake_that_was_lost_is_made_up_for(whole: Job) -> None:
    Job.objects.filter(parent=whole).update(state="done", finished_at=timezone.now())
    assert fresh(whole).rests
    reconcile()
    assert not fresh(whole).rests
    assert claim(whole.pk)


def test_what_breaks_after_the_split_does_not_undo_it(ask: Ask) -> None:
    def split_and_break(held: Claim) -> None:
        split(held)
        raise OSError("tidying up")

    job = ask()
    assert work_on(job.pk, split_and_break) == "rests"
    assert (fresh(job).rests, len(parts(job))) == (True, 3)


def test_a_part_has_no_key_of_its_own_and_work_has_at_least_one_part(whole: Job) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.objects.create(kind="test_part", parent=whole, dedup_key="a")
    other = request_job(kind="test_count", args={}, actor=None)
    held = claim(other.pk)
    assert held
    with pytest.raises(ValueError, match="without parts"):
        Claim(held).hand_out(kind="test_part", parts=[], step="counting")


def test_parts_show_under_their_job_and_not_among_those_in_trouble(whole: Job, sign_in: Any) -> None:
    first, *others = parts(whole)
    do(first)
    past = timezone.now() - timedelta(minutes=10)
    Job.objects.filter(pk__in=[part.pk for part in others]).update(run_after=past)
    browser = sign_in(whole.created_by)
    assert [job.pk for job in jobs_in_trouble()] == [whole.pk], "nobody works on a part"
    claim(others[0].pk)
    assert not jobs_in_trouble().exists()
    page = browser.get(f"/jobs/{whole.pk}/").content.decode()
    assert "3 parts" in page
    assert "counting, 1 of 3 parts" in page
    assert "running in parts" in page
    assert f'href="/jobs/{others[1].pk}/"' in page
    part = browser.get(f"/jobs/{others[1].pk}/").content.decode()
    assert f"job {whole.pk}</a>. Cancel that job" in part
    assert "Cancel this job" not in part


def test_the_api_tells_of_parts(whole: Job, api: Any) -> None:
    do(parts(whole)[0])
    client = api(whole.created_by)
    told = client.get(f"/api/v1/jobs/{whole.pk}/").json()
    assert (told["parts"], told["part_of"], told["done_units"], told["all_units"]) == (
        {"done": 1, "all": 3},
        None,
        10,
        25,
    )
    assert told["step"] == "counting, 1 of 3 parts"
    part = client.get(f"/api/v1/jobs/{parts(whole)[1].pk}/").json()
    assert (part["parts"], part["part_of"]) == (None, whole.pk)
