"""From asking for a job until its row says done, beside a bare Celery task over the same broker and worker."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from celery import current_app
from django.db import connection, transaction

from bench import idle_work
from bench.pairing import Line, interleaved, line, timed
from bench.running import Skipped
from bench.surroundings import DATA, database
from foundation.jobs.broker import NoBroker, embedded
from foundation.jobs.models import Job
from foundation.jobs.services import request_job
from foundation.people.models import User
from portal.celery import app

ROUNDS = 40
PATIENCE = 30.0  # seconds until a job must be done
BESIDE = "insert a row, send a Celery task that sets it; nothing is claimed, leased or kept for a broker that is away"


def measure(full: bool) -> Iterator[Line]:
    """A real broker and a real worker, which end with the measurement."""
    database()
    with broker_running() as url:
        worker = [
            "-m", "celery", "-A", "portal.celery", "--quiet", "worker", "-I", "bench.idle_work", "-Q", "default",
            "-c", "1", "-n", "bench@%h", "--without-gossip", "--without-mingle", "-l", "ERROR",
        ]  # fmt: skip
        with running([sys.executable, *worker], REDIS_URL=url):
            pairs = interleaved(timed(_ledger_job(), 0), timed(_bare_task(), 0), ROUNDS)
            yield line("asked for until done", "s", pairs, beside=BESIDE)


@contextmanager
def broker_running() -> Iterator[str]:
    """The address of an embedded broker that this process and its workers use until the measurement ends."""
    try:
        broker = embedded(DATA)
    except NoBroker as absent:
        raise Skipped(str(absent)) from None
    with running(broker.argv):
        if not broker.wait(10):
            raise Skipped("the embedded broker did not start")
        app.conf.update(broker_url=broker.url)
        yield broker.url


@contextmanager
def running(argv: list[str], **environment: str) -> Iterator[None]:
    """A process of the portal that ends with the measurement."""
    with (DATA / "children.log").open("ab") as log:
        child = subprocess.Popen(argv, env=os.environ | environment, stdout=log, stderr=log, start_new_session=True)
    try:
        yield
    finally:
        child.terminate()
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _ledger_job() -> Callable[[], None]:
    person = User.objects.create_user("asker@example.org", name="Asker", mail_notices=False)

    def ask() -> None:
        job = request_job(kind="bench_nothing", args={}, actor=person)
        _wait(lambda: Job.objects.filter(pk=job.pk, state=Job.State.DONE).exists())

    return ask


def _bare_task() -> Callable[[], None]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_task (id integer PRIMARY KEY, done integer NOT NULL)")
    numbers = itertools.count(1)

    def ask() -> None:
        number = next(numbers)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO bench_task VALUES (%s, 0)", [number])
        current_app.send_task(idle_work.BARE, args=[number], queue="default", retry=False)
        _wait(lambda: _is_set(number))

    return ask


def _is_set(number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT done FROM bench_task WHERE id = %s", [number])
        return bool(cursor.fetchone()[0])


def _wait(is_done: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not is_done():
        if time.monotonic() > until:
            raise RuntimeError("The worker did not do its work in time.")
        time.sleep(0.0005)
