"""Writing the trail. Called last in a deed, in the deed's own transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from django.db import connection
from django.utils import timezone

from foundation.audit.models import GENESIS, Entry
from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.request_facts import current

CHAIN_LOCK = 7_203_119  # advisory lock of the chain on PostgreSQL
SYSTEM_NAME = "Tollgate"


class Thing(Protocol):
    """What an entry is about: any saved row."""

    @property
    def pk(self) -> Any: ...


Listener = Callable[[Entry], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Call `listener(entry)` after each entry, in the same transaction (used to find approvals that went stale)."""
    if listener not in _listeners:
        _listeners.append(listener)


def content_of(entry: Entry) -> dict[str, Any]:
    """All that the hash covers, as plain JSON."""
    return {
        "seq": entry.seq,
        "at": _instant(entry.at),
        "actor": entry.actor_id,
        "actor_name": entry.actor_name,
        "verb": entry.verb,
        "thing": [entry.thing_kind, entry.thing_id, entry.thing_name],
        "project": entry.project_id,
        "before": entry.before,
        "after": entry.after,
        "reason": entry.reason,
        "request": entry.request_id,
        "source": entry.source_address,
        "previous": entry.previous_hash,
    }


def record(
    *,
    actor: User | None,
    verb: str,
    thing: Thing,
    kind: str,
    name: str = "",
    project_id: int | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
    actor_name: str = "",
) -> Entry:
    """One entry of the trail.

    `actor` None: the portal itself (scheduler, worker) or a named outsider (`actor_name`).
    `before`, `after`: JSON values (no floats that are money, no NaN). Must run inside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An audit entry is written in the transaction of the deed it records.")
    if connection.vendor == "postgresql":
        # The chain has one end: entries queue here. SQLite queues all writers by itself.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
    last = Entry.objects.order_by("-seq").only("seq", "hash").first()
    facts = current.get()
    entry = Entry(
        seq=(last.seq if last else 0) + 1,
        at=timezone.now(),
        actor=actor,
        actor_name=(actor.name if actor else actor_name or SYSTEM_NAME)[:120],
        verb=verb,
        thing_kind=kind,
        thing_id=str(thing.pk),
        thing_name=(name or str(thing))[:250],
        project_id=project_id,
        before=before or {},
        after=after or {},
        reason=reason,
        request_id=facts.request_id[:64],
        source_address=facts.source_address[:64],
        previous_hash=last.hash if last else GENESIS,
    )
    entry.hash = digest_of(content_of(entry))
    entry.save(force_insert=True)
    for listener in _listeners:
        listener(entry)
    return entry


def _instant(at: datetime) -> str:
    return at.astimezone(timezone.get_default_timezone()).isoformat(timespec="microseconds")
