"""Deliverables as evidence."""

from __future__ import annotations

from typing import Any

from foundation.people.models import User
from foundation.web.digest import digest_of
from lifecycle.projects.models import Deliverable, DeliverableVersion, Project, Stage
from lifecycle.signoff.evidence import EvidenceKind, Item, Summary
from lifecycle.signoff.kinds.keys import SHORT, ids_in
from lifecycle.signoff.manifest import said_by_name


def _deliverable_hash(deliverable: Deliverable) -> str | None:
    if deliverable.not_applicable:
        return digest_of({"hash": deliverable.latest_hash, "not_applicable": deliverable.not_applicable})
    return deliverable.latest_hash or None


def collect_deliverables(stage: Stage) -> list[Item]:
    """Each deliverable that has a version or is declared not applicable. Two queries."""
    versions = (
        DeliverableVersion.objects.filter(deliverable__stage=stage)
        .select_related("author")
        .defer("text")
        .order_by("number")
    )
    authors: dict[int, list[User]] = {}
    for version in versions:
        authors.setdefault(version.deliverable_id, []).append(version.author)
    items = []
    for deliverable in stage.deliverables.filter(dropped_at__isnull=True):
        content = _deliverable_hash(deliverable)
        if content is None:
            continue
        wrote = authors.get(deliverable.pk, [])
        author = wrote[-1] if wrote else None
        items.append(
            Item(
                kind="deliverable",
                key=f"deliverable:{deliverable.pk}",
                label=deliverable.name,
                hash=content,
                facts={
                    "version": deliverable.latest_number,
                    "need": str(deliverable.need),
                    "not_applicable": deliverable.not_applicable[:SHORT],
                    "author": author.name if author else "",
                    "author_id": author.pk if author else None,
                    # Who wrote an earlier version is an author still: correcting a typing error makes nobody impartial.
                    "author_ids": sorted({each.pk for each in wrote}),
                },
                link=f"/projects/{stage.project.key}/deliverables/{deliverable.pk}/",
            )
        )
    return items


def recheck_deliverables(project: Project, keys: list[str]) -> dict[str, str | None]:
    """Present hashes. One query."""
    ids = ids_in(keys)
    # Asked at every write to the evidence: the order by stage and project would cost three joins.
    rows = Deliverable.objects.filter(stage__project=project, pk__in=list(ids)).order_by("pk")
    found = {row.pk: _deliverable_hash(row) for row in rows}
    return {key: found.get(pk) for pk, own in ids.items() for key in own}


def summarise_deliverables(project: Project, items: list[Item]) -> Summary | None:
    """A list with versions and links."""
    order = {"required": 0, "recommended": 1, "optional": 2}
    ranked = sorted(items, key=lambda item: (order.get(item.facts.get("need", ""), 3), item.label))
    return Summary("lifecycle/signoff/evidence_deliverables.html", {"items": ranked}) if items else None


def say_deliverable(name: str, value: Any) -> str:
    """A fact of a deliverable in words."""
    if name == "need":
        return str(value)
    return f"not applicable because: {value}" if name == "not_applicable" else said_by_name(name, value)


DELIVERABLES = EvidenceKind(
    "deliverable",
    "Deliverables",
    collect_deliverables,
    recheck_deliverables,
    watches=("deliverable",),
    summarise=summarise_deliverables,
    place=70,
    say=say_deliverable,
)
