"""What this floor tells in a dossier. Every table that hangs on a project is here, or is named with its reason."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.nouns import house_noun
from lifecycle.acceptance.models import (
    Acceptance,
    AcceptanceCondition,
    AcceptanceReminder,
    Criterion,
    CriterionChange,
    CriterionResult,
    ExitReport,
    HandOff,
    Invitation,
)
from lifecycle.dossier.parts import Part, Row, Seal, register
from lifecycle.kpis.claims.models import ClaimEvent, KpiClaim
from lifecycle.kpis.models import (
    Baseline,
    CashLine,
    Exclusion,
    GoLive,
    Kpi,
    KpiControl,
    Measurement,
    Retirement,
    Target,
    ValuePerUnit,
)
from lifecycle.lessons.models import CaseOffer, Catch, LessonCheck
from lifecycle.methodologies.models import Methodology
from lifecycle.postmortems.models import (
    ActionEvent,
    ActionItem,
    Attachment,
    ContributingFactor,
    Impact,
    Lesson,
    PostMortem,
    Review,
    Revision,
    Tag,
    TimelineEvent,
    WhyNode,
)
from lifecycle.projects.models import (
    Delegation,
    Deliverable,
    DeliverableVersion,
    ExitAnswer,
    ExitQuestion,
    Member,
    Project,
    Stage,
    StageReturn,
    StageTask,
)
from lifecycle.signoff.condition_content import content_of as condition_content
from lifecycle.signoff.condition_content import history
from lifecycle.signoff.models import Condition, ConditionEvent, Decision, Feedback, Round, Signature, Waiver
from lifecycle.signoff.services.waivers import content_of as waiver_content

RESTRICTED = f"restricted to the owner and the facilitator of the {house_noun()}"

# Tables of this floor and of the one above that hang on a project and are not told, with the reason.
NOT_TOLD: dict[str, str] = {
    "TextVersion": f"Texts that were struck out while {house_noun().a} was written; they are forgotten when it is published.",
    "SavedForm": "Words by which forms on their way are told from saved ones; they are forgotten.",
    "UnsavedText": "What somebody typed and did not save is for that person's eyes only.",
    "ExchangeRate": "rates belong to the organisation; those a report used are among its inputs",
    "KpiMonth": "sums of measurements, which are told themselves",
    "Reader": "who has read a case says nothing of the project",
    "SimilarPair": "how alike cases are is computed, and of cases of other projects too",
    "SearchText": f"words of {house_noun().many}, which are told themselves",
    "SignatoryCode": "one-time codes are secrets, used up or void",
}


def _open_postmortems(rows: QuerySet[Any], reader: User | None) -> QuerySet[Any]:
    return rows.filter(pk__in=_readable(reader))


def _of_open_postmortems(rows: QuerySet[Any], reader: User | None) -> QuerySet[Any]:
    return rows.filter(postmortem__in=_readable(reader))


def _of_open_actions(rows: QuerySet[Any], reader: User | None) -> QuerySet[Any]:
    return rows.filter(action__postmortem__in=_readable(reader))


def _readable(reader: User | None) -> QuerySet[Any]:
    found: QuerySet[Any] = PostMortem.objects.visible_to(reader) if reader else PostMortem.objects.all()
    if reader is None:
        found = found.exclude(visibility=PostMortem.Visibility.RESTRICTED)
    return found.values("pk")


def _standing_in(project: Project) -> Q:
    """Delegations over all projects, of people for whom somebody decided here."""
    decided = Decision.objects.filter(round__project=project, on_behalf_of__isnull=False)
    return Q(project__isnull=True, from_person__in=decided.values("on_behalf_of"))


def _claimed_elsewhere(project: Project) -> Q:
    """Claims of the project on KPIs of others."""
    return Q(project=project)


def _turns_elsewhere(project: Project) -> Q:
    return Q(claim__project=project)


def _signed_terms(condition: Any) -> Row:
    """Terms and history of a condition as the one who closed it signed them; None where nobody has, and where people
    have other names now, so that the same text cannot be told again."""
    events = history(condition)
    digest = next((str(event.facts["digest"]) for event in events if "signature" in event.facts), "")
    content = condition_content(condition, events)
    return {"content": content if digest and digest_of(content) == digest else None, "content_digest": digest}


def _signed_exception(waiver: Any) -> Row:
    """What the signature of an exception is bound to."""
    return {"content": waiver_content(waiver), "content_digest": waiver.signature.content_hash}


def _handed_off(handoff: HandOff) -> Row:
    """What both signatures are bound to; a draft binds nothing."""
    return {"content": None if handoff.state == HandOff.State.DRAFT else handoff.content}


def _reported(report: ExitReport) -> Row:
    """The issued text, whole: the customer's version has a digest of its own."""
    return {"content": None if report.state == ExitReport.State.DRAFT else report.content(for_customer=False)}


def _postmortem(name: str, record: str, model: type[Any]) -> Part:
    return Part(name, record, model, "postmortem__project", visible=_of_open_postmortems, why_hidden=RESTRICTED)


