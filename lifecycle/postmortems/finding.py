"""How post-mortems are found by words: a room above brings the index, so that this one knows no search engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from lifecycle.postmortems.models import PostMortem


class Index(Protocol):
    """Full-text search over post-mortems. Whatever somebody typed is a question, never an error."""

    def narrow(self, found: QuerySet[PostMortem], text: str) -> QuerySet[PostMortem]:
        """Those of `found` that hold all words."""
        ...

    def best(self, found: QuerySet[PostMortem], text: str, start: int, stop: int) -> tuple[list[int], int]:
        """(keys, count): of those of `found` that hold all words, the best match first, from `start` to `stop`; and how many
        hold them in all, which is 0 where no key is found either. One query."""
        ...

    def snippets(self, keys: Sequence[int], text: str) -> dict[int, SafeString]:
        """Where the words stand, with marks, safe to show. One query."""
        ...


_indexes: list[Index] = []


def join(index: Index) -> None:
    """Called once, when the app starts."""
    _indexes[:] = [index]


def index() -> Index:
    """The index in use."""
    return _indexes[0]
