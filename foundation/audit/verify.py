"""Proving the trail: walks the chain and names the first entry that does not hold."""

from __future__ import annotations

from dataclasses import dataclass

from foundation.audit.models import GENESIS, Entry
from foundation.audit.services import content_of
from foundation.web.digest import digest_of


@dataclass(frozen=True)
class Finding:
    """Outcome of a walk: how many entries held, the head's hash, and what broke, if anything did."""

    count: int
    head: str
    broken_at: int | None = None
    problem: str = ""

    @property
    def holds(self) -> bool:
        return not self.problem


def verify_chain(anchor: tuple[int, str] | None = None) -> Finding:
    """Walk all entries in order. `anchor`: (count, head hash) kept elsewhere; it finds a tail that was cut."""
    expected, previous = 1, GENESIS
    anchored = anchor is None or anchor[0] == 0
    for entry in Entry.objects.order_by("seq").iterator(chunk_size=2000):
        if entry.seq != expected:
            return Finding(
                expected - 1, previous, expected, f"Entry {expected} is missing: the next one is {entry.seq}."
            )
        if entry.previous_hash != previous:
            return Finding(expected - 1, previous, entry.seq, f"Entry {entry.seq} does not follow the one before it.")
        if digest_of(content_of(entry)) != entry.hash:
            return Finding(expected - 1, previous, entry.seq, f"Entry {entry.seq} was changed after it was written.")
        if anchor and entry.seq == anchor[0]:
            if entry.hash != anchor[1]:
                return Finding(
                    expected - 1,
                    previous,
                    entry.seq,
                    f"Entry {entry.seq} differs from the anchor: history was rewritten.",
                )
            anchored = True
        previous, expected = entry.hash, expected + 1
    if not anchored and anchor:
        return Finding(
            expected - 1,
            previous,
            expected,
            f"The anchor knows {anchor[0]} entries, the trail has {expected - 1}: its tail was cut.",
        )
    return Finding(expected - 1, previous)
