"""The registry of parts: what a dossier tells of a project, table by table. Rooms above register theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models.fields.files import FieldFile

from foundation.people.models import User
from lifecycle.projects.models import Project

Row = dict[str, Any]
Stored = dict[str, FieldFile]  # by column
CHUNK = 500  # rows that are read at a time


@dataclass(frozen=True)
class Seal:
    """A column whose content another column binds: `digest` is the hex SHA-256 of `content`.

    `how`: `json` for canonical JSON, `text` for a text in UTF-8, `file` for the bytes of a stored file. An empty
    content is not sealed (a draft, a proposal), and neither is one whose digest is empty.
    """

    content: str
    digest: str
    how: str = "json"


@dataclass(frozen=True)
class Part:
    """One table of a dossier.

    `name`: the file `records/<name>.json`; `record`: what one row is called; `project`: lookup from a row to its
    project, `pk` for the project itself. `signed_as`: the kind under which signatures name these rows, if they do, and
    `signed_id`: the column whose number they name.
    `left_out`: columns that are not told: secrets, and bulk that pages draw from. `with_files`: stored files are put in.
    `visible`: narrows the rows to those that the reader may see (None: the operator at the console); rows that it takes
    away are counted under `why_hidden`. `also(row)`: further plain columns. `reaching(project)`: rows
    that reach into the project without hanging on it.
    """

    name: str
    record: str
    model: type[models.Model]
    project: str
    seals: tuple[Seal, ...] = ()
    signed_as: str = ""
    signed_id: str = "id"
    left_out: tuple[str, ...] = ()
    with_files: bool = False
    visible: Callable[[models.QuerySet[Any], User | None], models.QuerySet[Any]] | None = None
    why_hidden: str = ""
    also: Callable[[Any], Row] | None = None
    reaching: Callable[[Project], models.Q] | None = None


_parts: dict[str, Part] = {}


def register(part: Part) -> None:
    """Make a part known, when the app starts. A model is told by one part only."""
    if _parts.setdefault(part.name, part) != part:
        raise ValueError(f"Part {part.name!r} of the dossier is registered twice with different meanings.")


def all_parts() -> list[Part]:
    """All parts, by name."""
    return sorted(_parts.values(), key=lambda part: part.name)


def rows_of(part: Part, project: Project, reader: User | None) -> tuple[models.QuerySet[Any], int]:
    """Rows that are told, in the order of their keys, and how many are kept back from this reader."""
    own = models.Q(**{part.project: project.pk})
    asked = own | part.reaching(project) if part.reaching else own
    found = part.model._default_manager.filter(asked).order_by("pk")
    # Names of rows ask for their neighbours: one query for all of them.
    near = [field.name for field in part.model._meta.concrete_fields if isinstance(field, models.ForeignKey)]
    if part.visible is None:
        return found.select_related(*near), 0
    shown = part.visible(found, reader)
    return shown.select_related(*near), found.count() - shown.count()


def told(part: Part, rows: models.QuerySet[Any]) -> Iterator[tuple[Row, Stored]]:
    """Each row as plain JSON, with its stored files by column where the part puts files in."""
    for row in rows.iterator(chunk_size=CHUNK):
        yield row_of(part, row)


def row_of(part: Part, row: models.Model) -> tuple[Row, Stored]:
    """One row as plain JSON, `called` as people call it: keys as numbers, people as id and name, money as text, instants in UTC."""
    plain: Row = {"called": str(row)}
    stored: Stored = {}
    for field in row._meta.concrete_fields:
        if field.name in part.left_out:
            continue
        if isinstance(field, models.FileField):
            file = getattr(row, field.name)
            plain[field.name] = place_of(file.name) if file and part.with_files else None
            if plain[field.name]:
                stored[field.name] = file
        elif isinstance(field, models.ForeignKey) and issubclass(field.related_model, User):
            person = getattr(row, field.name)
            plain[field.name] = {"id": person.pk, "name": person.name} if person else None
        else:
            plain[field.name] = plain_of(getattr(row, field.attname))
    if part.also:
        plain |= part.also(row)
    return plain, stored


def plain_of(value: Any) -> Any:
    """A column as JSON. Dates and instants as ISO 8601, decimals as text; JSON columns as they are."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return value


def place_of(name: str) -> str:
    """Where a stored file lies in the dossier: its internal name, which never holds what people typed."""
    return "files/" + "/".join(
        "".join(c for c in step if c.isalnum() or c in "-_.").strip(".") for step in name.split("/")
    )
