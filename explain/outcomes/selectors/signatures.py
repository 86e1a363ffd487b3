"""Who signed the figures of a report, and who is told of it each month."""

from __future__ import annotations

from explain.outcomes.models import OutcomeReport, ReportRecipient
from explain.outcomes.services.asking import KIND
from lifecycle.projects.models import Project
from lifecycle.signoff.models import Signature
from lifecycle.signoff.signing import SUPERSEDED, signature_state

_MARKS = {"valid": "yes", "superseded": "idle"}


def signatures_of(report: OutcomeReport) -> list[tuple[Signature, str, str]]:
    """Signatures under the figures, the newest first: signature, state, mark. One query."""
    found = Signature.objects.filter(
        project_id=report.project_id, record_kind=KIND, record_id=report.pk
    ).select_related("signer")
    rows = []
    for signature in found.order_by("-pk"):
        is_over = signature.meaning == Signature.Meaning.VALIDATED and signature.pk != report.verified_by_id
        state = signature_state(signature, report.content_hash, superseded=is_over)
        rows.append((signature, "taken back" if state == SUPERSEDED else state, _MARKS.get(state, "no")))
    return rows


def recipients_of(project: Project) -> list[ReportRecipient]:
    """Who is told of each month's report. One query."""
    return list(ReportRecipient.objects.filter(project=project).select_related("person", "added_by"))
