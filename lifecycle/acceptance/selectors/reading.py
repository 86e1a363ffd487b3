"""Reads of criteria and acceptances."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import OuterRef, Prefetch, Q, QuerySet

from foundation.people.models import User
from foundation.web.digest import digest_of
from lifecycle.acceptance import moves
from lifecycle.acceptance.evidence import changed_keys, pinned_in
from lifecycle.acceptance.models import (
    Acceptance,
    AcceptanceCondition,
    Criterion,
    CriterionChange,
    CriterionResult,
    ExitReport,
    HandOff,
    Invitation,
    token_digest,
)
from lifecycle.projects.models import Project
from lifecycle.signoff.models import Signature
from lifecycle.signoff.signing import CHANGED, SUPERSEDED, VALID, signature_state


def criteria_of(project: Project) -> QuerySet[Criterion]:
    """Criteria in force."""
    return Criterion.objects.filter(project=project, is_current=True, withdrawn=False).select_related(
        "kpi__project", "author"
    )


def former_criteria(project: Project) -> QuerySet[Criterion]:
    """Former versions and withdrawn criteria, newest first."""
    return (
        Criterion.objects.filter(project=project)
        .filter(Q(is_current=False) | Q(withdrawn=True))
        .select_related("author")
        .order_by("-created_at", "-pk")
    )


def acceptances_of(project: Project) -> QuerySet[Acceptance]:
    """All acceptances with results and signatures, newest first; three queries and one."""
    return (
        Acceptance.objects.filter(project=project)
        .select_related("stage", "signature", "withdrawal", "offered_by", "created_by")
        .prefetch_related(
            Prefetch(
                "conditions",
                AcceptanceCondition.objects.select_related("owner", "closed_by", "verified_by")
                .prefetch_related("reminders")
                .order_by("number"),
            ),
            Prefetch(
                "results", CriterionResult.objects.select_related("criterion__kpi__project", "tester").order_by("pk")
            ),
        )
    )


def acceptances_visible_to(user: User) -> QuerySet[Acceptance]:
    """Those of projects that the person may read."""
    return Acceptance.objects.filter(project__in=Project.objects.visible_to(user).values("pk")).select_related(
        "project", "stage", "signature", "offered_by"
    )


def changes_of(project: Project) -> QuerySet[CriterionChange]:
    """Proposed changes of criteria, newest first, with what they change."""
    return CriterionChange.objects.filter(project=project).select_related(
        "former", "author", "decided_by", "kpi__project", "made"
    )


def invitations_of(project: Project) -> QuerySet[Invitation]:
    """Outside signatories of a project, newest first."""
    return Invitation.objects.filter(project=project).select_related("signature", "created_by", "revoked_by")


def invitation_by_token(token: str) -> Invitation | None:
    """The invitation that a link belongs to, whatever became of it."""
    return (
        Invitation.objects.select_related(
            "project", "acceptance__stage", "acceptance__signature", "handoff", "created_by", "signature"
        )
        .filter(token_digest=token_digest(token))
        .first()
    )


def handoffs_of(project: Project) -> QuerySet[HandOff]:
    """Versions of the hand-off record, newest first."""
    return HandOff.objects.filter(project=project).select_related(
        "author_signature", "receiver_signature", "created_by"
    )


def handoffs_visible_to(user: User) -> QuerySet[HandOff]:
    """Those of projects that the person may read."""
    return HandOff.objects.filter(project__in=Project.objects.visible_to(user).values("pk")).select_related(
        "project", "author_signature", "receiver_signature", "created_by"
    )


def reports_of(project: Project) -> QuerySet[ExitReport]:
    """Versions of the exit report, newest first."""
    return ExitReport.objects.filter(project=project).select_related("edited_by", "issued_by", "project")


def report_shown(project: Project, *, reads_internal: bool) -> ExitReport | None:
    """The newest version that a person reads: the draft only where the internal parts are read too."""
    rows = reports_of(project)
    return (rows if reads_internal else rows.filter(state=ExitReport.State.ISSUED)).first()


def accepted_uses(project: Project | OuterRef) -> QuerySet[Acceptance]:
    """Acceptances of a project that hold, newest first; with an OuterRef for a subquery."""
    return Acceptance.objects.filter(project=project, state__in=[moves.ACCEPTED, moves.CONDITIONS]).order_by("-number")


def approved_use_of(project: Project) -> Acceptance | None:
    """The newest acceptance that holds: what the model may be used for, and its limits. One query."""
    return accepted_uses(project).select_related("signature").first()


def changed_since(project: Project, acceptances: Sequence[Acceptance]) -> frozenset[str]:
    """Keys of the evidence under these offers and results that changed since. One query for each kind of evidence."""
    pieces = [piece for row in acceptances for piece in pinned_in(row.manifest)]
    pieces += [piece for row in acceptances for result in row.results.all() for piece in result.pieces]
    return changed_keys(project, pieces) if pieces else frozenset()


def verdict_state(acceptance: Acceptance, changed: frozenset[str], newest: int) -> str:
    """How the signature under the verdict stands: valid, record changed since, or superseded.

    `changed`: keys from `changed_since`; `newest`: number of the project's newest acceptance with a verdict.
    """
    if acceptance.signature is None:
        return ""
    state = signature_state(
        acceptance.signature,
        digest_of(acceptance.manifest),
        superseded=acceptance.withdrawal is not None or acceptance.number < newest,
    )
    # A verdict that no longer counts says so first, whatever became of its evidence.
    if state == VALID and any(piece["key"] in changed for piece in pinned_in(acceptance.manifest)):
        return CHANGED
    return state


def newest_verdict(acceptances: Sequence[Acceptance]) -> int:
    """The highest number among those with a verdict that was not taken back; 0 when there is none."""
    return max((row.number for row in acceptances if row.signature_id and not row.withdrawal_id), default=0)


def handoff_state(handoff: HandOff, signature: Signature) -> str:
    """How a signature under the hand-off record stands."""
    return signature_state(signature, digest_of(handoff.content), superseded=handoff.state == HandOff.State.SUPERSEDED)


MARKS = {VALID: "yes", CHANGED: "stale", SUPERSEDED: "idle", "": "idle"}
