"""The broker that comes with the portal: private, lasting, found again."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from kombu.exceptions import OperationalError

from foundation.jobs import broker
from foundation.jobs.broker import Embedded, NoBroker, embedded
from portal.celery import app


@pytest.fixture
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tg-") as folder:
        yield Path(folder)


class Running:
    def __init__(self, found: Embedded) -> None:
        self.found = found

    def __enter__(self) -> Embedded:
        self.process = subprocess.Popen(self.found.argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert self.found.wait(10)
        return self.found

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()


def test_what_it_writes_is_for_the_owner_only(data: Path) -> None:
    found = embedded(data)
    assert stat.S_IMODE(found.folder.stat().st_mode) == 0o700
    for file in found.folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_it_keeps_its_messages_refuses_strangers_and_is_found_again(data: Path) -> None:
    first = embedded(data)
    assert not first.answers()
    with Running(first) as running:
        with running.client() as client:
            assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"
            client.rpush("kept", "message")
        assert stat.S_IMODE(os.stat(running.socket_path).st_mode) == 0o600
        with pytest.raises(redis.AuthenticationError), redis.Redis(unix_socket_path=running.socket_path) as stranger:
            stranger.ping()
        again = embedded(data)
        assert again.url == first.url
        assert again.answers()
    with Running(embedded(data)) as later, later.client() as client:
        assert client.lrange("kept", 0, -1) == [b"message"]


def test_where_a_socket_does_not_fit_it_listens_on_this_machine_only(data: Path) -> None:
    deep = data / ("a" * 90)
    deep.mkdir()
    found = embedded(deep)
    assert found.socket_path == ""
    assert found.url.endswith(f"@127.0.0.1:{found.port}/0")
    with Running(found) as running, running.client() as client:
        assert client.config_get("bind")["bind"] == "127.0.0.1"
        assert embedded(deep).port == found.port
        with pytest.raises(redis.AuthenticationError), redis.Redis(port=found.port) as stranger:
            stranger.ping()


def test_a_path_with_signs_of_an_address_is_not_used_as_socket(data: Path) -> None:
    odd = data / "a b?c#d"
    odd.mkdir()
    with Running(embedded(odd)) as running:
        assert running.port


def test_a_file_that_cannot_be_read_is_set_aside(data: Path) -> None:
    found = embedded(data)
    assert found.set_aside() is None
    with Running(found):
        pass
    aside = found.set_aside()
    assert aside
    assert aside.is_dir()
    assert not (found.folder / "appendonlydir").exists()


def test_without_any_server_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker.platform, "machine", lambda: "riscv64")
    monkeypatch.setattr(broker.shutil, "which", lambda name: None)
    with pytest.raises(NoBroker, match="REDIS_URL"):
        broker.server_program()


def test_a_server_on_the_path_is_the_second_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker.platform, "machine", lambda: "riscv64")
    monkeypatch.setattr(broker.shutil, "which", {"redis-server": "/usr/bin/redis-server"}.get)
    assert broker.server_program() == "/usr/bin/redis-server"


def test_a_broker_that_hangs_is_tried_once_for_a_message() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # the kernel takes connections that nobody answers
        silent.setblocking(False)
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        with app.connection_for_write(url) as connection, pytest.raises(OperationalError):
            _ = connection.default_channel  # what a message is sent through
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()
