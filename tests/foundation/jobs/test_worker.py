"""Real workers, a real broker, real kills: every job has exactly one effect, and none is left running."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from foundation.jobs.broker import Embedded, embedded

pytestmark = [pytest.mark.worker]
ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).parent
# The scheduler as it is, but knowing the tests' kinds of work.
SCHEDULER = "import runpy, worker_tasks; runpy.run_module('foundation.jobs.scheduler', run_name='__main__')"
LONGEST = 40.0  # seconds until a test says that something never came; nothing depends on how long it took


class House:
    """Broker, two schedulers, workers as wanted, and a driver that speaks with their database."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.broker: Embedded = embedded(data)
        self.environment = {
            **os.environ,
            "TOLLGATE_DATA": str(data),
            "DATABASE_URL": "",
            "REDIS_URL": self.broker.url,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(HERE)]),
            "TOLLGATE_JOB_LEASE": "2",
            "TOLLGATE_RECONCILE": "1",
        }
        self.started: list[subprocess.Popen[Any]] = []
        self.broker_process = self.start_broker()
        self.python("manage.py", "migrate", "-v0").wait()
        self.driver = subprocess.Popen(
            [sys.executable, str(HERE / "worker_driver.py")],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == {"ready": True}
        self.schedulers = [self.python("-c", SCHEDULER) for _ in range(2)]
        self.workers: list[subprocess.Popen[Any]] = []

    def python(self, *arguments: str, **environment: str) -> subprocess.Popen[Any]:
        return self._start([sys.executable, *arguments], **environment)

    def _start(self, argv: list[str], **environment: str) -> subprocess.Popen[Any]:
        with open(self.data / "processes.log", "a") as log:
            process = subprocess.Popen(
                argv, cwd=ROOT, env=self.environment | environment, stdout=log, stderr=log, start_new_session=True
            )
        self.started.append(process)
        return process

    def start_broker(self) -> subprocess.Popen[Any]:
        self.broker_process = self._start(self.broker.argv)
        assert self.broker.wait(10)
        return self.broker_process

    def start_worker(self, **environment: str) -> subprocess.Popen[Any]:
        name = f"w{len(self.started)}@%h"
        worker = self.python(
            "-m", "celery", "-A", "portal.celery", "worker", "-I", "worker_tasks", "-c", "2", "-n", name,
            "-Q", "default,explanations,reports", "--without-gossip", "--without-mingle", "-l", "INFO", **environment,
        )  # fmt: skip
        self.workers.append(worker)
        return worker

    def worker(self) -> subprocess.Popen[Any]:
        """A worker that lives; one is started where there is none."""
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        return self.workers[0] if self.workers else self.start_worker()

    def stop_between_writes(self, worker: subprocess.Popen[Any]) -> None:
        """Let the worker sleep; not while it holds SQLite's one lock, for then everybody sleeps."""

        def asleep() -> bool:
            os.killpg(worker.pid, signal.SIGSTOP)
            with contextlib.closing(sqlite3.connect(self.data / "tollgate.sqlite3", timeout=0.2)) as database:
                try:
                    database.execute("BEGIN IMMEDIATE")
                    database.rollback()
                except sqlite3.OperationalError:
                    os.killpg(worker.pid, signal.SIGCONT)
                    return False
            return True

        self.until(asleep, "a moment between two writes")

    def kill_worker(self, worker: subprocess.Popen[Any]) -> None:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    def __call__(self, deed: str, **arguments: Any) -> dict[str, Any]:
        assert self.driver.stdin
        self.driver.stdin.write(json.dumps([deed, arguments]) + "\n")
        self.driver.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self.driver.stdout
        line = self.driver.stdout.readline()
        assert line, "the driver ended"
        read: dict[str, Any] = json.loads(line)
        return read

    def until(self, true: Callable[[], Any], what: str) -> None:
        end = time.monotonic() + LONGEST
        while not true():
            if time.monotonic() > end:
                log = (self.data / "processes.log").read_text()[-6000:]
                pytest.fail(f"{what} did not come about.\n{log}")
            time.sleep(0.05)

    def until_state(self, job: int, state: str) -> dict[str, Any]:
        self.until(lambda: self("look", job=job)["state"] == state, f"job {job} becoming {state}")
        return self("look", job=job)

    def begin_gated(self) -> int:
        """A job whose first attempt waits at its gate, with the job in hand (the row says `running` a little sooner)."""
        job: int = self("ask", kind="effect", gated=True)["id"]
        self.until(lambda: self("has_begun", job=job, attempt=1)["begun"], f"job {job} being worked on")
        return job

    def close(self) -> None:
        if self.driver.stdin:
            self.driver.stdin.close()
        self.driver.wait()
        for process in reversed(self.started):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with tempfile.TemporaryDirectory(prefix="tg-") as folder:
        made = House(Path(folder))
        try:
            yield made
        finally:
            made.close()


@pytest.fixture
def worker(house: House) -> subprocess.Popen[Any]:
    return house.worker()


def test_a_job_runs_and_its_effect_is_there_once(house: House, worker: Any) -> None:
    job = house("ask", kind="effect")["id"]
    assert house.until_state(job, "done")["effects"] == 1


def test_a_message_delivered_many_times_has_one_effect(house: House, worker: Any) -> None:
    job = house("ask", kind="effect", times=5)["id"]
    later = house("ask", kind="effect")["id"]
    house.until_state(later, "done")
    assert house.until_state(job, "done") == {"state": "done", "attempts": 1, "effects": 1, "told": 0, "error": ""}


def test_a_killed_worker_leaves_its_job_to_another(house: House, worker: Any) -> None:
    job = house.begin_gated()
    house.kill_worker(worker)
    began = time.monotonic()
    for attempt in (1, 2):
        house("open_gate", job=job, attempt=attempt)
    house.start_worker()
    seen = house.until_state(job, "done")
    print(f"recovered {time.monotonic() - began:.1f} s after kill -9")
    assert (seen["effects"], seen["attempts"]) == (1, 2)


def test_no_process_of_the_pool_outlives_its_worker(house: House, worker: Any) -> None:
    job = house("ask", kind="effect")["id"]
    house.until_state(job, "done")
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()

    def group_is_gone() -> bool:
        try:
            os.killpg(worker.pid, 0)
        except ProcessLookupError:
            return True
        return False

    house.until(group_is_gone, "the end of the pool")


def test_a_poison_task_is_given_up_with_one_notice(house: House, worker: Any) -> None:
    job = house("ask", kind="poison")["id"]
    other = house("ask", kind="effect")["id"]
    assert house.until_state(job, "dead") == {
        "state": "dead",
        "attempts": 2,
        "effects": 0,
        "told": 1,
        "error": "The worker stopped without finishing this job.",
    }
    assert house.until_state(other, "done")["effects"] == 1


def test_a_hung_task_is_ended_by_its_limit_and_tried_again(house: House, worker: Any) -> None:
    house.kill_worker(worker)
    # Only here: a sleeping worker's clock runs on, and the limit would end its task before the task can try to store.
    strict = house.start_worker(TOLLGATE_JOB_TIME_LIMIT="5")
    job = house("ask", kind="hang")["id"]
    seen = house.until_state(job, "done")
    assert (seen["effects"], seen["attempts"]) == (1, 2)
    house.kill_worker(strict)


def test_a_worker_that_slept_past_its_lease_stores_nothing(house: House, worker: Any) -> None:
    job = house.begin_gated()
    house.stop_between_writes(worker)
    try:
        house("open_gate", job=job, attempt=2)
        house.start_worker()
        assert house.until_state(job, "done")["effects"] == 1
    finally:
        os.killpg(worker.pid, signal.SIGCONT)
    house("open_gate", job=job, attempt=1)
    house.until(lambda: house("has_tried", job=job, attempt=1)["tried"], "the sleeper trying to store")
    assert house("look", job=job)["effects"] == 1
    house.kill_worker(worker)


@pytest.mark.parametrize("how", ["hangs", "is gone", "forgets everything"])
def test_without_a_broker_a_deed_is_still_done_and_its_job_runs_later(house: House, how: str) -> None:
    house.worker()
    if how == "hangs":
        os.kill(house.broker_process.pid, signal.SIGSTOP)
    elif how == "is gone":
        house.broker_process.terminate()
        house.broker_process.wait()
    try:
        first, second = house("ask", kind="effect"), house("ask", kind="effect")
        print(f"broker {how}: deeds took {first['took']:.2f} s and {second['took']:.2f} s")
        if how == "forgets everything":
            house("flush_broker")
        else:
            assert {house("look", job=asked["id"])["state"] for asked in (first, second)} == {"queued"}
    finally:
        if how == "hangs":
            os.kill(house.broker_process.pid, signal.SIGCONT)
        elif how == "is gone":
            house.start_broker()
    for asked in (first, second):
        # kombu may end a worker whose broker went away (its channel has lost its connection); the supervisor, or the
        # container's restart policy, then starts another, and so does `worker` here.
        house.until(
            lambda asked=asked: house.worker() and house("look", job=asked["id"])["state"] == "done",
            f"job {asked['id']} becoming done",
        )
        assert house("look", job=asked["id"])["effects"] == 1


def test_worker_and_scheduler_give_signs_of_life(house: House, worker: Any) -> None:
    house.until(lambda: set(house("pulses")["names"]) == {"worker", "scheduler"}, "both signs of life")
    for which in ([], ["--scheduler"]):
        assert house.python("manage.py", "worker_alive", *which).wait() == 0
