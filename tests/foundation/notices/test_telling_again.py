"""Asking again: the same event reaches a person again only when the last telling is long enough ago."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from foundation.notices.models import Notice
from foundation.notices.services import ToldAgain, tell, tell_again
from foundation.people.models import User

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False) as traveller:
        yield traveller


def _ask(people: list[User], **more: Any) -> ToldAgain:
    return tell_again(people=people, kind="x", subject="Again", event_key="round:1", cool_down=DAY, **more)


def test_the_first_telling_counts(viewer: User, clock: Any) -> None:
    tell(people=[viewer], kind="x", subject="First", event_key="round:1")
    clock.shift(DAY - timedelta(seconds=1))
    early = _ask([viewer])
    assert (early.told, early.too_early) == ([], [viewer])
    assert early.next_at == timezone.now() + timedelta(seconds=1)
    clock.shift(timedelta(seconds=1))
    again = _ask([viewer])
    assert [notice.user for notice in again.told] == [viewer]
    assert again.next_at == timezone.now() + DAY
    assert _ask([viewer]).told == []


def test_each_person_has_a_cool_down_of_their_own(viewer: User, lead: User, clock: Any) -> None:
    _ask([viewer])
    clock.shift(timedelta(hours=5))
    both = _ask([viewer, lead])
    assert [notice.user for notice in both.told] == [lead]
    assert both.too_early == [viewer]
    assert both.next_at == timezone.now() + timedelta(hours=19)


def test_neither_the_actor_nor_who_has_left_is_told(viewer: User, lead: User, clock: Any) -> None:
    lead.is_active = False
    lead.save()
    assert _ask([viewer, lead], actor=viewer) == ToldAgain([], [], None)
    assert not Notice.objects.exists()


def test_many_times_are_many_notices_with_keys_of_their_own(viewer: User, clock: Any) -> None:
    for _ in range(3):
        _ask([viewer], comment="Please.", actor=None)
        clock.shift(DAY)
    assert sorted(Notice.objects.values_list("event_key", flat=True)) == ["round:1", "round:1#2", "round:1#3"]


def test_events_whose_keys_begin_alike_are_different(viewer: User, clock: Any) -> None:
    tell(people=[viewer], kind="x", subject="Other", event_key="round:12")
    assert len(_ask([viewer]).told) == 1


@pytest.mark.parametrize(("key", "cool_down"), [("", DAY), ("x" * 111, DAY), ("x", timedelta(0)), ("x", -DAY)])
def test_it_needs_a_key_and_a_cool_down(viewer: User, key: str, cool_down: timedelta) -> None:
    with pytest.raises(ValueError, match="Telling again"):
        tell_again(people=[viewer], kind="x", subject="Again", event_key=key, cool_down=cool_down)
