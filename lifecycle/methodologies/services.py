"""Deeds: bring a methodology in, freeze it when a project begins to use it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.methodologies.models import Methodology
from lifecycle.methodologies.schema import faults_in

SHIPPED = ("crisp_dm", "tdsp")
_FOLDER = Path(__file__).parent


def read_yaml(text: str) -> dict[str, Any]:
    """Plain data from YAML text, checked. Raises Refused with one line for each fault."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "an unknown line"
        raise Refused(
            f"The methodology is no valid YAML: {getattr(error, 'problem', 'it cannot be read')} at {where}. Mend that line.",
            code="methodology_not_yaml",
            status=400,
        ) from None
    faults = faults_in(content)
    if faults:
        raise Refused(
            f"The methodology has {len(faults)} faults: {faults[0]} Mend them and upload it again.",
            code="methodology_invalid",
            status=400,
            details=faults,
        )
    checked: dict[str, Any] = content
    return checked


@transaction.atomic
def add_methodology(*, actor: User | None, text: str) -> Methodology:
    """A new version from YAML text; the same content again gives the version that is there."""
    content = read_yaml(text)
    framework = content["framework"]
    content_hash = digest_of(content)
    found = Methodology.objects.filter(key=framework["key"], content_hash=content_hash).first()
    if found:
        return found
    newest = Methodology.objects.select_for_update().filter(key=framework["key"]).order_by("-number").first()
    methodology = Methodology.objects.create(
        key=framework["key"],
        number=(newest.number if newest else 0) + 1,
        name=framework["name"],
        long_name=framework["long_name"],
        source_version=str(framework.get("version", "")),
        description=framework.get("description", ""),
        phase_label=framework.get("phase_label", "Stage"),
        content=content,
        content_hash=content_hash,
    )
    record(
        actor=actor,
        verb="add_methodology",
        thing=methodology,
        kind="methodology",
        after={"key": methodology.key, "number": methodology.number, "hash": content_hash},
    )
    return methodology


def load_shipped() -> list[Methodology]:
    """CRISP-DM and TDSP as they come with Tollgate; safe to call again."""
    return [add_methodology(actor=None, text=(_FOLDER / f"{key}.yaml").read_text("utf-8")) for key in SHIPPED]


def freeze(methodology: Methodology) -> None:
    """Mark a version as in use: from now on its content is never edited."""
    if methodology.frozen_at is None:
        methodology.frozen_at = timezone.now()
        methodology.save(update_fields=["frozen_at"])
