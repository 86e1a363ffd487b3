"""What a page has read holds until somebody does something, for one person, on one day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from foundation.audit.services import record
from foundation.audit.since import SinceLastDeed
from foundation.people.models import User

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def _kept(settings: Any, request: pytest.FixtureRequest) -> None:
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": request.node.name}
    settings.CACHES = {**settings.CACHES, "answers": memory}


class Reading:
    """Counts how often it is made."""

    times = 0

    def __call__(self) -> int | None:
        self.times += 1
        return None if self.times == 3 else self.times


def test_it_is_read_once_while_nothing_happens(lead: User, manager: User) -> None:
    read = Reading()
    record(actor=lead, verb="rename", thing=lead, kind="person")
    assert [SinceLastDeed(manager.pk, TODAY).answer("value", read) for _ in range(2)] == [1, 1]


def test_a_deed_another_person_day_or_question_has_it_read_anew(lead: User, manager: User) -> None:
    read = Reading()
    assert SinceLastDeed(manager.pk, TODAY).answer("value", read) == 1
    record(actor=lead, verb="rename", thing=lead, kind="person")
    assert SinceLastDeed(manager.pk, TODAY).answer("value", read) == 2
    # That there is nothing is an answer too.
    assert [SinceLastDeed(lead.pk, TODAY).answer("value", read) for _ in range(2)] == [None, None]
    assert SinceLastDeed(lead.pk, date(2026, 3, 3)).answer("value", read) == 4
    assert SinceLastDeed(lead.pk, date(2026, 3, 3)).answer("value of March", read) == 5


def test_the_stamp_costs_one_query_and_an_answer_none(lead: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        since = SinceLastDeed(lead.pk, TODAY)
        since.answer("value", Reading())
