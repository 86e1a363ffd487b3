"""Faults under a portal that really runs: a killed worker, a broker that is away, a stop in the middle of work.

A computation is caught by stopping its sandbox once its progress is seen over the API. So each fault hits a job that
runs, however quick or busy the machine is.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from demo.journey.person import Unexpected
from demo.journey.stack import Stack
from demo.journey.steps import Journey
from demo.journey.steps.traveller import KEY
from demo.training import train_letters
from tests.processes import linux, oldest, processes_of, sandbox_of, until

pytestmark = [pytest.mark.worker, linux]
# A lease that a busy machine can renew in time: a job whose lease runs out three times is given up.
SETTINGS = {
    "DATABASE_URL": "",
    "REDIS_URL": "",
    "TOLLGATE_JOB_LEASE": "12",
    "TOLLGATE_RECONCILE": "1",
    # More rows than those of the project's model are explained in parts.
    "TOLLGATE_EXPLAIN_SHARD_ROWS": "1000",
}
# The last that is stopped comes first.
STOPPED = {"broker": "valkey-server", "worker": "portal.celery", "scheduler": "jobs.scheduler", "web": "gunicorn"}


class House:
    """A running portal with one project, on whose model explanations are asked for."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.data = Path(stack.folder.name)
        self.journey = Journey(stack.url, train_letters(), datetime.now(UTC).date())
        self.journey.sign_in()
        self.journey.start()
        self.journey.upload()
        self.asker = self.journey.people["scientist"]

    def child(self, name: str) -> int:
        return until(lambda: oldest(self.data, STOPPED[name]), name, self.said)

    def said(self) -> str:
        return "\n".join(self.stack.lines)

    def job(self, asked: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.asker.get(f"jobs/{asked['job']}/")
        return found

    def catch(self, asked: dict[str, Any]) -> int:
        """Stop the explanation's computation in the middle; returns its process."""
        until(lambda: (job := self.job(asked))["state"] == "running" and job["step"], "progress", self.said)
        sandbox = until(lambda: sandbox_of(self.data, asked["job"]), "its process", self.said)
        os.kill(sandbox, signal.SIGSTOP)
        assert self.job(asked)["state"] == "running"
        return sandbox

    def ask_for_many(self, times: int) -> dict[str, Any]:
        """An explanation of the same model on its rows many times over."""
        trained = self.journey.trained
        header, _, rows = trained.data.partition(b"\n")
        many = header + b"\n" + rows * times
        path = f"projects/{KEY}/"
        data = self.asker.post(
            f"{path}data-sets/",
            {"name": "Many rows", "origin": trained.origin, "target_column": trained.target},
            files={"file": ("many.csv", many)},
        )
        asked: dict[str, Any] = self.asker.post(
            f"{path}explanations/", {**self.journey.uploaded, "data_set": data["number"], "seed": 0}
        )
        return asked

    def parts_of(self, whole: int) -> list[int]:
        """The jobs that are parts of this one, of which each was asked for right after it."""
        found = []
        for number in range(whole + 1, whole + 10):
            with suppress(Unexpected):  # there is no such job yet
                if self.asker.get(f"jobs/{number}/")["part_of"] == whole:
                    found.append(number)
        return found

    def sandbox_of_a_part(self, whole: int) -> int:
        """The process that computes for one of its parts and is tied to its worker; 0 while there is none."""
        found = next((found for part in self.parts_of(whole) if (found := sandbox_of(self.data, part))), 0)
        with suppress(OSError):  # it may have ended since
            return found if found and "NoNewPrivs:\t1" in Path(f"/proc/{found}/status").read_text() else 0
        return 0

    def gone(self, process: int) -> bool:
        return process not in processes_of(self.data)

    def finished_once(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The job of an explanation that is done and left exactly one result, notice, entry and set of files."""
        path = f"projects/{KEY}/explanations/"
        done = self.asker.wait_for(f"{path}{asked['id']}/")
        assert (done["job"], done["rows"]) == (asked["job"], self.journey.trained.rows)
        assert done["words"]["drivers"]
        assert self.asker.get(f"{path}{asked['id']}/rows/1/")["features"]
        alike = [row["id"] for row in self.asker.get(path)["results"] if row["seed"] == asked["seed"]]
        assert alike == [asked["id"]]
        told = [row["kind"] for row in self.asker.get("notices/")["results"] if row["link"] == asked["link"]]
        assert told == ["explanation_done"]
        entries = self.journey.people["auditor"].get("audit/?verb=finish_explanation")["results"]
        assert [entry["thing_id"] for entry in entries].count(str(asked["id"])) == 1
        files = self.data / "files"
        assert len(list((files / "explanations" / str(asked["id"])).glob("*.parquet"))) == 1
        assert list((files / "jobs").glob(f"{asked['job']}-*")) == []
        job = self.job(asked)
        assert job["state"] == "done"
        return job

    @contextmanager
    def without_broker(self, how: str) -> Iterator[None]:
        """The broker hangs, or is gone; then it is back."""
        broker = self.child("broker")
        # The supervisor would start another at once; stopped, it stands for a broker that cannot be started.
        stopped = broker if how == "hangs" else self.stack.process.pid
        os.kill(stopped, signal.SIGSTOP)
        try:
            if how == "is gone":
                os.kill(broker, signal.SIGTERM)
                until(lambda: self.gone(broker), "the broker's end", self.said)
            yield
        finally:
            os.kill(stopped, signal.SIGCONT)


@pytest.fixture(scope="module")
def house(begun: Path) -> Iterator[House]:
    with Stack(SETTINGS, begun=begun) as stack:
        yield House(stack)


def seconds(deed: Callable[[], Any]) -> tuple[Any, float]:
    """What a deed returned, and how long it took."""
    began = time.monotonic()
    return deed(), time.monotonic() - began


def test_a_killed_worker_leaves_its_explanation_to_another(house: House) -> None:
    asked = house.journey.ask(seed=1)
    sandbox, worker = house.catch(asked), house.child("worker")
    os.killpg(worker, signal.SIGKILL)
    until(lambda: house.gone(worker) and house.gone(sandbox), "the end of worker and computation", house.said)
    # Who is impatient and asks again gets the same work, not a second one.
    assert house.journey.ask(seed=1)["job"] == asked["job"]
    job, took = seconds(lambda: house.finished_once(asked))
    print(f"explained {took:.1f} s after kill -9 of the worker")
    assert job["attempts"] == 2
    assert house.child("worker") != worker


@pytest.mark.parametrize(("how", "seeds"), [("hangs", (11, 12)), ("is gone", (13, 14))])
def test_pages_answer_without_a_broker_and_what_was_asked_runs_later(
    house: House, how: str, seeds: tuple[int, int]
) -> None:
    with house.without_broker(how):
        page, page_took = seconds(lambda: requests.get(f"{house.stack.url}/accounts/login/", timeout=30).status_code)
        asked = [seconds(lambda seed=seed: house.journey.ask(seed)) for seed in seeds]
        project, api_took = seconds(lambda: house.asker.get(f"projects/{KEY}/"))
        asking = " and ".join(f"{took:.2f} s" for _, took in asked)
        print(f"broker {how}: page {page_took:.2f} s, project {api_took:.2f} s, asked for in {asking}")
        assert (page, project["key"]) == (200, KEY)
        assert {(row["state"], house.job(row)["state"]) for row, _ in asked} == {("waiting", "queued")}
    for row, _ in asked:
        house.finished_once(row)


def test_a_killed_worker_costs_one_part_of_an_explanation_of_many_rows(house: House) -> None:
    many = house.journey.trained.rows * 95
    asked = house.ask_for_many(95)
    whole = asked["job"]
    sandbox = until(lambda: house.sandbox_of_a_part(whole), "a part being computed", house.said)
    os.kill(sandbox, signal.SIGSTOP)
    # The other parts are done by the other slot of the same worker, while this one stands still.
    until(lambda: (house.job(asked)["parts"] or {}).get("done") == 2, "the other parts", house.said)
    worker = house.child("worker")
    os.killpg(worker, signal.SIGKILL)
    until(lambda: house.gone(worker) and house.gone(sandbox), "the end of worker and computation", house.said)
    done, took = seconds(lambda: house.asker.wait_for(f"projects/{KEY}/explanations/{asked['id']}/"))
    print(f"{many:,} rows explained {took:.1f} s after kill -9 of the worker")
    assert done["rows"] == many
    job = house.job(asked)
    assert (job["state"], job["attempts"], job["parts"]) == ("done", 1, {"done": 3, "all": 3})
    attempts = [house.asker.get(f"jobs/{part}/")["attempts"] for part in house.parts_of(whole)]
    assert sorted(attempts) == [1, 1, 2], "only the part in hand was begun again"
    left = house.data / "files" / "explanations" / str(asked["id"])
    assert sorted(path.suffix for path in left.iterdir()) == [".parquet", ".rows"]


def test_a_stop_in_the_middle_of_work_loses_nothing(house: House) -> None:
    running = [house.journey.ask(seed=21), house.journey.ask(seed=22)]  # as many as the worker does at once
    for asked in running:
        house.catch(asked)
    waiting = house.journey.ask(seed=23)

    children = {name: house.child(name) for name in STOPPED}
    supervisor = house.stack.process
    began = time.monotonic()
    supervisor.send_signal(signal.SIGTERM)
    while supervisor.poll() is None:
        # One by one, the last that is stopped first: who is looked at later can only be found in a later state.
        alive = [not house.gone(process) for process in children.values()]
        assert alive == sorted(alive, reverse=True), f"not in order: {dict(zip(STOPPED, alive, strict=True))}"
        time.sleep(0.05)
    assert house.stack.stop() == 0
    print(f"stopped {time.monotonic() - began:.1f} s after SIGTERM")
    assert processes_of(house.data) == {}

    house.stack.start()
    assert [house.finished_once(asked)["attempts"] for asked in (*running, waiting)] == [2, 2, 1]
