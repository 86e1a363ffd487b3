"""What a file is, by what stands in it: its name proves nothing. Pure functions on bytes."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass


@dataclass(frozen=True)
class FileKind:
    """A kind of file that may be kept: its media type, the endings it may have (the first is given), if it is shown."""

    media_type: str
    endings: tuple[str, ...]
    is_picture: bool = False


PNG = FileKind("image/png", (".png",), is_picture=True)
JPEG = FileKind("image/jpeg", (".jpg", ".jpeg"), is_picture=True)
GIF = FileKind("image/gif", (".gif",), is_picture=True)
WEBP = FileKind("image/webp", (".webp",), is_picture=True)
PDF = FileKind("application/pdf", (".pdf",))
XLSX = FileKind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (".xlsx",))
CSV = FileKind("text/csv", (".csv", ".tsv"))
TEXT = FileKind("text/plain", (".txt", ".md", ".log"))
KINDS = (PNG, JPEG, GIF, WEBP, PDF, XLSX, CSV, TEXT)
IN_WORDS = "PNG, JPEG, GIF, WebP, PDF, Excel (xlsx), CSV or plain text"
_SIGNS = ((b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG), (b"GIF87a", GIF), (b"GIF89a", GIF), (b"%PDF-", PDF))
_ROWS = 20  # lines of a text that are looked at to know a table


def kind_of_file(content: bytes) -> FileKind | None:
    """The kind of these bytes; None for one that is not kept."""
    for sign, kind in _SIGNS:
        if content.startswith(sign):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if content.startswith(b"PK\x03\x04"):
        return XLSX if _is_workbook(content) else None
    return _text_kind(content)


def kind_named(media_type: str) -> FileKind | None:
    """The kind with this media type."""
    return next((kind for kind in KINDS if kind.media_type == media_type), None)


def sound_name(name: str, kind: FileKind) -> str:
    """The last part of a name, without what steers a terminal or a header, ending as its content asks; up to 120 long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(letter for letter in last if letter.isprintable() and letter not in '<>:"|?*').strip(" .") or "file"
    if kept.lower().endswith(kind.endings):
        stem, _, ending = kept.rpartition(".")
        return f"{stem[: 119 - len(ending)] or 'file'}.{ending}"
    return f"{kept[: 120 - len(kind.endings[0])]}{kind.endings[0]}"


def _is_workbook(content: bytes) -> bool:
    """A workbook without macros; nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return False
    return {"[Content_Types].xml", "xl/workbook.xml"} <= names and not any("vbaproject" in n.lower() for n in names)


def _text_kind(content: bytes) -> FileKind | None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if not text.strip() or any(ord(letter) < 32 and letter not in "\t\n\r\f" for letter in text):
        return None
    lines = [line for line in text.splitlines() if line.strip()][:_ROWS]
    for sign in ",;\t":
        try:
            widths = {len(row) for row in csv.reader(lines, delimiter=sign)}
        except csv.Error:
            continue
        if len(lines) > 1 and len(widths) == 1 and widths.pop() > 1:
            return CSV
    return TEXT
