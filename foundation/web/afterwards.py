"""Deeds that must survive when the deed at hand is refused and its transaction rolled back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog

log = structlog.get_logger(__name__)

Deed = Callable[[], None]
_waiting: ContextVar[list[Deed] | None] = ContextVar("afterwards", default=None)


def afterwards(deed: Deed) -> None:
    """Run `deed` at the end of the request, when its transactions are over; at once where there is no request.

    A second connection would not do: with SQLite it would wait for the very transaction that waits for it.
    """
    waiting = _waiting.get()
    if waiting is None:
        deed()
    else:
        waiting.append(deed)


@contextmanager
def collecting() -> Iterator[None]:
    """Collect deeds while a request is answered, and run them at its end, whatever became of it."""
    waiting: list[Deed] = []
    token = _waiting.set(waiting)
    try:
        yield
    finally:
        _waiting.reset(token)
        for deed in waiting:
            try:
                deed()
            except Exception as error:  # the answer is made already; the log is what is left
                log.error("afterwards_failed", error=repr(error))
