"""Pages and REST of jobs: who sees a job, who may steer it, and what a page says in each state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from foundation.jobs import kinds
from foundation.jobs.models import Job
from foundation.people.models import User
from lifecycle.projects.models import Project

pytestmark = pytest.mark.django_db
Ask = Callable[..., Job]
SignIn = Callable[[User], Client]


def test_whoever_asked_sees_the_job_and_may_cancel_it(ask: Ask, sign_in: SignIn) -> None:
    job = ask()
    page = sign_in(job.created_by).get(f"/jobs/{job.pk}/")  # type: ignore[arg-type]
    assert page.status_code == 200
    assert "Cancel this job" in page.content.decode()


def test_an_outsider_gets_the_same_answer_as_for_a_job_that_is_not_there(
    ask: Ask, sign_in: SignIn, outsider: User
) -> None:
    browser = sign_in(outsider)
    assert browser.get(f"/jobs/{ask().pk}/").status_code == 404
    assert browser.get("/jobs/999999/").status_code == 404
    assert browser.post(f"/jobs/{ask().pk}/cancel/").status_code == 404


def test_people_of_the_project_see_its_jobs_and_only_its_team_steers_them(
    ask: Ask, sign_in: SignIn, project: Project, viewer: User, contributor: User, outsider: User
) -> None:
    job = ask(project_id=project.pk)
    seen = sign_in(viewer).get(f"/jobs/{job.pk}/").content.decode()
    assert "Cancel this job" not in seen
    assert "Ask one of them" in seen
    assert sign_in(outsider).get(f"/jobs/{job.pk}/").status_code == 404
    assert sign_in(viewer).post(f"/jobs/{job.pk}/cancel/").status_code == 403
    assert sign_in(contributor).post(f"/jobs/{job.pk}/cancel/").status_code == 302
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED


def test_an_auditor_reads_every_job_and_steers_none(ask: Ask, sign_in: SignIn, make_person: Any) -> None:
    browser, job = sign_in(make_person("Aud Itor", is_auditor=True)), ask()
    assert browser.get(f"/jobs/{job.pk}/").status_code == 200
    assert browser.post(f"/jobs/{job.pk}/cancel/").status_code == 403


def test_a_fragment_holds_only_the_progress(ask: Ask, sign_in: SignIn) -> None:
    job = ask(state=Job.State.RUNNING, lease_token="t", lease_until=timezone.now(), done_units=3, all_units=4)
    browser = sign_in(job.created_by)  # type: ignore[arg-type]
    for answer in (
        browser.get(f"/jobs/{job.pk}/?fragment=1"),
        browser.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"}),
    ):
        text = answer.content.decode()
        assert "<html" not in text
        assert 'aria-valuenow="75"' in text
        assert "hx-get" in text
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)
    assert "hx-get" not in browser.get(f"/jobs/{job.pk}/?fragment=1").content.decode()


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (Job.State.QUEUED, "as soon as a worker is free"),
        (Job.State.DONE, "The work is done"),
        (Job.State.FAILED, "Mend what it names"),
        (Job.State.DEAD, "given up"),
        (Job.State.CANCELLED, "nothing of it was stored"),
    ],
)
def test_each_state_says_what_is_next(ask: Ask, sign_in: SignIn, state: str, words: str) -> None:
    job = ask(state=state, error="<b>broken</b>", finished_at=timezone.now())
    text = sign_in(job.created_by).get(f"/jobs/{job.pk}/").content.decode()  # type: ignore[arg-type]
    assert words in text
    assert "<b>broken</b>" not in text
    assert ("Try again" in text) == (state in {Job.State.FAILED, Job.State.DEAD, Job.State.CANCELLED})


def test_a_given_up_job_is_started_again_by_a_button(ask: Ask, sign_in: SignIn) -> None:
    job = ask(state=Job.State.DEAD, attempts=3)
    browser = sign_in(job.created_by)  # type: ignore[arg-type]
    answer = browser.post(f"/jobs/{job.pk}/retry/", follow=True)
    assert "The job is queued again." in answer.content.decode()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (Job.State.QUEUED, 0)
    assert browser.get(f"/jobs/{job.pk}/retry/").status_code == 405


def test_managers_see_all_jobs_in_trouble_and_others_their_own(
    ask: Ask, sign_in: SignIn, manager: User, outsider: User, django_assert_max_num_queries: Any
) -> None:
    dead = ask(state=Job.State.DEAD, error="out of memory")
    ask(run_after=timezone.now() - timedelta(minutes=6))
    ask()
    browser = sign_in(manager)
    with django_assert_max_num_queries(12):
        text = browser.get("/jobs/").content.decode()
    assert "2 jobs" in text
    assert "out of memory" in text
    assert f"/jobs/{dead.pk}/" in text
    assert "No job is in trouble" in sign_in(outsider).get("/jobs/").content.decode()


def test_the_rest_of_a_job(ask: Ask, api: Callable[[User], Any], outsider: User) -> None:
    job = ask(state=Job.State.DEAD, attempts=3)
    client = api(job.created_by)  # type: ignore[arg-type]
    read = client.get(f"/api/v1/jobs/{job.pk}/")
    assert read.status_code == 200
    assert {"state": "dead", "label": "Count", "created_by": "ina.asker@example.org"}.items() <= read.json().items()
    assert client.post(f"/api/v1/jobs/{job.pk}/retry/").json()["state"] == "queued"
    assert client.post(f"/api/v1/jobs/{job.pk}/cancel/").json()["state"] == "cancelled"
    refused = client.post(f"/api/v1/jobs/{job.pk}/cancel/")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "job_closed")
    assert api(outsider).get(f"/api/v1/jobs/{job.pk}/").status_code == 404


def test_a_job_leads_to_what_it_works_for_and_only_those_who_see_the_project_get_there(
    ask: Ask, sign_in: SignIn, project: Project, viewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ask(project_id=project.pk, state=Job.State.DONE)
    described = replace(kinds.kind_named(job.kind), result=lambda job: kinds.Result(f"Thing {job.pk}", "/things/7/"))
    monkeypatch.setitem(kinds._kinds, job.kind, described)
    assert f'href="/things/7/">Thing {job.pk}</a>' in sign_in(viewer).get(f"/jobs/{job.pk}/").content.decode()
    # Whoever asked sees the job still, though not the project any more.
    assert "/things/7/" not in sign_in(job.created_by).get(f"/jobs/{job.pk}/").content.decode()  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["explanation", "outcome_report", "model_inspection"])
def test_work_whose_thing_is_gone_has_no_result(name: str, ask: Ask) -> None:
    described = kinds.kind_named(name)
    assert described.result is not None
    assert described.result(ask(args={})) is None
