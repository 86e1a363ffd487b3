"""The feature dictionary: written as a whole, so that what is shown is what is kept."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from django.db import transaction

from explain.register.models import Feature
from explain.register.permits import may
from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Project
from lifecycle.projects.services.locks import lock_project

MOST = 5_000
CSV_BYTES = 2_000_000
_LENGTHS = {"name": 120, "label": 120, "unit": 40, "meaning": 300}
_YES = {"yes", "true", "1", "x", "y"}
_NO = {"", "no", "false", "0", "n", "none"}
_ALIASES = {"column": "name", "feature": "name", "sensitive?": "sensitive", "expected direction": "expected"}


class FeatureRow(TypedDict):
    """One entry. `expected`: "up", "down" or empty; a missing label is the column's name."""

    name: str
    label: str
    unit: str
    meaning: str
    expected: str
    sensitive: bool


@transaction.atomic
def set_features(*, actor: User, project: Project, rows: Sequence[Mapping[str, Any]]) -> list[Feature]:
    """Make `rows` the project's dictionary; entries that are not in it go. Returns all entries.

    Raises Refused: malformed_dictionary, with one line in `details` for each bad row; not_permitted.
    """
    project = lock_project(project.pk)
    may(actor, "set_features", project).demand()
    wanted = _sound(rows)
    former = {feature.name: feature for feature in Feature.objects.select_for_update().filter(project=project)}
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name, feature in former.items():
        if name not in wanted:
            before[name], after[name] = row_of(feature), None
            feature.delete()
    for name, row in wanted.items():
        entry = former.get(name) or Feature(project=project, name=name)
        old = row_of(entry) if entry.pk else None
        if old == row:
            continue
        entry.label, entry.unit, entry.meaning = row["label"], row["unit"], row["meaning"]
        entry.expected, entry.sensitive = row["expected"], row["sensitive"]
        entry.save()
        before[name], after[name] = old, row
    if after:
        record(
            actor=actor,
            verb="set_features",
            thing=project,
            kind="feature",
            name=f"Feature dictionary of {project.name}",
            project_id=project.pk,
            before=before,
            after=after,
        )
    return list(Feature.objects.filter(project=project))


@transaction.atomic
def import_features(*, actor: User, project: Project, content: bytes) -> list[Feature]:
    """Take over a dictionary from CSV; entries that the file does not name stay as they are."""
    imported = read_csv(content)
    project = lock_project(project.pk)
    rows: dict[str, Mapping[str, Any]] = {
        feature.name: row_of(feature) for feature in Feature.objects.filter(project=project)
    }
    rows |= {row["name"]: row for row in imported}
    return set_features(actor=actor, project=project, rows=list(rows.values()))


def row_of(feature: Feature) -> FeatureRow:
    """The entry as plain data."""
    return FeatureRow(
        name=feature.name,
        label=feature.label,
        unit=feature.unit,
        meaning=feature.meaning,
        expected=str(feature.expected),
        sensitive=feature.sensitive,
    )


def read_csv(content: bytes) -> list[FeatureRow]:
    """Rows of a dictionary as CSV (comma or semicolon) with a header: name, label, unit, meaning, expected, sensitive.

    Raises Refused(malformed_dictionary) with a line for each fault.
    """
    if len(content) > CSV_BYTES:
        raise _bad("The file is larger than 2 MB. A dictionary has one short line for each feature.", [])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _bad("The file is not text in UTF-8. Save it as CSV in UTF-8.", []) from error
    head = text.partition("\n")[0]
    try:
        lines = list(csv.reader(io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ","))
    except csv.Error as error:
        raise _bad("The file cannot be read as CSV. Save it as CSV again.", [str(error)]) from error
    names = [_ALIASES.get(cell.strip().lower(), cell.strip().lower()) for cell in lines[0]] if lines else []
    if "name" not in names:
        raise _bad(
            'The first line names the columns and needs one called "name". The others are label, unit, meaning, '
            "expected (up or down) and sensitive (yes or no).",
            [],
        )
    rows: list[FeatureRow] = []
    faults: list[str] = []
    for number, line in enumerate(lines[1:], start=2):
        if not any(cell.strip() for cell in line):
            continue
        cells = {name: _plain(cell) for name, cell in zip(names, line, strict=False)}
        sensitive = cells.get("sensitive", "").lower()
        if sensitive not in _YES | _NO:
            faults.append(f"Line {number}: sensitive is {sensitive[:40]!r}; write yes or no.")
        rows.append(
            FeatureRow(
                name=cells.get("name", ""),
                label=cells.get("label", ""),
                unit=cells.get("unit", ""),
                meaning=cells.get("meaning", ""),
                expected=cells.get("expected", "").lower(),
                sensitive=sensitive in _YES,
            )
        )
    if faults:
        raise _bad("The dictionary was not taken over.", faults)
    _sound(rows)
    return rows


def as_csv(rows: Sequence[FeatureRow]) -> str:
    """The dictionary as CSV that `read_csv` reads again; no cell can be run as a formula by a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["name", "label", "unit", "meaning", "expected", "sensitive"])
    for row in rows:
        cells = [row["name"], row["label"], row["unit"], row["meaning"], row["expected"]]
        writer.writerow([*(_harmless(cell) for cell in cells), "yes" if row["sensitive"] else "no"])
    return text.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell


def _plain(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:2] in ("=", "+", "-", "@") else cell


def _sound(rows: Sequence[Mapping[str, Any]]) -> dict[str, FeatureRow]:
    if len(rows) > MOST:
        raise _bad(f"There are {len(rows)} entries; a dictionary holds at most {MOST}.", [])
    found: dict[str, FeatureRow] = {}
    faults: list[str] = []
    for place, row in enumerate(rows, start=1):
        texts = {key: " ".join(str(row.get(key) or "").split()) for key in _LENGTHS}
        # a column keeps the name that the model uses, down to its spaces
        texts["name"] = str(row.get("name") or "").strip()
        expected = str(row.get("expected") or "").strip()
        where = f"Entry {place} ({texts['name'][:40] or 'no name'})"
        if not texts["name"]:
            faults.append(f"{where}: the column's name is missing.")
        elif texts["name"] in found:
            faults.append(f"{where}: the column is listed twice.")
        for key, most in _LENGTHS.items():
            if len(texts[key]) > most:
                faults.append(f"{where}: {key} has {len(texts[key])} signs, at most {most} are kept.")
            if "\x00" in texts[key]:
                faults.append(f"{where}: {key} holds a sign that is no text.")
        if expected not in Feature.Expected.values:
            faults.append(f"{where}: expected is {expected[:40]!r}; use up, down, or leave it empty.")
        found[texts["name"]] = FeatureRow(
            name=texts["name"],
            label=texts["label"] or texts["name"],
            unit=texts["unit"],
            meaning=texts["meaning"],
            expected=expected,
            sensitive=bool(row.get("sensitive")),
        )
    if faults:
        raise _bad("The dictionary was not taken over.", faults)
    return found


def _bad(message: str, faults: list[str]) -> Refused:
    return Refused(message, code="malformed_dictionary", status=400, field="features", details=faults[:50])
