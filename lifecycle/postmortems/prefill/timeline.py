"""Moments of a project that are known already: from its trail, its readings and its acceptance. Roles, never names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time

from foundation.audit.models import Entry
from lifecycle.acceptance.models import CriterionResult
from lifecycle.kpis.periods import following, period_text
from lifecycle.postmortems.models import TimelineEvent
from lifecycle.postmortems.prefill.known import Goal
from lifecycle.projects.models import Member, Project
from lifecycle.signoff.triggers import DRIFT, TRIGGERS

# What an entry says in a timeline; other verbs are told in their own words.
_PHRASES = {
    "start_project": "Project started",
    "stop_project": "Project stopped",
    "close_project": "Project closed",
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
CRITERIA_TAKEN = 10  # refused criteria that are told one by one
REASON = 300  # characters of what was reported

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
    "trigger": (("report",), TimelineEvent.Marker.REPAIR),
}


def moments_of(project: Project, goals: Iterable[Goal], on: date) -> list[TimelineEvent]:
    """Unsaved events, by moment."""
    found = [*milestones(project), *_missed(goals, on), *_refused_criteria(project)]
    return sorted(found, key=lambda event: event.moment)


def milestones(project: Project) -> list[TimelineEvent]:
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
                marker=_marker(entry, marker),
                role=roles.get(entry.actor_id, "")[:60] if entry.actor_id else "",
                evidence=_link(entry, project),
                audit_seq=entry.seq,
            )
        )
    return events[:EVENTS_TAKEN][::-1]


def first_turn(events: Iterable[TimelineEvent], taken: Iterable[str] = ()) -> date | None:
    """The day on which the project first took another way than straight on; texts in `taken` do not count."""
    skipped = set(taken)
    for event in events:
        if event.marker == TimelineEvent.Marker.KEY and event.text not in skipped:
            return event.moment.date()
    return None


def _moment(entry: Entry, project: Project) -> datetime:
    """When it happened, which for a start and a go-live is not when it was written down."""
    if entry.verb == "start_project":
        return _midnight(project.started_on)
    if entry.thing_kind == "go_live" and entry.after.get("on"):
        return _midnight(date.fromisoformat(entry.after["on"]))
    return entry.at


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)


def _outcome(entry: Entry) -> str:
    result = entry.after.get("verdict") or entry.after.get("state") or ""
    return result if entry.verb in _ANSWERS and isinstance(result, str) else ""


def _marker(entry: Entry, usual: str) -> str:
    if entry.thing_kind == "trigger":
        return TimelineEvent.Marker.DETECTION if entry.after.get("trigger") == DRIFT else usual
    return TimelineEvent.Marker.KEY if _is_turn(entry) else usual


def _is_turn(entry: Entry) -> bool:
    """Whether the project took another way here than straight on."""
    return entry.thing_kind == "stage_return" or entry.verb in _TURNS or _outcome(entry) in _REFUSALS


def _told(entry: Entry) -> str:
    """`Deployment, round 2: approved`, from names of things, never of people."""
    if entry.thing_kind == "trigger":
        known = TRIGGERS.get(str(entry.after.get("trigger")))
        return f"{known.sentence if known else entry.thing_name} {entry.reason[:REASON]}".strip()
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


def _missed(goals: Iterable[Goal], on: date) -> list[TimelineEvent]:
    """The first reading of each goal that lay on the wrong side of its target once that was due."""
    events = []
    for goal in goals:
        first = next(((period, value) for period, value in goal.since_due() if goal.misses(value)), None)
        if first is None:
            continue
        period, value = first
        moment = min(following(period, goal.frequency), on)
        events.append(
            TimelineEvent(
                moment=_midnight(moment),
                precision=TimelineEvent.Precision.DAY,
                text=f"{goal.name} missed its target for the first time: {goal.said(value)} in "
                f"{period_text(period, goal.frequency)}, {goal.said(goal.target)} was promised",
                marker=TimelineEvent.Marker.KEY,
                evidence=goal.link,
            )
        )
    return events


def _refused_criteria(project: Project) -> list[TimelineEvent]:
    """Criteria that were not met in acceptances that the customer refused."""
    results = (
        CriterionResult.objects.filter(
            acceptance__project=project, acceptance__state="rejected", verdict=CriterionResult.Verdict.NOT_MET
        )
        .select_related("acceptance", "criterion")
        .order_by("-acceptance__number", "criterion__key")[:CRITERIA_TAKEN]
    )
    return [
        TimelineEvent(
            moment=moment,
            precision=TimelineEvent.Precision.DAY,
            text=f"Not met: {result.criterion.measure}. Wanted: {result.criterion.threshold}"
            + (f"; seen: {result.observed}" if result.observed else ""),
            marker=TimelineEvent.Marker.DETECTION,
            evidence=result.acceptance.get_absolute_url(),
        )
        for result in results
        if (moment := result.judged_at or result.acceptance.decided_at) is not None
    ]
