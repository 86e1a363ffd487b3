"""Handing out a dossier: built from one moment's state, its head written into the trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.dossier.build import Built, build
from lifecycle.dossier.permits import may_export
from lifecycle.projects.models import DeliverableVersion, Project

EXPORT = "export_dossier"
AT_ONCE = 500 * 1024 * 1024  # bytes of stored files that a page or a call puts together while somebody waits


@dataclass(frozen=True)
class Exported:
    """A dossier that was handed out: what was written, and the entry of the trail that holds its head."""

    built: Built
    entry: int


def export_dossier(*, actor: User, project: Project, target: IO[bytes]) -> Exported:
    """Write the dossier for a person to `target`, an open binary file.

    Raises Refused: dossier_internal, person_inactive, dossier_too_large. The trail's end is locked only to note the head,
    not while the files are read; so this is no single transaction.
    """
    may_export(actor, project).demand()
    size = DeliverableVersion.objects.filter(deliverable__stage__project=project).aggregate(all=Sum("size"))["all"] or 0
    if size > AT_ONCE:
        raise Refused(
            f"The files of this project take {size // 1024**2:,} MB, more than is put together while you wait "
            f"({AT_ONCE // 1024**2} MB). Ask an operator to run: manage.py dossier {project.key} --out FILE.zip",
            code="dossier_too_large",
        )
    return _export(actor, project, target)


def export_at_console(*, project: Project, target: IO[bytes]) -> Exported:
    """Write the dossier for the operator, of any size and without what is restricted to named people."""
    return _export(None, project, target)


def _export(actor: User | None, project: Project, target: IO[bytes]) -> Exported:
    built = build(project, reader=actor, at=timezone.now(), target=target)
    with transaction.atomic():
        entry = record(
            actor=actor,
            verb=EXPORT,
            thing=project,
            kind="dossier",
            name=project.name,
            project_id=project.pk,
            after={"head": built.head, "files": built.files, "records": built.records, "size": built.size},
        )
    return Exported(built, entry.seq)
