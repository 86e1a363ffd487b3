"""Answers that hold until somebody does something: the trail has one entry for each deed, so its end tells when to look anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from hashlib import sha256
from typing import TypeVar

from django.core.cache import caches

from foundation.audit.models import Entry

Answer = TypeVar("Answer")
SECONDS = 300  # bounds what no deed changes, such as the hours that something has waited


class SinceLastDeed:
    """Answers of one person on one day, kept in this process's memory. Making it asks one query, keeping none.

    The end of the trail is read before the answer is made, so an answer may be newer than its stamp and never older:
    what a deed changed is seen with the deed. `person`: what they may see changes by deeds too.
    """

    def __init__(self, person: int, today: date) -> None:
        last = Entry.objects.order_by("-seq").values_list("seq", flat=True).first()
        self._stamp = f"{last or 0}:{today.isoformat()}:{person}"

    def answer(self, question: str, make: Callable[[], Answer]) -> Answer:
        """What `make` gives, or gave since the last deed."""
        key = f"{self._stamp}:{sha256(question.encode()).hexdigest()}"
        known: tuple[Answer] | None = caches["answers"].get(key)
        if known is None:
            known = (make(),)
            caches["answers"].set(key, known, SECONDS)
        return known[0]
