"""Writing a dossier: a ZIP of records, files, trail, paper and script, with a list that seals them all."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any

from django.db import connection, transaction

from foundation.people.models import User
from foundation.web.digest import canonical_json, digest_of
from foundation.web.formats import day_text
from lifecycle.dossier import trail
from lifecycle.dossier.paper import dossier_pdf, instant_text
from lifecycle.dossier.parts import Part, Row, Stored, all_parts, rows_of, told
from lifecycle.projects.models import Project

FORMAT = "tollgate-dossier/1"
MANIFEST = "manifest.json"
_SCRIPT = Path(__file__).with_name("verify.py")
_CHUNK = 1 << 20  # bytes


@dataclass
class Built:
    """What was written. `head`: hex SHA-256 of the manifest's bytes, which binds every other file."""

    head: str = ""
    files: int = 0
    size: int = 0
    records: int = 0
    lost: list[str] = field(default_factory=list)


class Writer:
    """Files of a ZIP in the order in which they come, each with its fingerprint; all with the same time."""

    def __init__(self, target: IO[bytes], at: datetime) -> None:
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED)
        moment = at.astimezone(UTC)
        self._when = (max(moment.year, 1980), moment.month, moment.day, moment.hour, moment.minute, moment.second)
        self.files: list[dict[str, Any]] = []

    def add(self, path: str, chunks: Iterable[bytes]) -> str:
        """Write a file; its hex SHA-256."""
        info = zipfile.ZipInfo(path, self._when)
        info.compress_type, info.external_attr, info.create_system = zipfile.ZIP_DEFLATED, 0o100644 << 16, 3
        sha, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as file:
            for chunk in chunks:
                file.write(chunk)
                sha.update(chunk)
                size += len(chunk)
        self.files.append({"path": path, "sha256": sha.hexdigest(), "size": size})
        return sha.hexdigest()

    def close(self) -> None:
        """Write the end of the ZIP."""
        self._zip.close()


def build(project: Project, *, reader: User | None, at: datetime, target: IO[bytes]) -> Built:
    """Write the dossier of `project` as it stands to `target`, an open binary file.

    `reader`: for whom; None is the operator at the console, who gets what is not restricted to named people. `at`: the
    instant that all files bear; the same state at the same instant gives the same bytes.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql" and not connection.savepoint_ids:
            # Everything is read as of one moment, while others go on writing.
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        return _write(Writer(target, at), project, reader, at)


def _write(writer: Writer, project: Project, reader: User | None, at: datetime) -> Built:
    built, tally = Built(), trail.Tally()
    tables: dict[str, int] = {}
    kept_back: list[dict[str, Any]] = []
    for part in all_parts():
        rows, hidden = rows_of(part, project, reader)
        if hidden:
            kept_back.append({"part": part.name, "rows": hidden, "why": part.why_hidden})
        tables[part.name] = _write_part(writer, part, told(part, rows), built)
    writer.add("trail.jsonl", _lines(trail.lines_of(project, tally)))
    built.records = sum(tables.values()) + tally.own
    sentences = [f"{kept['rows']} of {kept['part'].replace('-', ' ')}, {kept['why']}" for kept in kept_back]
    paper = dossier_pdf(project, at=at, tables=tables, kept_back=sentences, trail=tally)
    writer.add("dossier.pdf", [paper])
    writer.add("verify.py", [_SCRIPT.read_bytes()])
    writer.add("README.txt", [_readme(project, at, sentences).encode()])
    content = {
        "format": FORMAT,
        "project": project.key,
        "made_at": at.astimezone(UTC).isoformat(),
        "kept_back": kept_back,
        "lost_files": built.lost,
        "trail": {"own": tally.own, "links": tally.links, "head": tally.head},
        "files": sorted(writer.files, key=lambda file: str(file["path"])),
    }
    built.size = sum(file["size"] for file in writer.files)
    built.head = writer.add(
        MANIFEST, [f"{canonical_json({'content': content, 'seal': digest_of(content)})}\n".encode()]
    )
    built.files = len(writer.files)
    writer.close()
    return built


def _write_part(writer: Writer, part: Part, rows: Iterator[tuple[Row, Stored]], built: Built) -> int:
    """The table's records and its stored files; how many rows there were."""
    kept: list[Row] = []
    for row, stored in rows:
        for column, file in stored.items():
            try:
                with file.open("rb") as opened:
                    writer.add(row[column], iter(partial(opened.read, _CHUNK), b""))
            except FileNotFoundError:
                # Told as lost: the fingerprint stays on record, and nothing is put in its place.
                built.lost.append(f"{part.record} {row['id']}")
                row[column] = None
        kept.append(row)
    table = {
        "part": part.name,
        "record": part.record,
        "signed_as": part.signed_as,
        "signed_id": part.signed_id,
        "seals": [[seal.content, seal.digest, seal.how] for seal in part.seals],
        "rows": kept,
    }
    text = json.dumps(table, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    writer.add(f"records/{part.name}.json", [f"{text}\n".encode()])
    return len(kept)


def _lines(entries: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    return (f"{canonical_json(entry)}\n".encode() for entry in entries)


def _readme(project: Project, at: datetime, kept_back: list[str]) -> str:
    return _README.format(
        name=project.name,
        key=project.key,
        made=instant_text(at),
        day=day_text(at.date()),
        kept_back="\n".join(f"- {line}" for line in kept_back) or "- nothing",
    )


_README = """\
Dossier of {name} ({key}), as of {made}

dossier.pdf     for people: decisions with their signature blocks, baselines, acceptance
records/        every record as JSON, one file for each table; people by id and name, money as text, times in UTC
files/          files of deliverables under internal names; records/deliverable-versions.json says which is which
trail.jsonl     the audit trail, one entry a line: this project's own entries whole, those of others as links
                (previous hash, hash), so that the chain can be followed from end to end
manifest.json   every file with its size and SHA-256
verify.py       proves all of it without the portal

Kept back from this dossier
{kept_back}

To verify
    python3 -I verify.py
in the unpacked folder. It needs Python 3.9 or newer and nothing else. It says one line for each record; its exit code is
0 when all holds, and 1 with the name of the file or record when a file was changed, removed or added, when sealed content
does not give its fingerprint, when a signature does not fit its record, or when the trail does not follow.

What is sealed: fingerprints are SHA-256 over canonical JSON (keys sorted, no spaces, UTF-8). A round's "digest" is that of
its "manifest"; each decision and each signature repeats it, and the statement that was signed names it.

What the script cannot know: somebody who rewrites every file, manifest.json and verify.py included, makes a dossier that
holds in itself. Such a dossier has another head. The head is the SHA-256 of manifest.json:
    sha256sum manifest.json
It binds all other files, verify.py included. The portal writes the head of each dossier that it hands out into its audit
trail and lists it on the project's page "Dossier", where a head can be looked up. Compare the two.

Signature blocks, bound fingerprints and the chained trail are features that help with 21 CFR Part 11.
"""
