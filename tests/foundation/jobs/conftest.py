"""Jobs to ask for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from job_kinds import given_up

from foundation.jobs.models import Job
from foundation.jobs.services import request_job
from foundation.people.models import User

Ask = Callable[..., Job]


@pytest.fixture
def ask(make_person: Callable[..., User]) -> Ask:
    """ask(state=..., dedup_key=...): a queued job of the tests' kind, asked for by one person."""
    given_up.clear()
    person = make_person("Ina Asker")

    def make(dedup_key: str | None = None, project_id: int | None = None, **changes: object) -> Job:
        job = request_job(kind="test_count", args={}, actor=person, dedup_key=dedup_key, project_id=project_id)
        if changes:
            Job.objects.filter(pk=job.pk).update(**changes)
            job.refresh_from_db()
        return job

    return make
