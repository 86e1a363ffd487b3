"""A portal that really runs, a browser, and the journey through both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from demo.journey.stack import Stack
from demo.training import Trained, train_triage
from tests.conftest import CHROMIUM
from tests.journeys.walk import Walk

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def trained() -> Trained:
    """A small model on public data, with its rows."""
    return train_triage()


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Web, worker, scheduler and broker with a data folder of their own, where their mails are files."""
    mail = "django.core.mail.backends.filebased.EmailBackend"
    with Stack({"DATABASE_URL": "", "REDIS_URL": "", "TOLLGATE_EMAIL_BACKEND": mail}) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium."""
    expect.set_options(timeout=10_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def walk(stack: Stack, chromium: Browser, trained: Trained) -> Walk:
    """The journey; its chapters follow each other, whichever test is run."""
    return Walk(stack, chromium, trained, datetime.now(UTC).date())
