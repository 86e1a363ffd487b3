"""Opening a post-mortem: its reference, and what the project already knows about itself."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.periods import organisation_today
from lifecycle.postmortems.models import Impact, PostMortem, Taxonomy, Template, TimelineEvent
from lifecycle.postmortems.permits import may_open
from lifecycle.postmortems.prefill import Prefill, prefill_of, stage_in_work
from lifecycle.postmortems.services.taxonomy import current_taxonomy
from lifecycle.postmortems.services.templates import template_of
from lifecycle.projects.models import Project, Role, Stage, people_in

TEXT_LIMIT = 50_000  # characters of one text


@transaction.atomic
def open_postmortem(
    *,
    actor: User,
    project: Project,
    kind: str,
    title: str,
    stage: Stage | None = None,
    severity: str = PostMortem.Severity.MEDIUM,
    visibility: str = PostMortem.Visibility.ORGANISATION,
    template: Template | None = None,
) -> PostMortem:
    """A draft with the next reference, and with milestones and roles taken from the project. `template`: the full one
    where none is named; the texts that it starts with stand in the draft.

    Raises Refused when the person is no member, or when kind, stage, severity or visibility are unknown.
    """
    may_open(actor, project).demand()
    title = title.strip()
    if not title or len(title) > 200:
        raise Refused("Give it a title of up to 200 characters.", code="title_invalid", status=400, field="title")
    choices: tuple[tuple[str, str, list[str]], ...] = (
        ("kind", kind, PostMortem.Kind.values),
        ("severity", severity, PostMortem.Severity.values),
        ("visibility", visibility, PostMortem.Visibility.values),
    )
    for field, value, known in choices:
        if value not in known:
            raise Refused(
                f"{value!r} is no {field}. Use one of: {', '.join(known)}.",
                code=f"{field}_unknown",
                status=400,
                field=field,
            )
    if stage is not None and stage.project_id != project.pk:
        raise Refused(
            "The stage belongs to another project. Choose one of this project.",
            code="stage_elsewhere",
            status=400,
            field="stage",
        )
    template = template or template_of("full")
    if template.retired_at is not None:
        raise Refused(
            "This template is not offered any more. Choose another one.", code="template_retired", field="template"
        )
    origin = stage or stage_in_work(project)
    draft = PostMortem(
        project=project,
        stage=stage,
        template=template,
        title=title,
        kind=kind,
        severity=severity,
        visibility=visibility,
        owner=actor,
        origin_phase=origin.key if origin else "",
        started_on=project.started_on,
    )
    prefill = prefill_of(project, organisation_today())
    write_draft(draft, prefill)
    if visibility != PostMortem.Visibility.RESTRICTED:
        tell(
            people=people_in(project, Role.LEAD),
            kind="postmortem_opened",
            subject=f"{draft.reference} was opened: {title}",
            link=draft.get_absolute_url(),
            actor=actor,
            project_id=project.pk,
        )
    note_opening(draft, actor, prefill)
    return draft


def write_draft(draft: PostMortem, known: Prefill) -> None:
    """Store the draft under the next reference, with all that is known already and the texts its template begins with."""
    starters = {section["key"]: section["starter"] for section in draft.template.sections} if draft.template else {}
    draft.taxonomy = current_taxonomy()
    draft.reference = _next_reference()
    draft.summary = draft.summary or starters.get("summary", "")
    draft.background = "\n\n".join(part for part in (starters.get("background", ""), known.people) if part)
    draft.promise = known.promise
    draft.save()
    for event in known.moments:
        event.postmortem = draft
    TimelineEvent.objects.bulk_create(known.moments)
    Impact.objects.bulk_create(
        Impact(
            postmortem=draft,
            dimension=found.dimension,
            text=found.text,
            amount=found.amount,
            unit=found.unit,
            is_estimate=found.is_estimate,
        )
        for found in known.impacts
    )


def note_opening(draft: PostMortem, actor: User | None, known: Prefill) -> None:
    """The entry of the trail, last; `actor` None: a cause opened it."""
    after: dict[str, object] = {
        "kind": draft.kind,
        "severity": draft.severity,
        "visibility": draft.visibility,
        "lock": 1,
        "events": len(known.moments),
        "impacts": len(known.impacts),
    }
    if draft.cause:
        after["cause"] = draft.cause
    record(
        actor=actor,
        verb="open_postmortem",
        thing=draft,
        kind="postmortem",
        name=draft.name_in_trail,
        project_id=draft.project_id,
        after=after,
    )


def _next_reference() -> str:
    """PM-<year>-<number>, counted per year without gaps. All who ask queue at the first taxonomy's row."""
    Taxonomy.objects.select_for_update().order_by("version").first()
    year = timezone.now().astimezone(ZoneInfo(settings.ORGANISATION_TIME_ZONE)).year
    last = (
        PostMortem.objects.filter(reference__startswith=f"PM-{year}-")
        .order_by("-pk")
        .values_list("reference", flat=True)
        .first()
    )
    number = int(last.rpartition("-")[2]) + 1 if last else 1
    return f"PM-{year}-{number:04d}"
