"""Deeds that come round run once in each turn, however many schedulers look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from foundation.jobs import periodic
from foundation.jobs.models import Slot
from foundation.jobs.periodic import Deed, register, run_due, turn_of

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 4, 12, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _only_mine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(periodic, "_deeds", {})
    return


def test_a_deed_runs_once_in_each_turn() -> None:
    turns: list[datetime] = []
    register(Deed("digest", timedelta(days=1), turns.append))
    assert run_due(NOON) == ["digest"]
    assert run_due(NOON + timedelta(hours=5)) == []
    assert run_due(NOON + timedelta(days=1)) == ["digest"]
    assert turns == [datetime(2026, 3, 4, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC)]


def test_a_turn_that_another_scheduler_has_is_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[datetime] = []
    deed = Deed("digest", timedelta(days=1), turns.append)
    register(deed)
    Slot.objects.create(deed="digest", begins_at=turn_of(deed, NOON))
    # The row appears between the look and the write.
    monkeypatch.setattr(type(Slot.objects.all()), "exists", lambda self: False)
    assert run_due(NOON) == []
    assert turns == []


def test_a_deed_that_breaks_is_tried_again_and_stops_no_other() -> None:
    tries: list[datetime] = []

    def breaks_once(begins_at: datetime) -> None:
        tries.append(begins_at)
        if len(tries) == 1:
            raise RuntimeError("away")

    register(Deed("a", timedelta(hours=1), breaks_once))
    register(Deed("b", timedelta(hours=1), lambda begins_at: None))
    assert run_due(NOON) == ["b"]
    assert run_due(NOON) == ["a"]


def test_old_turns_are_forgotten() -> None:
    register(Deed("digest", timedelta(hours=1), lambda begins_at: None))
    for hour in range(30):
        run_due(NOON + timedelta(hours=hour))
    assert Slot.objects.count() == periodic.KEPT_TURNS + 1


def test_weekly_turns_begin_on_mondays() -> None:
    assert turn_of(Deed("week", timedelta(days=7), lambda begins_at: None), NOON).weekday() == 0


def test_one_name_means_one_deed() -> None:
    register(Deed("digest", timedelta(days=1), lambda begins_at: None))
    with pytest.raises(ValueError, match="registered twice"):
        register(Deed("digest", timedelta(days=2), lambda begins_at: None))
