"""The portal over HTTP from threads of this process, with the references among its addresses; and a browser before it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.db import connections
from django.test import Client

from bench.running import Skipped
from bench.surroundings import DATA
from foundation.people.models import User
from portal.wsgi import application

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

ARGUMENTS: Final = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """The run prints its own lines."""


@contextmanager
def served() -> Iterator[str]:
    """The address of the portal until the measurement ends."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet, ipv6=False)
    server.set_app(application)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@contextmanager
def browser_at(address: str, person: User) -> Iterator[BrowserContext]:
    """The system's Chromium, in which the person is signed in; a window of 1280 x 900. It has a profile on the disk, as
    people's browsers have, where compiled scripts are kept. Nothing may ask the database from this thread meanwhile.
    Raises Skipped where there is none."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        raise Skipped("drawing is timed in Chromium: install your system's chromium package")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise Skipped("drawing is timed through playwright, which is among the development requirements") from None
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    connections.close_all()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            DATA / "browser",
            executable_path=chromium,
            args=list(ARGUMENTS),
            viewport={"width": 1280, "height": 900},
        )
        try:
            browser.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": address}])
            yield browser
        finally:
            browser.close()
