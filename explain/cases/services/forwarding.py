"""Putting a case forward: its parts become versions of the deliverables that the first stage asks for."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from explain.cases.content import PARTS
from explain.cases.figures import headline_of
from explain.cases.models import CaseVersion
from explain.cases.permits import PUT_FORWARD, may
from explain.cases.selectors.deliverables import structured_deliverables
from explain.cases.services.writing import KIND
from explain.cases.words import markdown_of
from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Project
from lifecycle.projects.services import write_version
from lifecycle.projects.services.locks import lock_project


@transaction.atomic
def put_forward(*, actor: User, project: Project, number: int) -> CaseVersion:
    """The newest version goes before those who decide the first stage, with a version of each deliverable it fills.

    All of it or nothing. Doing it again changes nothing. Raises Refused: not_permitted, case_empty, version_conflict,
    part_missing, and what writing a deliverable refuses (stage_closed and others).
    """
    project = lock_project(project.pk)
    may(actor, PUT_FORWARD, project).demand()
    version = CaseVersion.objects.select_for_update().filter(project=project).order_by("-number").first()
    if version is None:
        raise Refused("There is no business case yet. Write its parts first.", code="case_empty")
    if version.number != number:
        raise Refused(
            f"Version {version.number} is the newest one, and you looked at version {number}. Load the page again and "
            "read it.",
            code="version_conflict",
        )
    if version.missing:
        raise Refused(
            f"Still to be written: {', '.join(version.missing)}. All four parts go forward together.",
            code="part_missing",
        )
    if version.put_forward_at is not None:
        return version
    headline = headline_of(version.result, version.terms["currency"])
    kpis = dict(Kpi.objects.filter(project=project).values_list("key", "name"))
    written = {}
    for name, deliverable in structured_deliverables(project).items():
        text = markdown_of(
            PARTS[name],
            version.content[name],
            number=version.number,
            content_hash=version.content_hash,
            currency=version.terms["currency"],
            headline=headline,
            kpis=kpis,
        )
        stored = write_version(
            actor=actor,
            deliverable=deliverable,
            expected_number=deliverable.latest_number,
            text=text,
            note=f"Business case, version {version.number}",
        )
        written[deliverable.key] = stored.number
    version.put_forward_at, version.put_forward_by = timezone.now(), actor
    version.save(update_fields=["put_forward_at", "put_forward_by"])
    record(
        actor=actor,
        verb="put_case_forward",
        thing=version,
        kind=KIND,
        project_id=project.pk,
        after={"number": version.number, "hash": version.content_hash, "deliverables": written},
    )
    return version
