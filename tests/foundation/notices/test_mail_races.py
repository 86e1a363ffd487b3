"""Two at once, with real connections: one notice, one digest, one e-mail, one calendar."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import close_old_connections, connection

from foundation.audit.models import Entry
from foundation.calendar.models import OwnDay
from foundation.calendar.services import add_own_day
from foundation.jobs.models import Job
from foundation.notices import runs
from foundation.notices.digests import request_digests
from foundation.notices.letters import letter_of
from foundation.notices.models import Delivery, Digest, Notice
from foundation.notices.services import tell, tell_again
from foundation.people.models import User
from foundation.web.refused import Refused

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
MORNING = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


def _together(deed: Callable[[], Any], times: int = 4) -> list[Any]:
    """Run the deed at the same moment in threads of their own; results, or what was raised."""
    gate = threading.Barrier(times)
    results: list[Any] = []

    def run() -> None:
        close_old_connections()
        try:
            gate.wait(timeout=10)
            results.append(deed())
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(results) == times
    return results


def test_an_event_told_at_once_is_told_once(lead: User, viewer: User) -> None:
    results = _together(lambda: tell(people=[lead, viewer], kind="x", subject="Look", event_key="e"))
    assert sorted(len(told) for told in results) == [0, 0, 0, 2]
    assert Notice.objects.count() == 2


def test_asking_again_at_once_asks_once(lead: User, viewer: User) -> None:
    tell(people=[lead, viewer], kind="x", subject="Look", event_key="e")
    Notice.objects.update(created_at=datetime(2026, 1, 1, tzinfo=UTC))

    def ask() -> int:
        again = tell_again(people=[lead, viewer], kind="x", subject="Again", event_key="e", cool_down=timedelta(days=1))
        return len(again.told)

    assert sorted(_together(ask)) == [0, 0, 0, 2]
    assert Notice.objects.count() == 4


def test_schedulers_at_once_ask_for_one_digest(daily: User) -> None:
    tell(people=[daily], kind="x", subject="Look")
    Notice.objects.update(created_at=MORNING - timedelta(hours=1))
    assert _together(lambda: request_digests(MORNING)) == [None] * 4
    assert (Digest.objects.count(), Job.objects.filter(kind="notice_digest").count()) == (1, 1)


def test_workers_at_once_send_one_mail(prompt: User) -> None:
    (notice,) = tell(people=[prompt], kind="x", subject="Look")

    def deliver() -> None:
        runs._deliver(Delivery(user=prompt, notice=notice), letter_of(notice), [notice])

    assert _together(deliver) == [None] * 4
    assert len(mail.outbox) == 1
    assert Delivery.objects.get().result == "sent"


def test_administrators_at_once_add_one_day(administrator: User) -> None:
    results = _together(lambda: add_own_day(actor=administrator, day=date(2026, 12, 24), name="Company holiday"))
    refused = [result.code for result in results if isinstance(result, Refused)]
    assert refused == ["day_taken"] * 3
    assert OwnDay.objects.count() == Entry.objects.filter(verb="close_day").count() == 1
