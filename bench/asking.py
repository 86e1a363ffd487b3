"""Asking the portal in this process, through all its middleware."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from foundation.people.models import ApiToken, User

Ask = Callable[[str], bytes]


def script_of(person: User) -> Ask:
    """Asks as a script does, with a token."""
    _, text = ApiToken.make(user=person, name="bench", expires_at=timezone.now() + timedelta(days=1))
    return _asking(Client(headers={"authorization": f"Bearer {text}", "host": "127.0.0.1"}))


def browser_of(person: User) -> Ask:
    """Asks as a signed-in browser does."""
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[0])
    return _asking(client)


def _asking(client: Client) -> Ask:
    def ask(path: str) -> bytes:
        answer = client.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}, so it cannot be measured.")
        return answer.content

    return ask


def queries_of(deed: Callable[[], object]) -> int:
    """How many SQL queries one call makes; the call before it fills what is asked once in a process."""
    deed()
    with CaptureQueriesContext(connection) as captured:
        deed()
    return len(captured)
