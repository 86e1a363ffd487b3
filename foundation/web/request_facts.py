"""What the audit trail notes about the request in hand: its id and the address it came from."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Facts:
    """Id of the request and source address; both empty outside a request (worker, command)."""

    request_id: str = ""
    source_address: str = ""


current: ContextVar[Facts] = ContextVar("request_facts", default=Facts())  # noqa: B039 - frozen
