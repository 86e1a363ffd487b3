"""`make run`: starts everything, says what is wrong in one line, restarts what died, leaves nothing behind."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import LONGEST, linux, oldest, processes_of, until

pytestmark = [pytest.mark.worker]
ROOT = Path(__file__).resolve().parents[3]
COMMAND = [sys.executable, "-u", "-m", "foundation.jobs.supervisor"]


def environment(data: Path, **more: str) -> dict[str, str]:
    return {
        **os.environ, "TOLLGATE_DATA": str(data), "DATABASE_URL": "", "REDIS_URL": "", "PORT": "0", "TOLLGATE_DEMO": "0",
        "TOLLGATE_RECONCILE": "1", **more,
    }  # fmt: skip


class Portal:
    """A running supervisor."""

    def __init__(self, data: Path, **more: str) -> None:
        self.data = data
        self.output = data.with_suffix(".out")
        with open(self.output, "w") as output:
            self.process = subprocess.Popen(
                COMMAND, cwd=ROOT, env=environment(data, **more), stdout=output, stderr=output, start_new_session=True
            )
        said = until(
            lambda: re.search(r"answers at http://([\d.]+):(\d+) \(after ([\d.]+) s\)", self.said),
            "a page",
            lambda: self.said,
        )
        self.host, self.port, self.took = said[1], int(said[2]), float(said[3])

    @property
    def said(self) -> str:
        return self.output.read_text()

    def status(self, path: str = "/healthz") -> int:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def child(self, part: str) -> int:
        """The oldest process whose command line has `part`."""
        return until(lambda: oldest(self.data, part), part, lambda: self.said)

    def stop(self, number: int = signal.SIGTERM) -> int:
        os.killpg(self.process.pid, number)
        return self.process.wait(timeout=LONGEST)


@pytest.fixture
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tg-") as folder:
        made = Path(folder) / "data"
        made.mkdir()
        yield made
        for process in processes_of(made):
            os.kill(process, signal.SIGKILL)


def refusal(data: Path, *arguments: str, **more: str) -> str:
    """What a start that cannot be says; it must be one line and exit 1."""
    done = subprocess.run(
        [*COMMAND, *arguments], cwd=ROOT, env=environment(data, **more), capture_output=True, text=True, check=False
    )
    lines = (done.stdout + done.stderr).strip().splitlines()
    assert done.returncode == 1, lines
    assert len(lines) == 1, lines
    return lines[0]


@linux
def test_the_portal_starts_heals_stops_and_starts_again(data: Path, tmp_path: Path) -> None:
    portal = Portal(data)
    assert portal.status() == 200
    assert portal.status("/accounts/login/") == 200

    # A second start, and another program on the port, are refused in one line.
    line = refusal(data)
    assert line == f"Tollgate already runs at http://127.0.0.1:{portal.port}, process {portal.process.pid}."
    line = refusal(tmp_path, PORT=str(portal.port))
    assert line.startswith(f"Port {portal.port} of 127.0.0.1 is in use")

    # What dies is started again, and the page never stops for longer than that.
    for part in ("portal.celery", "jobs.scheduler", "valkey-server", "gunicorn"):
        died = portal.child(part)
        os.kill(died, signal.SIGKILL)
        until(lambda died=died: died not in processes_of(data), "its end")
        assert portal.child(part) != died
    assert until(lambda: portal.status() == 200, "the page after a kill", lambda: portal.said)
    until(lambda: portal.said.count("it is started again") == 4, "four starts after four deaths", lambda: portal.said)

    # A person made now is there after the next start.
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", "from foundation.people.models import User; User.objects.create_user('a@b.org', 'x', name='A')"],
        cwd=ROOT, env=environment(data), check=True, capture_output=True,
    )  # fmt: skip
    began = time.monotonic()
    assert portal.stop() == 0
    print(f"first page after {portal.took} s, stopped in {time.monotonic() - began:.1f} s")
    assert processes_of(data) == {}
    assert "Traceback" not in portal.said

    again = Portal(data)
    print(f"second start: first page after {again.took} s")
    counted = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "-c", "from foundation.people.models import User; print(User.objects.count())"],
        cwd=ROOT, env=environment(data), check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert counted.stdout.strip() == "1"

    # Killed without a chance to tidy up, it leaves nothing running, and the next start works.
    again.process.kill()
    again.process.wait()
    until(lambda: processes_of(data) == {}, "the end of all children", again.output)
    third = Portal(data)
    # A terminal's Ctrl-C reaches the whole group.
    assert third.stop(signal.SIGINT) == 0
    assert processes_of(data) == {}


def test_a_port_in_use_is_one_line(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        line = refusal(data, PORT=str(port))
    assert (
        line
        == f"Port {port} of 127.0.0.1 is in use by another program. Stop it, or name another port: PORT={port + 1}."
    )


def test_a_bad_setting_is_one_line(data: Path) -> None:
    assert (
        refusal(data, TOLLGATE_RECONCILE="soon")
        == "TOLLGATE_RECONCILE is 'soon', which is not a whole number. Use 1 to 600."
    )


def test_an_address_of_another_machine_is_one_line(data: Path) -> None:
    assert refusal(data, HOST="192.0.2.1").startswith("HOST is '192.0.2.1', which is no address of this machine.")


@linux
def test_a_folder_that_cannot_be_written_is_one_line(data: Path) -> None:
    # Nobody can make a file in /proc, the superuser neither.
    assert "The data folder /proc cannot be written to" in refusal(Path("/proc"), TOLLGATE_STATIC=str(data / "static"))


def test_check_only_looks(data: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "--check"], cwd=ROOT, env=environment(data), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip().splitlines()[-1] == "All is well: `make run` can start."


def test_a_database_that_does_not_answer_is_said(data: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "--check"],
        cwd=ROOT,
        env=environment(data, DATABASE_URL="postgres://nobody@127.0.0.1:1/none"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "The database does not take it" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout
