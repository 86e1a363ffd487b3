"""The trail in a dossier: entries of the project whole, those of others as links, so that the chain can be followed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from foundation.audit.models import Entry
from foundation.audit.services import content_of
from lifecycle.projects.models import Project

CHUNK = 2000


@dataclass
class Tally:
    """Counted while the lines are read."""

    own: int = 0
    links: int = 0
    head: str = ""


def lines_of(project: Project, tally: Tally) -> Iterator[dict[str, Any]]:
    """From the first entry of the project to the present end of the chain, in order.

    `{"content": what the hash covers, "hash"}` for the project's own, `{"seq", "previous", "hash"}` for all others.
    """
    first = Entry.objects.filter(project_id=project.pk).order_by("seq").values_list("seq", flat=True).first()
    if first is None:
        return
    for entry in Entry.objects.filter(seq__gte=first).order_by("seq").iterator(chunk_size=CHUNK):
        tally.links += 1
        tally.head = entry.hash
        if entry.project_id == project.pk:
            tally.own += 1
            yield {"content": content_of(entry), "hash": entry.hash}
        else:
            yield {"seq": entry.seq, "previous": entry.previous_hash, "hash": entry.hash}