PARTS = (
    Part("project", "project", Project, "pk"),
    Part("methodology", "methodology", Methodology, "projects", seals=(Seal("content", "content_hash"),)),
    Part("members", "membership", Member, "project"),
    Part("delegations", "delegation", Delegation, "project", reaching=_standing_in),
    Part("stages", "stage", Stage, "project"),
    Part("stage-tasks", "task", StageTask, "stage__project"),
    Part("stage-returns", "going back", StageReturn, "project"),
    Part("deliverables", "deliverable", Deliverable, "stage__project"),
    Part(
        "deliverable-versions",
        "deliverable version",
        DeliverableVersion,
        "deliverable__stage__project",
        seals=(Seal("text", "sha256", "text"), Seal("file", "sha256", "file")),
        with_files=True,
    ),
    Part("exit-questions", "exit question", ExitQuestion, "stage__project"),
    Part("exit-answers", "exit answer", ExitAnswer, "question__stage__project"),
    Part("rounds", "round", Round, "project", seals=(Seal("manifest", "digest"),), signed_as="round"),
    Part("decisions", "decision", Decision, "round__project"),
    Part("signatures", "signature", Signature, "project"),
    Part("feedback", "feedback", Feedback, "round__project"),
    Part(
        "conditions",
        "condition",
        Condition,
        "project",
        seals=(Seal("content", "content_digest"),),
        signed_as="condition",
        also=_signed_terms,
    ),
    Part("condition-events", "event of a condition", ConditionEvent, "condition__project"),
    # A signature on an exception names the project, whose list of exceptions it makes longer.
    Part(
        "exceptions",
        "exception",
        Waiver,
        "project",
        seals=(Seal("content", "content_digest"),),
        signed_as="waiver",
        signed_id="project",
        also=_signed_exception,
    ),
    Part("kpis", "KPI", Kpi, "project"),
    Part("baselines", "baseline", Baseline, "kpi__project", seals=(Seal("values", "values_hash"),)),
    Part("targets", "target", Target, "kpi__project"),
    Part("values-per-unit", "value per unit", ValuePerUnit, "kpi__project"),
    Part("measurements", "measurement", Measurement, "kpi__project"),
    Part("go-lives", "go-live", GoLive, "project"),
    Part("kpi-controls", "series for comparison", KpiControl, "kpi__project"),
    Part("exclusions", "excluded periods", Exclusion, "kpi__project"),
    Part("retirements", "retirement", Retirement, "project"),
    Part("claims", "claim on a KPI", KpiClaim, "kpi__project", reaching=_claimed_elsewhere),
    Part("claim-events", "turn of a claim", ClaimEvent, "claim__kpi__project", reaching=_turns_elsewhere),
    Part("cash-lines", "cost or benefit", CashLine, "project"),
    Part("criteria", "criterion", Criterion, "project"),
    Part(
        "acceptances", "acceptance", Acceptance, "project", seals=(Seal("manifest", "digest"),), signed_as="acceptance"
    ),
    Part("criterion-changes", "proposed change of a criterion", CriterionChange, "project"),
    Part("acceptance-conditions", "condition of an acceptance", AcceptanceCondition, "acceptance__project"),
    Part(
        "acceptance-reminders",
        "reminder of a condition of an acceptance",
        AcceptanceReminder,
        "condition__acceptance__project",
    ),
    Part("invitations", "outside signatory", Invitation, "project", left_out=("token_digest", "email")),
    Part(
        "handoffs",
        "hand-off",
        HandOff,
        "project",
        seals=(Seal("content", "digest"),),
        signed_as="handoff",
        also=_handed_off,
    ),
    Part("exit-reports", "exit report", ExitReport, "project", seals=(Seal("content", "digest"),), also=_reported),
    Part("criterion-results", "criterion result", CriterionResult, "acceptance__project"),
    Part(
        "postmortems", house_noun().one, PostMortem, "project", visible=_open_postmortems, why_hidden=RESTRICTED
    ),
    _postmortem("postmortem-timeline", "moment", TimelineEvent),
    _postmortem("postmortem-impacts", "impact", Impact),
    _postmortem("postmortem-factors", "factor", ContributingFactor),
    _postmortem("postmortem-lessons", "lesson", Lesson),
    _postmortem("postmortem-actions", "action", ActionItem),
    Part(
        "postmortem-action-events",
        "change of an action",
        ActionEvent,
        "action__postmortem__project",
        visible=_of_open_actions,
        why_hidden=RESTRICTED,
    ),
    Part(
        "postmortem-revisions",
        f"{house_noun()} version",
        Revision,
        "postmortem__project",
        seals=(Seal("content", "content_hash"),),
        visible=_of_open_postmortems,
        why_hidden=RESTRICTED,
    ),
    _postmortem("postmortem-whys", "why", WhyNode),
    _postmortem("postmortem-tags", "tag", Tag),
    _postmortem("postmortem-reviews", "review", Review),
    Part(
        "postmortem-files",
        f"file of {house_noun().a}",
        Attachment,
        "postmortem__project",
        seals=(Seal("file", "sha256", "file"),),
        visible=_of_open_postmortems,
        why_hidden=RESTRICTED,
        with_files=True,
    ),
    Part("case-offers", "case that was shown", CaseOffer, "project", visible=_of_open_postmortems, why_hidden=RESTRICTED),
    _postmortem("lesson-checks", "check that a lesson became", LessonCheck),
    Part("catches", "what a check caught", Catch, "question__stage__project"),
)  # fmt: skip


def register_parts() -> None:
    """Called when the app starts."""
    for part in PARTS:
        register(part)
