"""Writing a version of the business case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from explain.cases.content import PARTS, checked_part
from explain.cases.content.parts import WORTH
from explain.cases.counting import counted, terms_for
from explain.cases.models import CaseVersion
from explain.cases.permits import WRITE, may
from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Project
from lifecycle.projects.services.locks import lock_project
from lifecycle.projects.services.texts import sound_text

KIND = "business_case"


def write_case(
    *, actor: User, project: Project, parts: Mapping[str, Any], expected_number: int, note: str = ""
) -> CaseVersion:
    """A new version in which the given parts are replaced; the same content again gives the version that is there.

    `parts`: by name, as `explain.cases.content` describes them. `expected_number`: the version on which this one builds
    (0: none). Figures are counted anew where the costs, the benefits or the project's rate, currency or horizon
    changed, before anything is locked. Raises Refused: not_permitted, project_closed, part_unknown, case_unsound (with
    all faults), after_horizon, version_conflict, too_busy.
    """
    may(actor, WRITE, project).demand()
    clean = _sound(project, parts)
    former = _latest(project)
    content = {**(former.content if former else {}), **clean}
    terms, result = _counted(project, content, former)
    note = sound_text(note, limit=300, field="note", what="The note", may_be_empty=True)
    return _store(actor, project, content, terms, result, sorted(clean), expected_number, note)


def _sound(project: Project, parts: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(parts) - set(PARTS))
    if unknown or not parts:
        raise Refused(
            f"{'The part “' + unknown[0][:60] + '” is unknown' if unknown else 'No part is given'}. "
            f"The parts are: {', '.join(PARTS)}.",
            code="part_unknown",
            status=400,
            field=unknown[0][:60] if unknown else "",
        )
    kpis = set(Kpi.objects.filter(project=project).values_list("key", flat=True)) if WORTH in parts else set()
    clean, faults = {}, {}
    for name, given in parts.items():
        clean[name], found = checked_part(PARTS[name], given, kpis=kpis)
        faults.update({f"{name}.{place}" if place else name: sentence for place, sentence in found.items()})
    if faults:
        place, sentence = next(iter(faults.items()))
        raise Refused(
            "Nothing was saved: some fields need another look."
            if len(faults) > 1
            else f"Nothing was saved. {sentence}",
            code="case_unsound",
            status=400,
            field=place,
            details=[f"{place}: {sentence}" for place, sentence in faults.items()],
        )
    return clean


def _counted(
    project: Project, content: Mapping[str, Any], former: CaseVersion | None
) -> tuple[dict[str, str], dict[str, Any]]:
    worth = content.get(WORTH)
    if worth is None:
        return {}, {}
    terms = terms_for(project, worth)
    if former and former.result and former.content.get(WORTH) == worth and former.terms == terms.plain():
        return former.terms, former.result
    return terms.plain(), counted(worth, terms)


@transaction.atomic
def _store(
    actor: User,
    project: Project,
    content: dict[str, Any],
    terms: dict[str, str],
    result: dict[str, Any],
    written: list[str],
    expected_number: int,
    note: str,
) -> CaseVersion:
    project = lock_project(project.pk)
    may(actor, WRITE, project).demand()
    former = _latest(project)
    content_hash = digest_of({"content": content, "terms": terms, "result": result})
    if former is not None and former.content_hash == content_hash:
        return former
    number = former.number if former else 0
    if expected_number != number:
        raise Refused(
            f"Version {number} of the business case was written while you worked on version {expected_number}. Nothing of "
            "yours is lost: look at what changed and save again.",
            code="version_conflict",
            field="expected_number",
        )
    version = CaseVersion.objects.create(
        project=project,
        number=number + 1,
        content=content,
        terms=terms,
        result=result,
        content_hash=content_hash,
        note=note,
        author=actor,
    )
    record(
        actor=actor,
        verb="write_case",
        thing=version,
        kind=KIND,
        project_id=project.pk,
        before={"number": number, "hash": former.content_hash if former else ""},
        after={"number": version.number, "hash": content_hash, "parts": written},
        reason=note,
    )
    return version


def _latest(project: Project) -> CaseVersion | None:
    return CaseVersion.objects.filter(project=project).order_by("-number").first()
