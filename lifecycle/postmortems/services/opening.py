"""Opening a post-mortem: its reference, and what the project already knows about itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from foundation.audit.models import Entry
from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.postmortems.models import PostMortem, Taxonomy, TimelineEvent
from lifecycle.postmortems.permits import may_open
from lifecycle.postmortems.services.taxonomy import current_taxonomy
from lifecycle.projects.models import Member, Project, Role, Stage, people_in

TEXT_LIMIT = 50_000  # characters of one text
# What an entry says in a timeline; other verbs are told in their own words.
_PHRASES = {
    "start_project": "Project started",
    "stop_project": "Project stopped",
    "submit_round": "submitted for decision",
    "decide_round": "decided",
    "withdraw_round": "request withdrawn",
    "approval_went_stale": "evidence changed after the approval",
    "go_back": "went back to an earlier stage",
    "record_go_live": "went live",
    "offer_acceptance": "offered to the customer",
    "decide_acceptance": "decided by the customer",
    "withdraw_acceptance": "taken back before the customer decided",
}
_REQUESTS = frozenset({"submit_round", "offer_acceptance"})
_ANSWERS = frozenset({"decide_round", "decide_acceptance"})
_TURNS = frozenset({"approval_went_stale", "withdraw_round", "withdraw_acceptance"})
_REFUSALS = frozenset({"reject", "rejected", "request_changes"})
_OUTCOMES = {
    "approve": "approved",
    "approve_with_conditions": "approved with conditions",
    "request_changes": "changes asked for",
    "reject": "rejected",
    "accepted": "accepted by the customer",
    "accepted_with_conditions": "accepted by the customer with conditions",
    "rejected": "rejected by the customer",
}
EVENTS_TAKEN = 100  # entries of the trail that are taken over, newest first

# Entries of the trail that are milestones: kind of thing -> (words in the verb, marker of the event).
_MILESTONES: dict[str, tuple[tuple[str, ...], str]] = {
    "project": (("start", "stop", "close", "accept", "resume"), TimelineEvent.Marker.KEY),
    "round": (
        ("submit", "decide", "approve", "reject", "withdraw", "changes", "stale"),
        TimelineEvent.Marker.DECISION,
    ),
    "stage_return": (("",), TimelineEvent.Marker.DECISION),
    "go_live": (("go_live",), TimelineEvent.Marker.RELEASE),
    "acceptance": (("offer", "decide", "withdraw"), TimelineEvent.Marker.DECISION),
}


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
) -> PostMortem:
    """A draft with the next reference, and with milestones and roles taken from the project.

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
    taxonomy = current_taxonomy()
    origin = stage or _stage_in_work(project)
    postmortem = PostMortem.objects.create(
        reference=_next_reference(),
        project=project,
        stage=stage,
        taxonomy=taxonomy,
        title=title,
        kind=kind,
        severity=severity,
        visibility=visibility,
        owner=actor,
        origin_phase=origin.key if origin else "",
        background=_people_by_role(project),
        started_on=project.started_on,
    )
    taken = _milestones(project)
    TimelineEvent.objects.bulk_create(
        TimelineEvent(
            postmortem=postmortem,
            moment=event.moment,
            precision=event.precision,
            text=event.text,
            marker=event.marker,
            role=event.role,
            evidence=event.evidence,
            audit_seq=event.audit_seq,
        )
        for event in taken
    )
    if visibility != PostMortem.Visibility.RESTRICTED:
        tell(
            people=people_in(project, Role.LEAD),
            kind="postmortem_opened",
            subject=f"{postmortem.reference} was opened: {title}",
            link=postmortem.get_absolute_url(),
            actor=actor,
            project_id=project.pk,
        )
    record(
        actor=actor,
        verb="open_postmortem",
        thing=postmortem,
        kind="postmortem",
        name=postmortem.name_in_trail,
        project_id=project.pk,
        after={"kind": kind, "severity": severity, "visibility": visibility, "lock": 1, "events": len(taken)},
    )
    return postmortem


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


def _stage_in_work(project: Project) -> Stage | None:
    current = Stage.objects.filter(project=project, is_current=True)
    return (
        current.filter(state__in=[Stage.State.OPEN, Stage.State.IN_REVIEW]).first()
        or current.order_by("-order").first()
    )


def _people_by_role(project: Project) -> str:
    counts = (
        Member.objects.filter(project=project, left_at__isnull=True)
        .values("role")
        .annotate(people=Count("user", distinct=True))
        .order_by("role")
    )
    parts = [f"{Role(row['role']).label} ({row['people']})" for row in counts]
    return f"People by role: {', '.join(parts)}." if parts else ""


def _milestones(project: Project) -> list[TimelineEvent]:
    """Unsaved events from the project's trail, with roles in place of names.

    A request and its answer are one moment, that of the answer.
    """
    entries = list(
        Entry.objects.filter(project_id=project.pk, thing_kind__in=_MILESTONES).order_by("-seq")[: EVENTS_TAKEN * 5]
    )
    roles: dict[int, str] = {}
    for member in Member.objects.filter(project=project).order_by("-left_at"):
        roles.setdefault(member.user_id, member.get_role_display())
    answered = {(entry.thing_kind, entry.thing_id) for entry in entries if entry.verb in _ANSWERS}
    events: list[TimelineEvent] = []
    for entry in entries:
        hints, marker = _MILESTONES[entry.thing_kind]
        if not any(hint in entry.verb for hint in hints):
            continue
        if entry.verb in _REQUESTS and (entry.thing_kind, entry.thing_id) in answered:
            continue
        events.append(
            TimelineEvent(
                moment=_moment(entry, project),
                precision=TimelineEvent.Precision.DAY,
                text=_told(entry),
                marker=TimelineEvent.Marker.KEY if _is_turn(entry) else marker,
                role=roles.get(entry.actor_id, "")[:60] if entry.actor_id else "",
                evidence=_link(entry, project),
                audit_seq=entry.seq,
            )
        )
    return events[:EVENTS_TAKEN][::-1]


def _moment(entry: Entry, project: Project) -> datetime:
    """When it happened, which for a start and a go-live is not when it was written down."""
    if entry.verb == "start_project":
        return datetime.combine(project.started_on, time(), tzinfo=UTC)
    if entry.thing_kind == "go_live" and entry.after.get("on"):
        return datetime.combine(date.fromisoformat(entry.after["on"]), time(), tzinfo=UTC)
    return entry.at


def _outcome(entry: Entry) -> str:
    result = entry.after.get("verdict") or entry.after.get("state") or ""
    return result if entry.verb in _ANSWERS and isinstance(result, str) else ""


def _is_turn(entry: Entry) -> bool:
    """Whether the project took another way here than straight on."""
    return entry.thing_kind == "stage_return" or entry.verb in _TURNS or _outcome(entry) in _REFUSALS


def _told(entry: Entry) -> str:
    """`Deployment, round 2: approved`, from names of things, never of people."""
    words = _PHRASES.get(entry.verb) or entry.verb.replace("_", " ")
    if entry.thing_kind in ("project", "go_live"):
        return f"{words[:1].upper()}{words[1:]}"
    outcome = _outcome(entry)
    return f"{entry.thing_name}: {_OUTCOMES.get(outcome, words)}"


def _link(entry: Entry, project: Project) -> str:
    if entry.thing_kind == "round":
        return f"/rounds/{entry.thing_id}/"
    if entry.thing_kind == "acceptance":
        return f"/projects/{project.key}/acceptance/"
    return f"/projects/{project.key}/"
