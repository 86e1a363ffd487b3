"""Deeds: bring a methodology in, freeze it when a project begins to use it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.methodologies.models import Methodology
from lifecycle.methodologies.reading import LocatedFault, read_methodology

SHIPPED = ("crisp_dm", "tdsp")
_FOLDER = Path(__file__).parent.parent


def read_yaml(text: str) -> dict[str, Any]:
    """Plain data from YAML text, checked. Raises Refused with one line for each fault."""
    reading = read_methodology(text)
    if reading.content is None:
        demand_sound(reading.faults)
        raise RuntimeError("A text without content has a fault.")
    return reading.content


def demand_sound(faults: list[LocatedFault]) -> None:
    """Raise Refused when there are faults: the first in the sentence, all of them in its details."""
    if faults:
        count = "one fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise Refused(
            f"The methodology has {count}. {faults[0]} Mend that and check it again.",
            code="methodology_invalid",
            status=400,
            field="text",
            details=[str(fault) for fault in faults],
        )


@transaction.atomic
def add_methodology(*, actor: User | None, text: str) -> Methodology:
    """A new version from YAML text; the same content again gives the version that is there."""
    content = read_yaml(text)
    framework = content["framework"]
    content_hash = digest_of(content)
    found = Methodology.objects.filter(key=framework["key"], content_hash=content_hash).first()
    if found:
        return found
    methodology = store_version(content=content, source=text, author=actor)
    record(
        actor=actor,
        verb="add_methodology",
        thing=methodology,
        kind="methodology",
        after={"key": methodology.key, "number": methodology.number, "hash": content_hash},
    )
    return methodology


def store_version(*, content: dict[str, Any], source: str, author: User | None, note: str = "") -> Methodology:
    """The next version of its key, as a row. The caller holds what keeps others away, and writes the audit entry."""
    framework = content["framework"]
    newest = Methodology.objects.select_for_update().filter(key=framework["key"]).order_by("-number").first()
    return Methodology.objects.create(
        key=framework["key"],
        number=(newest.number if newest else 0) + 1,
        name=framework["name"],
        long_name=framework["long_name"],
        source_version=str(framework.get("version") or ""),
        description=framework.get("description") or "",
        phase_label=framework.get("phase_label") or "Stage",
        content=content,
        content_hash=digest_of(content),
        source=source,
        note=note,
        published_by=author,
    )


def load_shipped() -> list[Methodology]:
    """CRISP-DM and TDSP as they come with Tollgate; safe to call again."""
    return [add_methodology(actor=None, text=(_FOLDER / f"{key}.yaml").read_text("utf-8")) for key in SHIPPED]


def freeze(methodology: Methodology) -> None:
    """Mark a version as in use: from now on its content is never edited."""
    if methodology.frozen_at is None:
        methodology.frozen_at = timezone.now()
        methodology.save(update_fields=["frozen_at"])
