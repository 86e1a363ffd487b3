"""Asks and answers for the tests of real workers, in a process of its own with their database: JSON, one a line."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import worker_tasks
from celery import current_app
from django.db import connection, transaction

import portal.celery  # noqa: F401 - the application that sends
from foundation.jobs.models import Job, Pulse
from foundation.jobs.services import request_job
from foundation.notices.models import Notice
from foundation.people.models import User


def ask(kind: str, times: int = 1, gated: bool = False) -> dict[str, Any]:
    """One job whose message is sent `times`; how long the deed took, in seconds."""
    began = time.monotonic()
    with transaction.atomic():
        person = User.objects.get_or_create(email="w@example.org", defaults={"name": "W", "mail_notices": False})[0]
        job = request_job(kind=f"test_{kind}", args={"gated": gated}, actor=person)
    took = time.monotonic() - began
    for _ in range(times - 1):
        current_app.send_task(f"tests.{kind}", args=[job.pk], queue="default", retry=False)
    return {"id": job.pk, "took": took}


def look(job: int) -> dict[str, Any]:
    """The row and what became of it."""
    row = Job.objects.get(pk=job)
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM test_effect WHERE job = %s", [job])
        effects = cursor.fetchone()[0]
    told = Notice.objects.filter(kind="job_given_up", link=f"/jobs/{job}/").count()
    return {"state": row.state, "attempts": row.attempts, "effects": effects, "told": told, "error": row.error}


def open_gate(job: int, attempt: int) -> dict[str, Any]:
    worker_tasks.gate(job, attempt).touch()
    return {}


def has_begun(job: int, attempt: int) -> dict[str, Any]:
    return {"begun": worker_tasks.begun(job, attempt).exists()}


def has_tried(job: int, attempt: int) -> dict[str, Any]:
    return {"tried": worker_tasks.tried(job, attempt).exists()}


def pulses() -> dict[str, Any]:
    return {"names": [name.split(":")[0] for name in Pulse.objects.values_list("name", flat=True)]}


def flush_broker() -> dict[str, Any]:
    """Everything the broker knew is gone."""
    with current_app.connection_for_write() as broker:
        broker.default_channel.client.flushall()
    return {}


DEEDS = {deed.__name__: deed for deed in (ask, look, open_gate, has_begun, has_tried, pulses, flush_broker)}

with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE IF NOT EXISTS test_effect (job bigint NOT NULL)")
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    name, arguments = json.loads(line)
    print(json.dumps(DEEDS[name](**arguments)), flush=True)
