"""Kinds of work that only tests know."""

from __future__ import annotations

from foundation.jobs.kinds import Kind, register
from foundation.jobs.models import Job

given_up: list[int] = []


def note(job: Job) -> None:
    given_up.append(job.pk)


register(Kind("test_count", "Count", task="tests.count", max_attempts=3, on_given_up=note))
register(Kind("test_part", "Count some", task="tests.count_some", max_attempts=3, on_given_up=note))
