"""Kinds of work. A room registers its kinds when the app starts; the ledger knows no room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import structlog
from django.db import transaction

if TYPE_CHECKING:
    from foundation.jobs.models import Job

log = structlog.get_logger(__name__)


class Result(NamedTuple):
    """What a job was for: its name and its page."""

    name: str
    url: str


@dataclass(frozen=True)
class Kind:
    """A kind of job: the Celery task that runs it, its queue, its attempts, what to do when it is given up or cancelled,
    and how the thing is found for which it works (None for work that has no page)."""

    name: str
    label: str
    task: str
    queue: str = "default"
    max_attempts: int = 3
    on_given_up: Callable[[Job], None] | None = None
    on_cancelled: Callable[[Job], None] | None = None
    result: Callable[[Job], Result | None] | None = None


_kinds: dict[str, Kind] = {}
_on_given_up: list[Callable[[Job], None]] = []


def register(kind: Kind) -> None:
    """Make a kind known; the same name twice must mean the same thing."""
    if _kinds.setdefault(kind.name, kind) != kind:
        raise ValueError(f"Job kind {kind.name!r} is registered twice with different meanings.")


def kind_named(name: str) -> Kind:
    """The kind, or KeyError."""
    return _kinds[name]


def find_kind(name: str) -> Kind | None:
    """The kind, or None where this code does not know it (a row of a newer or older version)."""
    return _kinds.get(name)


def all_kinds() -> list[Kind]:
    """All kinds, by name."""
    return [_kinds[name] for name in sorted(_kinds)]


def when_given_up(hook: Callable[[Job], None]) -> None:
    """Call `hook(job)` for each job that is given up (one notice to whoever asked for it)."""
    if hook not in _on_given_up:
        _on_given_up.append(hook)


def given_up(job: Job) -> None:
    """Tell the kind and all hooks, inside the transaction that set the row.

    A hook that breaks is undone and logged: it must not keep the row running for ever. Of a part only its kind hears:
    its parent ends for the same reason, and tells once.
    """
    kind = _kinds.get(job.kind)
    own = [kind.on_given_up] if kind and kind.on_given_up else []
    _call([*own, *(_on_given_up if job.parent_id is None else [])], job)


def cancelled(job: Job) -> None:
    """Tell the kind, inside the transaction that set the row."""
    kind = _kinds.get(job.kind)
    _call([kind.on_cancelled] if kind and kind.on_cancelled else [], job)


def _call(hooks: list[Callable[[Job], None]], job: Job) -> None:
    for hook in hooks:
        try:
            with transaction.atomic():
                hook(job)
        except Exception as error:
            log.error("job_hook_broke", job=job.pk, kind=job.kind, state=job.state, error=repr(error))
