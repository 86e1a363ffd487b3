"""Pieces of evidence for a result: chosen from what the project has, pinned by their hash, looked at again later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from foundation.web.digest import digest_of
from foundation.web.formats import day_text, number_text
from lifecycle.acceptance.models import Acceptance
from lifecycle.kpis.charts import unit_words
from lifecycle.kpis.models import Measurement
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff.evidence import Item, all_kinds
from lifecycle.signoff.kinds import DELIVERABLES
from lifecycle.signoff.manifest import present_hashes

READING = "reading"
# An answer to an exit question says what the team thinks; the definition of a KPI says nothing of a result.
_NO_PROOF = frozenset({"answer", "kpi"})
READINGS_SHOWN = 12  # newest readings over all KPIs

Piece = dict[str, Any]


@dataclass(frozen=True)
class Shelf:
    """Pieces of one kind that may be chosen."""

    label: str
    items: list[Item]


def shelves_of(acceptance: Acceptance) -> list[Shelf]:
    """All that may be chosen for a result of this acceptance, by kind. Deliverables come from every stage."""
    stages = list(Stage.objects.filter(project=acceptance.project, is_current=True).order_by("order"))
    for stage in stages:
        stage.project = acceptance.project
    last = stages[-1:] or [acceptance.stage]
    found = [Shelf("Readings of KPIs", _readings(acceptance.project))]
    for kind in all_kinds():
        if kind.name in _NO_PROOF:
            continue
        items = [item for stage in (stages if kind == DELIVERABLES else last) for item in kind.collect(stage)]
        # Most kinds put the same thing forward for each stage.
        found.append(Shelf(kind.label, list({item.key: item for item in items}.values())))
    return [shelf for shelf in found if shelf.items]


def piece_of(item: Item) -> Piece:
    """What is kept of a chosen item: plain JSON."""
    return {
        "kind": item.kind,
        "key": item.key,
        "label": item.label,
        "hash": item.hash,
        "link": item.link,
        "author_id": item.facts.get("author_id"),
    }


def changed_keys(project: Project, pieces: Iterable[Piece]) -> frozenset[str]:
    """Keys of pieces that are no longer what they were when they were chosen. One query for each kind."""
    items = [Item(piece["kind"], piece["key"], piece["label"], piece["hash"]) for piece in pieces]
    readings = [item for item in items if item.kind == READING]
    present = present_hashes(project, [item for item in items if item.kind != READING])
    present |= _present_readings(project, [item.key for item in readings])
    return frozenset(item.key for item in items if present.get(item.key) != item.hash)


def pinned_in(manifest: dict[str, Any]) -> list[Piece]:
    """The pieces that an offer froze: those of the results, and the versions of the model."""
    pieces = [piece for row in manifest.get("criteria", []) for piece in row.get("pieces", [])]
    models = [
        {"kind": model["kind"], "key": model["key"], "label": model["name"], "hash": model["hash"]}
        for model in manifest.get("models", [])
        if "kind" in model and "key" in model
    ]
    return [*pieces, *models]


def _readings(project: Project) -> list[Item]:
    rows = (
        Measurement.objects.filter(kpi__project=project)
        .select_related("kpi__project")
        .order_by("-period", "kpi__name", "-revision")
    )
    newest: dict[tuple[int, Any], Measurement] = {}
    for row in rows[: 4 * READINGS_SHOWN]:
        newest.setdefault((row.kpi_id, row.period), row)
    return [_reading(row) for row in list(newest.values())[:READINGS_SHOWN]]


def _reading(row: Measurement) -> Item:
    return Item(
        kind=READING,
        key=f"{READING}:{row.pk}",
        label=f"{row.kpi.name}, {day_text(row.period)}: {number_text(row.value)} {unit_words(row.kpi.unit)}",
        hash=_reading_hash(row, row.revision),
        link=row.kpi.get_absolute_url(),
    )


def _reading_hash(row: Measurement, revision: int) -> str:
    return digest_of(
        {"kpi": row.kpi_id, "period": row.period.isoformat(), "revision": revision, "value": repr(row.value)}
    )


def _present_readings(project: Project, keys: Sequence[str]) -> dict[str, str | None]:
    """A reading that was corrected since has a higher revision, and so another hash. Two queries at most."""
    if not keys:
        return {}
    ids = {int(key.split(":")[1]): key for key in keys}
    rows = list(Measurement.objects.filter(kpi__project=project, pk__in=list(ids)))
    newest: dict[tuple[int, Any], int] = {}
    later = Measurement.objects.filter(
        kpi__in={row.kpi_id for row in rows}, period__in={row.period for row in rows}
    ).values_list("kpi_id", "period", "revision")
    for kpi, period, revision in later:
        newest[kpi, period] = max(revision, newest.get((kpi, period), 0))
    return {ids[row.pk]: _reading_hash(row, newest[row.kpi_id, row.period]) for row in rows}
