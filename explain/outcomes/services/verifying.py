"""A finance person puts their name under the figures of a report, or takes it back."""

from __future__ import annotations

from django.db import transaction

from explain.outcomes.heads import keep_grade
from explain.outcomes.models import OutcomeReport
from explain.outcomes.permits import may_verify, may_withdraw_verification
from explain.outcomes.services.asking import KIND
from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.people.services import prove_signer
from foundation.web.formats import day_text
from foundation.web.refused import Refused
from lifecycle.projects.models import TEAM, Project, Role, people_in
from lifecycle.projects.services.texts import sound_text
from lifecycle.signoff.models import Signature
from lifecycle.signoff.signing import write_signature

COMMENT_LIMIT = 2_000  # characters
ROLE = "finance"


def verify_report(
    *, actor: User, report_id: int, content_hash: str, password: str, comment: str = "", code: str = ""
) -> OutcomeReport:
    """Sign the figures of a done report; its grade becomes `verified`.

    `content_hash`: of the report as the signer read it. Raises Refused: text_too_long, those of `prove_signer`,
    not_permitted, own_report, own_project, already_verified, not_verifiable, report_changed. The proof is asked outside the transaction, so that
    failed tries stay counted.
    """
    words = sound_text(comment, limit=COMMENT_LIMIT, field="comment", what="The comment", may_be_empty=True).strip()
    may_verify(actor, _found(report_id)).demand()
    authenticated_by = prove_signer(actor=actor, password=password, code=code)
    return _verify(actor, report_id, content_hash, words, authenticated_by)


def withdraw_verification(*, actor: User, report_id: int, password: str, reason: str, code: str = "") -> OutcomeReport:
    """Take one's signature back, with the reason and a signature; the grade is again the one that was computed.

    Raises Refused: empty, those of `prove_signer`, not_permitted.
    """
    words = sound_text(reason, limit=COMMENT_LIMIT, field="reason", what="The reason").strip()
    may_withdraw_verification(actor, _found(report_id)).demand()
    authenticated_by = prove_signer(actor=actor, password=password, code=code)
    return _withdraw(actor, report_id, words, authenticated_by)


def _found(report_id: int) -> OutcomeReport:
    return OutcomeReport.objects.select_related("project", "verified_by").defer("inputs").get(pk=report_id)


def _held(report_id: int) -> OutcomeReport:
    """The report, with its project's row locked first, as whoever stores a report locks them."""
    project_id = OutcomeReport.objects.values_list("project_id", flat=True).get(pk=report_id)
    Project.objects.select_for_update().get(pk=project_id)
    return (
        OutcomeReport.objects.select_for_update(of=("self",))
        .select_related("project", "verified_by")
        .defer("inputs")
        .get(pk=report_id)
    )


@transaction.atomic
def _verify(actor: User, report_id: int, content_hash: str, comment: str, authenticated_by: str) -> OutcomeReport:
    report = _held(report_id)
    may_verify(actor, report).demand()
    if content_hash != report.content_hash:
        raise Refused(
            "What you read is not the content of this report. Load its page again, read it, and sign then.",
            code="report_changed",
        )
    before = report.grade
    report.verified_by = _signature(report, actor, authenticated_by, Signature.Meaning.VALIDATED, comment)
    report.grade = OutcomeReport.Grade.VERIFIED
    report.save(update_fields=["verified_by", "grade"])
    keep_grade(report)
    _note(report, actor, "verify_outcome_report", before, comment)
    _tell(report, actor, "The figures are verified", comment)
    return report


@transaction.atomic
def _withdraw(actor: User, report_id: int, reason: str, authenticated_by: str) -> OutcomeReport:
    report = _held(report_id)
    may_withdraw_verification(actor, report).demand()
    _signature(report, actor, authenticated_by, Signature.Meaning.WITHDRAWN, reason)
    before = report.grade
    report.verified_by = None
    report.grade = report.result["grade"]
    report.save(update_fields=["verified_by", "grade"])
    keep_grade(report)
    _note(report, actor, "withdraw_verification", before, reason)
    _tell(report, actor, "The figures are no longer verified", reason)
    return report


def _signature(report: OutcomeReport, actor: User, authenticated_by: str, meaning: str, comment: str) -> Signature:
    return write_signature(
        actor=actor,
        authenticated_by=authenticated_by,
        project=report.project,
        record_kind=KIND,
        record_id=report.pk,
        record_name=f"{report.project.name}: outcome report {report.number}",
        record_version=str(report.number),
        content_hash=report.content_hash,
        meaning=meaning,
        role=ROLE,
        comment=comment,
    )


def _note(report: OutcomeReport, actor: User, verb: str, before: str, reason: str) -> None:
    record(
        actor=actor,
        verb=verb,
        thing=report,
        kind=KIND,
        project_id=report.project_id,
        before={"grade": before},
        after={"grade": report.grade, "signature": report.verified_by_id, "content_hash": report.content_hash},
        reason=reason,
    )


def _tell(report: OutcomeReport, actor: User, what: str, comment: str) -> None:
    tell(
        people=people_in(report.project, *TEAM, Role.SPONSOR),
        kind="outcome_report_verified",
        subject=f"{report.project.name}: {what[0].lower()}{what[1:]}",
        body=f"{actor.name}, outcome report {report.number} as of {day_text(report.as_of)}.",
        link=report.get_absolute_url(),
        actor=actor,
        project_id=report.project_id,
        comment=comment,
    )
