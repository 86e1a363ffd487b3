"""Writing and proving the audit trail, beside a bare INSERT and plain hashing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from bench.asking import queries_of
from bench.pairing import Line, compared
from bench.world import World, world
from foundation.audit.models import GENESIS, Entry
from foundation.audit.services import content_of, record
from foundation.audit.verify import verify_chain
from foundation.web.digest import canonical_json, digest_of

ENTRIES = 20_000
INSERT = "an INSERT of the same values into a table without keys, in a transaction of its own"


def measure(full: bool) -> Iterator[Line]:
    """One entry, one that evidence under review depends on, and a walk over the whole chain."""
    here = world()
    insert = _bare_insert(here)
    for name, kind in (("append an entry", "project"), ("append, evidence in review", "deliverable")):

        def append(kind: str = kind) -> None:
            with transaction.atomic():
                _record(here, kind)

        yield compared(name, append, insert, rounds=30, beside=INSERT, queries=(queries_of(append), queries_of(insert)))
    _fill()
    lines = [canonical_json(content_of(entry)).encode() for entry in Entry.objects.order_by("seq")]

    def prove() -> None:
        found = verify_chain()
        if not found.holds or found.count != len(lines):
            raise RuntimeError(f"The trail does not hold: {found.problem}")

    proving = compared(
        f"verify {len(lines):,} entries", prove, lambda: [hashlib.sha256(text).hexdigest() for text in lines],
        rounds=5, beside="SHA-256 of the same bytes, which lie in memory already",
    )  # fmt: skip
    yield replace(
        proving,
        note=f"{len(lines) / proving.ours:,.0f} entries a second, hashing alone {len(lines) / proving.reference:,.0f}",
    )


def _record(here: World, kind: str) -> Entry:
    return record(
        actor=here.lead, verb="bench", thing=here.project, kind=kind, project_id=here.project.pk,
        before={"number": 1, "hash": "0" * 64}, after={"number": 2, "hash": "f" * 64}, reason="To see how long it takes.",
    )  # fmt: skip


def _bare_insert(here: World) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_entry AS SELECT * FROM foundation_entry WHERE 1 = 0")
        with transaction.atomic():
            seq = _record(here, "project").pk
        cursor.execute("SELECT * FROM foundation_entry WHERE seq = %s", [seq])
        values = cursor.fetchone()
    marks = ", ".join(["%s"] * len(values))
    statement = f"INSERT INTO bench_entry VALUES ({marks})"  # nosec B608 - nothing but marks

    def insert() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)

    return insert


def _fill() -> None:
    """Carry the chain on to its full length. Only here may entries be written other than by `record`."""
    last = Entry.objects.order_by("-seq").first()
    seq, head = (last.seq, last.hash) if last else (0, GENESIS)
    entries = []
    while seq < ENTRIES:
        seq += 1
        entry = Entry(
            seq=seq, at=timezone.now(), actor_name="Tollgate", verb="bench", thing_kind="project", thing_id="1",
            thing_name="Project 0", before={"number": seq - 1}, after={"number": seq}, previous_hash=head,
        )  # fmt: skip
        head = entry.hash = digest_of(content_of(entry))
        entries.append(entry)
    Entry.objects.bulk_create(entries, batch_size=1000)
