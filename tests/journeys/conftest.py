"""A portal that really runs, a browser, and the journey through both."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from demo.journey.stack import Stack, begin
from demo.training import Trained, train_triage
from tests.journeys.walk import Walk

OWN = {"DATABASE_URL": "", "REDIS_URL": ""}  # SQLite, and the broker that comes along


@pytest.fixture(scope="session")
def trained() -> Trained:
    """A small model on public data, with its rows."""
    return train_triage()


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with tables and people, made once: each portal of SQLite starts with a copy."""
    folder = tmp_path_factory.mktemp("begun")
    begin({**os.environ, **OWN, "TOLLGATE_DATA": str(folder)})
    return folder


@pytest.fixture(scope="module")
def stack(begun: Path) -> Iterator[Stack]:
    """Web, worker, scheduler and broker with a data folder of their own, where their mails are files."""
    mail = "django.core.mail.backends.filebased.EmailBackend"
    with Stack({**OWN, "TOLLGATE_EMAIL_BACKEND": mail}, begun=begun) as running:
        yield running


@pytest.fixture(scope="module")
def chromium(chromium: Browser) -> Browser:
    """The system's Chromium, with patience: a worker computes what some pages show."""
    expect.set_options(timeout=10_000)
    return chromium


@pytest.fixture(scope="module")
def walk(stack: Stack, chromium: Browser, trained: Trained) -> Walk:
    """The journey; its chapters follow each other, whichever test is run."""
    return Walk(stack, chromium, trained, datetime.now(UTC).date())
