"""Bringing the taxonomy in: the same content is the same version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.postmortems.models import Taxonomy
from lifecycle.postmortems.taxonomy import faults_in

_FILE = Path(__file__).parent.parent / "taxonomy.yaml"


@transaction.atomic
def load_taxonomy(*, actor: User | None = None, text: str | None = None) -> Taxonomy:
    """The version with this content (default: the file that comes with Tollgate), made if it is new.

    Raises Refused when the YAML is unreadable, incomplete, or drops a cause of the newest version.
    """
    try:
        loaded: Any = yaml.safe_load(_FILE.read_text("utf-8") if text is None else text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "an unknown line"
        raise Refused(
            f"The taxonomy is no valid YAML at {where}. Mend that line.", code="taxonomy_not_yaml", status=400
        ) from None
    content = loaded.get("taxonomy") if isinstance(loaded, dict) else None
    content_hash = digest_of(content)
    found = Taxonomy.objects.filter(content_hash=content_hash).order_by("-version").first()
    if found:
        return found
    newest = Taxonomy.objects.select_for_update().order_by("-version").first()
    faults = faults_in(content, newest.content if newest else None)
    if faults:
        raise Refused(
            f"The taxonomy has {len(faults)} faults: {faults[0]} Mend them and load it again.",
            code="taxonomy_invalid",
            status=400,
            details=faults,
        )
    taxonomy = Taxonomy.objects.create(
        version=(newest.version if newest else 0) + 1, content=content, content_hash=content_hash
    )
    record(
        actor=actor,
        verb="add_taxonomy",
        thing=taxonomy,
        kind="taxonomy",
        after={"version": taxonomy.version, "hash": content_hash},
    )
    return taxonomy


def current_taxonomy() -> Taxonomy:
    """The newest version; the one that comes with Tollgate when there is none yet."""
    newest = Taxonomy.objects.order_by("-version").first()
    return newest or load_taxonomy()
