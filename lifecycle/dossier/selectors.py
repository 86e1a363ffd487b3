"""Reads of the dossiers that were handed out: the trail is where they are kept."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from foundation.audit.models import Entry
from lifecycle.dossier.services import EXPORT
from lifecycle.projects.models import Project

SHOWN = 50
_HEAD = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Handed:
    """One dossier that was handed out. `size`: bytes before packing."""

    seq: int
    at: datetime
    by: str
    head: str
    files: int
    records: int
    size: int


def handed_out(project: Project) -> list[Handed]:
    """The newest dossiers of a project. One query."""
    entries = Entry.objects.filter(project_id=project.pk, thing_kind="dossier", verb=EXPORT).order_by("-seq")
    return [_handed(entry) for entry in entries[:SHOWN]]


def with_head(project: Project, head: str) -> Handed | None:
    """The dossier of the project that has this head, however old; None where there is none. One query at most."""
    wanted = head.strip().lower()
    if not _HEAD.fullmatch(wanted):
        return None
    entry = Entry.objects.filter(project_id=project.pk, thing_kind="dossier", verb=EXPORT, after__head=wanted).first()
    return _handed(entry) if entry else None


def _handed(entry: Entry) -> Handed:
    told = entry.after
    return Handed(entry.seq, entry.at, entry.actor_name, told["head"], told["files"], told["records"], told["size"])
