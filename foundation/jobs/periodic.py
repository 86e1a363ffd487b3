"""Deeds that come round: each turn is a row with a unique key, so two schedulers are harmless."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone

from foundation.jobs.models import Slot

log = structlog.get_logger(__name__)
_EPOCH = datetime(2000, 1, 3, tzinfo=UTC)  # a Monday, so that weekly turns begin on Mondays
KEPT_TURNS = 20


@dataclass(frozen=True)
class Deed:
    """`run(begins_at)` once in each turn of `every`; it should do little itself and request jobs for the rest."""

    name: str
    every: timedelta
    run: Callable[[datetime], None]


_deeds: dict[str, Deed] = {}


def register(deed: Deed) -> None:
    """Make a deed known; the same name twice must mean the same thing."""
    if deed.every < timedelta(seconds=1):
        raise ValueError(f"Periodic deed {deed.name!r} comes round too often: {deed.every}.")
    if _deeds.setdefault(deed.name, deed) != deed:
        raise ValueError(f"Periodic deed {deed.name!r} is registered twice with different meanings.")


def turn_of(deed: Deed, now: datetime) -> datetime:
    """When the turn that holds `now` began (UTC)."""
    return _EPOCH + ((now - _EPOCH) // deed.every) * deed.every


def run_due(now: datetime | None = None) -> list[str]:
    """Run each deed whose present turn has not been run; the names of those run here.

    Slot and deed are one transaction: a deed that breaks leaves no slot and is tried again at the next look.
    """
    ran: list[str] = []
    for deed in list(_deeds.values()):
        begins_at = turn_of(deed, now or timezone.now())
        if Slot.objects.filter(deed=deed.name, begins_at=begins_at).exists():
            continue
        try:
            with transaction.atomic():
                try:
                    with transaction.atomic():
                        Slot.objects.create(deed=deed.name, begins_at=begins_at)
                except IntegrityError:
                    continue  # another scheduler has this turn
                deed.run(begins_at)
                Slot.objects.filter(deed=deed.name, begins_at__lt=begins_at - KEPT_TURNS * deed.every).delete()
        except Exception as error:
            log.error("periodic_deed_broke", deed=deed.name, error=repr(error))
            continue
        ran.append(deed.name)
    return ran
