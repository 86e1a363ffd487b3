"""Post-mortems that open by themselves.

The listener writes a job in the deed's own transaction, and a worker opens the draft: reading what a project knows takes
many queries, and all deeds of the portal queue at the end of the trail while a listener runs. A deed is thus never broken
by what may go wrong here, nothing is lost when it does, and a job that is given up is told to those who can open the
post-mortem by hand.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q

from foundation.audit.models import Entry
from foundation.jobs.models import Job
from foundation.jobs.services import request_job
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.nouns import house_noun
from lifecycle.kpis.models import Kpi
from lifecycle.kpis.periods import organisation_today
from lifecycle.kpis.selectors import current_target, series_of
from lifecycle.postmortems import moves, occasions
from lifecycle.postmortems.causes import CAUSES
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.needs import missing_for_review
from lifecycle.postmortems.prefill import Prefill, first_turn, prefill_of, stage_in_work
from lifecycle.postmortems.services.happened import Occasion, found_in, missed_target, paragraphs
from lifecycle.postmortems.services.opening import note_opening, write_draft
from lifecycle.postmortems.services.rules import rule_of
from lifecycle.projects import moves as project_moves
from lifecycle.projects.models import Project, Role, people_in
from lifecycle.projects.services import lock_project
from lifecycle.signoff import kpi_watch

OPEN = "postmortem_open"
TITLE = 200  # characters


def on_entry(entry: Entry) -> None:
    """Listener on the trail: asks for a worker when something happened that may open a post-mortem."""
    cause = occasions.cause_of(entry.thing_kind, entry.verb, entry.after)
    if cause and entry.project_id is not None:
        request_job(kind=OPEN, args={"entry": entry.seq, "cause": cause}, actor=None, project_id=entry.project_id)


@transaction.atomic
def open_for_entry(seq: int) -> PostMortem | None:
    """Open what an entry of the trail asks for; None where nothing is to be opened. Safe to be called twice."""
    entry = Entry.objects.get(seq=seq)
    cause = occasions.cause_of(entry.thing_kind, entry.verb, entry.after)
    project = lock_project(entry.project_id) if entry.project_id else None
    if project is None or not cause:
        return None
    found = found_in(cause, entry, project)
    return open_for(project, found) if found else None


@transaction.atomic
def open_for_kpi(kpi_id: int, on: date | None = None) -> PostMortem | None:
    """Open one when the KPI missed its target in several periods running; None where it did not."""
    day = on or organisation_today()
    kpi = Kpi.objects.select_related("project").get(pk=kpi_id)
    project = lock_project(kpi.project_id)
    target = current_target(kpi)
    if target is None or target.due_on > day or project.state not in WORKING:
        return None
    readings = kpi_watch.missed(
        [(point.period, point.value) for point in series_of(kpi, since=target.due_on)],
        target=target.value,
        sign=kpi.sign,
        since=target.due_on,
        periods=kpi_watch.PERIODS,
    )
    if not readings:
        return None
    return open_for(project, missed_target(kpi, target, readings, day))


WORKING = (project_moves.ACTIVE, project_moves.IN_USE)


@transaction.atomic
def open_for(project: Project, occasion: Occasion) -> PostMortem | None:
    """A draft for what happened, with all that is known; None where its cause is turned off or it is there already."""
    known, rule = CAUSES[occasion.cause], rule_of(occasion.cause)
    there = PostMortem.objects.filter(project=project, cause=occasion.cause)
    if not rule.is_on or not occasions.reaches(occasion.severity, rule.least):
        return None
    if there.filter(cause_key=occasion.key).exists():
        return None
    if _is_told_by_hand(project, occasion):
        return None
    if occasion.once_settled and there.filter(state__in=(moves.DRAFT, moves.IN_REVIEW)).exists():
        return None
    prefill = prefill_of(project, occasion.detected_on)
    origin = occasion.stage or stage_in_work(project)
    began = occasion.started_on or (
        first_turn(prefill.moments, ("Project started", "Project stopped"))
        if occasion.cause == occasions.STOPPED
        else None
    )
    draft = PostMortem(
        project=project,
        stage=occasion.stage,
        template=rule.template,
        cause=occasion.cause,
        cause_key=occasion.key,
        title=known.title.format(occasion.subject)[:TITLE],
        kind=known.kind,
        severity=occasion.severity or rule.severity,
        owner=_owner(project),
        summary=occasion.story,
        trigger=known.trigger,
        detection=known.detection,
        origin_phase=origin.key if origin else "",
        started_on=began if began and began <= occasion.detected_on else None,
        detected_on=occasion.detected_on,
    )
    write_draft(draft, prefill)
    _tell(draft, prefill)
    note_opening(draft, None, prefill)
    return draft


def _is_told_by_hand(project: Project, occasion: Occasion) -> bool:
    """Whether somebody was quicker: a post-mortem of this kind was opened by a person, and is open or newer than what
    happened. Incidents are of many sorts, so one of them does not stand for another."""
    kind = CAUSES[occasion.cause].kind
    if kind == PostMortem.Kind.INCIDENT:
        return False
    newer = Q(state__in=(moves.DRAFT, moves.IN_REVIEW))
    if occasion.happened_at is not None:
        newer |= Q(created_at__gte=occasion.happened_at)
    by_hand = PostMortem.objects.filter(newer, project=project, kind=kind, cause="")
    if occasion.stage is not None:
        by_hand = by_hand.filter(Q(stage__key=occasion.stage.key) | Q(stage__isnull=True))
    return bool(by_hand.exists())


def tell_given_up(job: Job) -> None:
    """Hook of the ledger: who would have owned the post-mortem is told that it has to be opened by hand."""
    project = Project.objects.filter(pk=job.project_id).first() if job.project_id is not None else None
    if project is None:
        return
    known = CAUSES.get(str(job.args.get("cause")))
    tell(
        people=[_owner(project), *people_in(project, Role.LEAD)],
        kind="postmortem_not_opened",
        subject=f"{house_noun().a_first} of {project.name} could not be opened",
        body="It was to open by itself"
        + (f", because {known.label}" if known else "")
        + ". Something went wrong on our side. Open it by hand; it is filled in the same way.",
        link=f"{project.get_absolute_url()}post-mortems/new/" + (f"?kind={known.kind}" if known else ""),
        project_id=project.pk,
        event_key=f"postmortem_not_opened:{job.pk}",
    )


def _owner(project: Project) -> User:
    """The lead, else the sponsor, else who opened the project."""
    for role in (Role.LEAD, Role.SPONSOR):
        people = people_in(project, role)
        if people:
            return min(people, key=lambda person: person.pk)
    return project.created_by


def _tell(draft: PostMortem, known: Prefill) -> None:
    """Owner and leads: why it is there, what stands in it, and what only people can add."""
    filled = [
        f"{len(known.moments)} moments of the timeline" if known.moments else "",
        f"{len(known.impacts)} {'impact' if len(known.impacts) == 1 else 'impacts'}" if known.impacts else "",
        "what was promised beside what came" if known.promise else "",
        "people by role" if known.people else "",
    ]
    said = ", ".join(part for part in filled if part)
    missing = missing_for_review(draft)
    tell(
        people=[draft.owner, *people_in(draft.project, Role.LEAD)],
        kind="postmortem_opened",
        subject=f"{draft.reference} was opened: {draft.title}",
        body=paragraphs(
            f"It opened by itself because {CAUSES[draft.cause].label}.",
            f"Already filled in: {said}." if said else "",
            f"Before it can be reviewed, {'; '.join(missing)}." if missing else "It can be submitted for review.",
        ),
        link=draft.get_absolute_url(),
        project_id=draft.project_id,
        event_key=f"postmortem_opened:{draft.pk}",
        why="You own it, or you lead the project.",
    )
