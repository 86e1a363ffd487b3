"""The exit report: a draft that the team edits, versions that the lead issues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.acceptance.handoff_permits import may_issue_report, may_write_report
from lifecycle.acceptance.models import ExitReport
from lifecycle.acceptance.report_template import report_of
from lifecycle.projects.models import Project, Role, people_in
from lifecycle.projects.services import lock_project
from lifecycle.projects.services.texts import sound_text

SECTION_LIMIT = 50_000  # characters

Words = Mapping[str, Any]


@transaction.atomic
def write_report(
    *, actor: User, project: Project, sections: Mapping[str, Words], edits: int | None = None
) -> ExitReport:
    """Write the draft; after an issued version the next one begins with its words.

    `sections`: by key, each with text (Markdown), not_applicable (why) and internal (true or false), as far as they
    change; the others stay. `edits`: how often the draft had been saved when it was read; refused (`edited_meanwhile`)
    when somebody saved since. Raises Refused: not_permitted, section_unknown, section_both, text_too_long.
    """
    project = lock_project(project.pk)
    may_write_report(actor, project).demand()
    report = _draft_of(actor, project)
    if edits is not None and edits != report.edits:
        raise Refused(
            "Somebody else saved the report while you were writing. Your text is kept: compare, then save again.",
            code="edited_meanwhile",
            field="edits",
        )
    known = {section["key"]: dict(section) for section in report.sections}
    for key, words in sections.items():
        if key not in known:
            raise Refused(
                f"The report has no section {key!r}. Load the page again.",
                code="section_unknown",
                status=400,
                field="sections",
            )
        known[key] |= _checked(known[key], words)
    report.sections = list(known.values())
    report.edits += 1
    report.edited_by, report.edited_at = actor, timezone.now()
    report.save()
    record(
        actor=actor,
        verb="write_exit_report",
        thing=report,
        kind="exit_report",
        project_id=project.pk,
        after={"number": report.number, "sections": sorted(sections), "content": _digest(report, for_customer=False)},
    )
    return report


@transaction.atomic
def issue_report(*, actor: User, project: Project) -> ExitReport:
    """Issue the draft: from now on it stays as it is. Each section has words or says why it is not applicable.

    Raises Refused: not_permitted, nothing_to_issue, sections_missing.
    """
    project = lock_project(project.pk)
    may_issue_report(actor, project).demand()
    report = (
        ExitReport.objects.select_for_update(of=("self",)).filter(project=project, state=ExitReport.State.DRAFT).first()
    )
    if report is None:
        raise Refused("There is no draft to issue. Write one first.", code="nothing_to_issue")
    report.project = project
    missing = [section["title"] for section in open_sections(report)]
    if missing:
        raise Refused(
            f"{', '.join(missing[:5])}{' and more' if len(missing) > 5 else ''}: write something, or say why it is "
            "not applicable.",
            code="sections_missing",
            details=missing,
        )
    report.digest, report.customer_digest = _digest(report, for_customer=False), _digest(report, for_customer=True)
    report.state, report.issued_by, report.issued_at = ExitReport.State.ISSUED, actor, timezone.now()
    report.save()
    tell(
        people=people_in(project, Role.SPONSOR, Role.CUSTOMER),
        kind="exit_report",
        subject=f"{project.name}: {report.name.lower()} {report.number} is issued",
        link=report.get_absolute_url(),
        actor=actor,
        project_id=project.pk,
    )
    record(
        actor=actor,
        verb="issue_exit_report",
        thing=report,
        kind="exit_report",
        project_id=project.pk,
        before={"state": ExitReport.State.DRAFT},
        after={"state": report.state, "digest": report.digest, "customer_digest": report.customer_digest},
    )
    return report


def open_sections(report: ExitReport) -> list[dict[str, Any]]:
    """Sections that say nothing yet. One with sections below it may leave the words to them."""
    found = []
    for place, section in enumerate(report.sections):
        below = section["level"] == 1 and report.sections[place + 1 : place + 2]
        has_below = bool(below and below[0]["level"] == 2)
        if not (section["text"] or section["not_applicable"] or has_below):
            found.append(section)
    return found


def _draft_of(actor: User, project: Project) -> ExitReport:
    newest = ExitReport.objects.select_for_update(of=("self",)).filter(project=project).first()
    if newest is not None and newest.state == ExitReport.State.DRAFT:
        newest.project = project
        return newest
    name, empty = report_of(project.methodology)
    last: int | None = ExitReport.objects.filter(project=project).aggregate(last=Max("number"))["last"]
    return ExitReport(
        project=project,
        number=(last or 0) + 1,
        name=newest.name if newest else name,
        sections=[dict(section) for section in newest.sections] if newest else empty,
        edited_by=actor,
        edits=newest.edits if newest else 0,
    )


def _checked(section: dict[str, Any], words: Words) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for field, what in (("text", section["title"]), ("not_applicable", f"Why {section['title']} is not applicable")):
        if field in words:
            name = f"{section['key']}_{field}"
            changed[field] = sound_text(
                str(words[field]), limit=SECTION_LIMIT, field=name, what=what, may_be_empty=True
            ).strip()
    if "internal" in words:
        changed["internal"] = bool(words["internal"])
    now = section | changed
    if now["text"] and now["not_applicable"]:
        raise Refused(
            f"{section['title']} has words and is not applicable at once. Leave one of them out.",
            code="section_both",
            status=400,
            field=f"{section['key']}_not_applicable",
        )
    return changed


def _digest(report: ExitReport, *, for_customer: bool) -> str:
    return digest_of(report.content(for_customer=for_customer))
