"""Files of a post-mortem: kept once, by what stands in them; in the text they are named by their number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from django.core.files.base import ContentFile, File
from django.db import transaction

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.postmortems.models import Attachment, PostMortem
from lifecycle.postmortems.naming import noun_of
from lifecycle.postmortems.permits import may_edit
from lifecycle.postmortems.pictures import PIXELS_LIMIT, Broken, TooLarge, without_notes
from lifecycle.postmortems.services.writing import hold, note
from lifecycle.postmortems.sniffing import IN_WORDS, FileKind, kind_of_file, sound_name

FILE_LIMIT = 10 * 1024 * 1024  # bytes of one file
FILES_LIMIT = 60  # files of one post-mortem


@dataclass(frozen=True)
class FileData:
    """A file with its bytes, for exports."""

    name: str
    media_type: str
    content: bytes


@transaction.atomic
def attach_file(*, actor: User, postmortem: PostMortem, file: File[bytes], name: str = "") -> Attachment:
    """Keep a file in the draft; the same bytes again are the row that is there. Pictures lose what they hide.

    Raises Refused: file_empty, file_too_large, file_kind (by content, not by name), picture_broken, picture_too_large,
    files_full.
    """
    held = hold(postmortem.pk)
    may_edit(actor, held).demand()
    if (file.size or 0) > FILE_LIMIT:
        raise _refused(f"A file has at most {FILE_LIMIT // 1024 // 1024} MB. Make it smaller.", "file_too_large")
    content = file.read(FILE_LIMIT + 1)
    if not content:
        raise _refused("The file is empty. Choose another one.", "file_empty")
    if len(content) > FILE_LIMIT:
        raise _refused(f"A file has at most {FILE_LIMIT // 1024 // 1024} MB. Make it smaller.", "file_too_large")
    kind = kind_of_file(content)
    if kind is None:
        raise _refused(f"This is none of the kinds that are kept. Use {IN_WORDS}.", "file_kind")
    content = _without_notes(content, kind)
    digest = sha256(content).hexdigest()
    there = Attachment.objects.filter(postmortem=held, sha256=digest).first()
    if there is not None:
        return there
    if held.attachments.count() >= FILES_LIMIT:
        raise Refused(f"The {noun_of(held)} keeps up to {FILES_LIMIT} files. Take one out first.", code="files_full")
    made = Attachment(
        postmortem=held,
        name=sound_name(name or file.name or "", kind),
        media_type=kind.media_type,
        size=len(content),
        sha256=digest,
        by=actor,
    )
    made.file.save(digest, ContentFile(content), save=False)
    try:
        made.save()
        held.lock += 1
        held.save(update_fields=["lock"])
        note(actor, held, "add_attachment", part=f"files:{made.pk}", after={"hash": digest})
    except BaseException:
        made.file.storage.delete(made.file.name or "")
        raise
    return made


@transaction.atomic
def remove_file(*, actor: User, postmortem: PostMortem, file_id: int) -> None:
    """Take a file out of the draft. Refused (`file_published`) when a published version shows or names it."""
    held = hold(postmortem.pk)
    may_edit(actor, held).demand()
    found = Attachment.objects.filter(postmortem=held, pk=file_id).first()
    if found is None:
        raise Refused(f"This file is not part of the {noun_of(held)}. Load the page again.", code="row_gone")
    for revision in held.revisions.all():
        if any(file["id"] == file_id for file in revision.content.get("files", [])):
            raise Refused(
                f"The published version {revision.number} holds this file, so it stays. Take it out of the text "
                "instead.",
                code="file_published",
            )
    stored, name, digest = found.file.storage, found.file.name or "", found.sha256
    found.delete()
    held.lock += 1
    held.save(update_fields=["lock"])
    note(actor, held, "remove_attachment", part=f"files:{file_id}", before={"hash": digest})
    transaction.on_commit(lambda: stored.delete(name))


def data_of_files(postmortem: PostMortem, numbers: Iterable[int]) -> dict[int, FileData]:
    """Files of a post-mortem by their number, with their bytes; one that the store has lost is left out."""
    found: dict[int, FileData] = {}
    wanted = list(numbers)
    for row in Attachment.objects.filter(postmortem=postmortem, pk__in=wanted) if wanted else []:
        try:
            with row.file.open("rb") as stored:
                found[row.pk] = FileData(row.name, row.media_type, stored.read())
        except FileNotFoundError:
            continue
    return found


def _without_notes(content: bytes, kind: FileKind) -> bytes:
    """Place, device and names that a picture carries are nobody's business here: a published case is read by many."""
    try:
        return without_notes(content, kind)
    except TooLarge:
        raise _refused(
            f"A picture has at most {PIXELS_LIMIT // 1_000_000} million points. Make it smaller.", "picture_too_large"
        ) from None
    except Broken:
        raise _refused(
            "This picture cannot be read to its end, so what it may hide (place, device, names) cannot be taken out. "
            "Open it in another program, save it anew, and bring that.",
            "picture_broken",
        ) from None


def _refused(why: str, code: str) -> Refused:
    return Refused(why, code=code, status=400, field="file")
