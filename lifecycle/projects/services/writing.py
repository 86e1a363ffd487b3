"""Versions of deliverables: written once, counted, with their SHA-256."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.db import transaction

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.digest import digest_of_file, digest_of_text
from foundation.web.refused import Refused
from lifecycle.projects.models import Deliverable, DeliverableVersion
from lifecycle.projects.permits import may
from lifecycle.projects.selectors import former_version
from lifecycle.projects.services.locks import lock_stage
from lifecycle.projects.services.texts import sound_text

TEXT_LIMIT = 500_000  # characters of one document written in place; longer ones are attached as a file


@transaction.atomic
def write_version(
    *,
    actor: User,
    deliverable: Deliverable,
    expected_number: int,
    text: str | None = None,
    file: File[bytes] | None = None,
    filename: str = "",
    note: str = "",
) -> DeliverableVersion:
    """A new version from Markdown or from a file; the same content again gives the version that is there.

    `expected_number`: the version on which this one builds (0: none). If another one came between, Refused
    `version_conflict` (409) and nothing is lost. A mark "not applicable" falls with the new version.
    """
    deliverable = _locked(deliverable)
    may(actor, "write_deliverable", deliverable).demand()
    if (text is None) == (file is None):
        raise Refused("Write a text or attach a file, one of the two.", code="text_or_file", status=400, field="text")
    if file is None:
        content = sound_text(text or "", limit=TEXT_LIMIT, field="text", what="The text")
        sha256, size, filename = digest_of_text(content), len(content.encode()), ""
    else:
        content = ""
        sha256, size = _sound_file(file)
        filename = _shown_name(filename or getattr(file, "name", "") or "")
    if deliverable.latest_number and deliverable.latest_hash == sha256:
        latest = DeliverableVersion.objects.get(deliverable=deliverable, number=deliverable.latest_number)
        if bool(latest.file) == (file is not None):
            return latest
    if expected_number != deliverable.latest_number:
        raise Refused(
            f"Version {deliverable.latest_number} of “{deliverable.name}” was written while you worked on version "
            f"{expected_number}. Nothing of yours is lost: compare the two and save again.",
            code="version_conflict",
            field="text",
        )
    version = DeliverableVersion(
        deliverable=deliverable,
        number=deliverable.latest_number + 1,
        text=content,
        filename=filename,
        size=size,
        sha256=sha256,
        note=sound_text(note, limit=300, field="note", what="The note", may_be_empty=True),
        author=actor,
    )
    if file is not None:
        version.file.save(filename, file, save=False)
    try:
        _store(actor, deliverable, version)
    except BaseException:
        if version.file:
            version.file.storage.delete(version.file.name or "")
        raise
    return version


@transaction.atomic
def take_over(*, actor: User, deliverable: Deliverable) -> DeliverableVersion:
    """Write the newest version of the former iteration as the first one of this."""
    former = former_version(deliverable)
    if former is None:
        may(actor, "write_deliverable", deliverable).demand()
        raise Refused("No former iteration has a version of this deliverable.", code="nothing_to_take_over")
    note = f"Taken over from iteration {former.deliverable.stage.iteration}, version {former.number}"
    if not former.file:
        return write_version(actor=actor, deliverable=deliverable, expected_number=0, text=former.text, note=note)
    try:
        with former.file.open("rb") as stored:
            return write_version(
                actor=actor,
                deliverable=deliverable,
                expected_number=0,
                file=stored,
                filename=former.filename,
                note=note,
            )
    except FileNotFoundError:
        raise Refused(
            "The file of the former iteration is not in the store any more. Attach it again.", code="file_gone"
        ) from None


@transaction.atomic
def mark_not_applicable(*, actor: User, deliverable: Deliverable, reason: str) -> Deliverable:
    """Say why a deliverable does not apply. A required one only where the gate lists it as possible."""
    deliverable = _locked(deliverable)
    may(actor, "write_deliverable", deliverable).demand()
    reason = sound_text(reason, limit=2_000, field="reason", what="The reason")
    allowed = deliverable.stage.gate.get("may_be_not_applicable") or []
    if deliverable.need == Deliverable.Need.REQUIRED and deliverable.key not in allowed:
        raise Refused(
            f"“{deliverable.name}” is required at this gate, and the methodology allows no exception. Write it, "
            "even if it is short.",
            code="deliverable_required",
        )
    return _set_mark(actor, deliverable, reason, "mark_not_applicable")


@transaction.atomic
def unmark_not_applicable(*, actor: User, deliverable: Deliverable) -> Deliverable:
    """The deliverable applies after all."""
    deliverable = _locked(deliverable)
    may(actor, "write_deliverable", deliverable).demand()
    return _set_mark(actor, deliverable, "", "unmark_not_applicable")


def _locked(deliverable: Deliverable) -> Deliverable:
    """The deliverable as it is now, locked after its project and stage."""
    stage = lock_stage(deliverable.stage)
    locked = Deliverable.objects.select_for_update().get(pk=deliverable.pk)
    locked.stage = stage
    return locked


def _store(actor: User, deliverable: Deliverable, version: DeliverableVersion) -> None:
    version.save(force_insert=True)
    before: dict[str, Any] = {"number": deliverable.latest_number, "hash": deliverable.latest_hash}
    if deliverable.not_applicable:
        before["not_applicable"] = deliverable.not_applicable
    deliverable.latest_number = version.number
    deliverable.latest_hash = version.sha256
    deliverable.not_applicable = ""
    deliverable.save(update_fields=["latest_number", "latest_hash", "not_applicable"])
    record(
        actor=actor,
        verb="write_version",
        thing=deliverable,
        kind="deliverable",
        project_id=deliverable.stage.project_id,
        before=before,
        after={"number": version.number, "hash": version.sha256, "filename": version.filename},
        reason=version.note,
    )


def _set_mark(actor: User, deliverable: Deliverable, reason: str, verb: str) -> Deliverable:
    if deliverable.not_applicable == reason:
        return deliverable
    before, deliverable.not_applicable = deliverable.not_applicable, reason
    deliverable.save(update_fields=["not_applicable"])
    record(
        actor=actor,
        verb=verb,
        thing=deliverable,
        kind="deliverable",
        project_id=deliverable.stage.project_id,
        before={"not_applicable": before},
        after={"not_applicable": reason},
        reason=reason,
    )
    return deliverable


def _sound_file(file: File[bytes]) -> tuple[str, int]:
    """SHA-256 and size of an uploaded file that is neither empty nor too large."""
    limit = settings.UPLOAD_LIMIT_MB
    size = file.size
    if size > limit * 1024 * 1024:
        raise Refused(
            f"The file has {size / 1024 / 1024:.1f} MB; the limit is {limit} MB. Attach a smaller one, or write where "
            "the data lies.",
            code="file_too_large",
            status=400,
            field="file",
        )
    if size == 0:
        raise Refused("The file is empty. Choose another one.", code="empty", status=400, field="file")
    return digest_of_file(file), size


def _shown_name(name: str) -> str:
    """The name under which a file is given back: no folders, no control characters, at most 200 characters."""
    base = re.split(r"[/\\]", name)[-1]
    clean = "".join(sign for sign in base if unicodedata.category(sign)[0] != "C").strip(" .")
    if len(clean) > 200:
        stem, dot, ending = clean.rpartition(".")
        clean = f"{stem[: 199 - len(ending)]}{dot}{ending}" if dot and len(ending) <= 10 else clean[:200]
    return clean or "file"
