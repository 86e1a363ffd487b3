"""The supervisor: one loop that starts, watches and stops broker, web, worker and scheduler."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import selectors
import signal
import socket
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings

from foundation.jobs.broker import Embedded, NoBroker, embedded
from foundation.jobs.supervisor.children import Child
from foundation.jobs.supervisor.preflight import CannotStart

ROOT = Path(__file__).resolve().parents[3]
QUEUES = "default,explanations,reports"
BROKER_SECONDS = 10.0


def say(line: str) -> None:
    """One line for whoever watches; a closed terminal must not end the portal."""
    with contextlib.suppress(OSError):
        print(line, flush=True)


class Supervisor:
    """All processes of the portal on one machine. `run` returns the exit code."""

    def __init__(self, data: Path, listening: socket.socket) -> None:
        self.data = data
        self.prepared = data / "log" / "prepared.json"
        self.listening = listening
        self.selector = selectors.DefaultSelector()
        self.children: list[Child] = []
        self.stopping = 0
        self.code = 0
        self.broker: Embedded | None = None
        self.gate: int | None = None
        self.report: dict[str, Any] = {}
        self.ready = False
        self.began_at = time.monotonic()
        host, port = listening.getsockname()[:2]
        shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # nosec B104 - compared, not bound
        self.reached_at = (shown, int(port))
        self.url = f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "PYTHONUNBUFFERED": "1",
            "PORT": str(port),
        }

    def run(self) -> int:
        """Start everything, watch until a signal comes, stop everything."""
        self._listen_to_signals()
        try:
            self._start_broker()
            self._start_web()
            self._start(
                "prepare",
                [*self._python("manage.py", "prepare", "--report", str(self.prepared)), *self._takes_jobs_back()],
                once=True,
            )
            while not self.stopping:
                self._look(0.1 if not self.ready else 1.0)
        except CannotStart as error:
            say(str(error))
            self.code = 1
        finally:
            self._stop_all()
        return self.code

    # Starting

    def _python(self, *arguments: str) -> list[str]:
        return [sys.executable, *arguments]

    def _takes_jobs_back(self) -> list[str]:
        # With the broker of one machine, workers are ours only, and none is alive yet.
        return ["--nobody-works"] if self.broker else []

    def _start(self, name: str, argv: list[str], **how: Any) -> Child:
        environment = {**self.environment, **how.pop("environment", {})}
        child = Child(name, argv, environment, folder=ROOT, log=self.data / "log" / f"{name}.log", say=say, **how)
        self.children.append(child)
        self._launch(child)
        return child

    def _launch(self, child: Child) -> None:
        child.start()
        if child.output is not None:
            self.selector.register(child.output, selectors.EVENT_READ, child)

    def _start_broker(self) -> None:
        if settings.REDIS_URL:
            return
        try:
            self.broker = embedded(self.data)
        except NoBroker as error:
            raise CannotStart(str(error)) from None
        self.environment["REDIS_URL"] = self.broker.url
        if self.broker.answers():
            say("The embedded broker runs already and is used again.")
            return
        self._start("broker", self.broker.argv, patience=5.0, quiet=True)

    def _start_web(self) -> None:
        read, self.gate = os.pipe()
        os.set_inheritable(read, True)
        number = self.listening.fileno()
        child = self._start(
            "web",
            self._python("-m", "gunicorn", "-c", "python:foundation.jobs.supervisor.web"),
            environment={"TOLLGATE_LISTEN_FD": str(number), "TOLLGATE_GATE_FD": str(read)},
            pass_fds=(number, read),
            patience=10.0,
        )
        os.close(read)
        # A later start of this child finds the database ready.
        child.pass_fds = (number,)
        child.environment = {key: value for key, value in child.environment.items() if key != "TOLLGATE_GATE_FD"}

    def _start_the_rest(self) -> None:
        self._start(
            "worker",
            self._python(
                "-m", "celery", "-A", "portal.celery", "--quiet", "worker", "-Q", QUEUES, "-c", "2", "-n", "tollgate@%h",
                "--without-gossip", "--without-mingle", "-l", "WARNING",
            ),
            patience=8.0,
            quit_signal=signal.SIGQUIT,
            # Its tidy ways out speak with the broker, which dies at the same moment; leases answer for its jobs.
            orphan_signal=signal.SIGKILL,
        )  # fmt: skip
        self._start(
            "scheduler",
            self._python("-m", "foundation.jobs.scheduler"),
            patience=5.0,
            orphan_signal=signal.SIGKILL,
        )

    # Watching

    def _listen_to_signals(self) -> None:
        wake, woken = os.pipe()
        for number in (wake, woken):
            os.set_blocking(number, False)
        signal.set_wakeup_fd(woken)
        self.selector.register(wake, selectors.EVENT_READ, None)

        def stop(number: int, frame: FrameType | None) -> None:
            self.stopping += 1

        for name in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(name, stop)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)  # wakes the loop

    def _look(self, seconds: float) -> None:
        """Pass on output for at most `seconds`, then see who died, who is due, and whether the first page answers."""
        self._pass_on_output(seconds)
        for child in list(self.children):
            if child.runs or self.stopping:
                continue
            if child.start_at is not None:
                if time.monotonic() >= child.start_at:
                    self._launch(child)
            elif child.process is not None and child.process.returncode is not None and child in self.children:
                self._mourn(child, child.process.returncode)
        if not self.ready and self.report and not self.stopping and self._first_page_answers():
            self._announce()

    def _pass_on_output(self, seconds: float) -> None:
        for key, _ in self.selector.select(seconds):
            child = key.data
            if child is None:
                with contextlib.suppress(BlockingIOError):
                    os.read(key.fd, 4096)
            elif not child.read():
                self.selector.unregister(key.fd)

    def _mourn(self, child: Child, code: int) -> None:
        # What it left behind would hold its output open, and might go on working.
        child.signal(signal.SIGKILL, group=True)
        while child.output is not None and child.output in self.selector.get_map():
            self._pass_on_output(0.2)
        child.close()
        if child.once:
            self.children.remove(child)
            self._ended(child, code)
            return
        if child.name == "broker" and child.quick_deaths == 2 and self.broker and (aside := self.broker.set_aside()):
            say(f"The broker's file could not be used and was moved to {aside}; waiting jobs are published again.")
        if child.plan_restart():
            say(f"{child.name} ended unexpectedly ({_how(code)}); it is started again.")
            return
        self.children.remove(child)
        say(f"{child.name} ended again and again right after its start ({_how(code)}); {child.log} says why.")
        if child.name == "web":
            self.stopping, self.code = 1, 1
        else:
            say(f"Pages still answer without it; what needs {child.name} waits until you mend this and start again.")

    def _ended(self, child: Child, code: int) -> None:
        if child.name == "prepare":
            if code:
                self.stopping, self.code = 1, 1
                return
            self._prepared()
        elif child.name == "story":
            say(
                "The demo story is loaded."
                if code == 0
                else f"The demo story could not be loaded; {child.log} says why."
            )

    def _prepared(self) -> None:
        self.report = {"prepared": True, **json.loads(self.prepared.read_text())}
        self.prepared.unlink()
        if self.gate is not None:
            os.close(self.gate)
            self.gate = None

    def _first_page_answers(self) -> bool:
        connection = http.client.HTTPConnection(*self.reached_at, timeout=2)
        try:
            connection.request("GET", "/accounts/login/")
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _announce(self) -> None:
        self.ready = True
        took = time.monotonic() - self.began_at
        say(f"Tollgate answers at {self.url} (after {took:.1f} s). Ctrl-C stops it.")
        self._start_the_rest()
        if self.report.get("load_story"):
            say("The database is empty: the demo story is being loaded, which takes a little while.")
            self._start("story", self._python("manage.py", "load_demo"), once=True)
        sign_ins = self.report.get("sign_ins") or []
        if sign_ins:
            say("Sign in as:")
            wide = max(len(str(role)) for role, _, _ in sign_ins)
            for role, email, password in sign_ins:
                say(f"  {role:<{wide}}  {email}  {password}")

    # Stopping

    def _stop_all(self) -> None:
        """Web first, so that nobody asks for more; the broker last, so that the worker can hand back what it holds."""
        if self.gate is not None:
            os.close(self.gate)
            self.gate = None
        self.listening.close()
        asked = self.stopping
        order = {"web": 0, "story": 1, "prepare": 1, "scheduler": 2, "worker": 3, "broker": 4}
        for child in sorted(self.children, key=lambda one: order.get(one.name, 1)):
            self._stop(child, asked)
        self.selector.close()

    def _stop(self, child: Child, asked: int) -> None:
        steps = [(signal.SIGTERM, child.patience), (child.quit_signal, 3.0), (signal.SIGKILL, 5.0)]
        for number, patience in steps:
            if not child.runs:
                break
            child.signal(number, group=number == signal.SIGKILL)
            until = time.monotonic() + patience
            while child.runs and time.monotonic() < until:
                self._pass_on_output(0.05)
                if self.stopping > asked + 1 and number != signal.SIGKILL:  # asked again, and again: at once
                    break
        child.signal(signal.SIGKILL, group=True)  # whatever it left behind in its group
        while child.output is not None and child.output in self.selector.get_map():
            self._pass_on_output(0.05)
        child.close()


def _how(code: int) -> str:
    if code < 0:
        try:
            return f"by {signal.Signals(-code).name}"
        except ValueError:
            return f"by signal {-code}"
    return f"with code {code}"
