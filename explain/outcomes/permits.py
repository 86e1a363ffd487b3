"""Who may ask for an outcome report, sign its figures, and say to whom it goes each month."""

from __future__ import annotations

from explain.outcomes.models import OutcomeReport, ReportRecipient
from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied
from lifecycle.projects.models import TEAM, Member, Project, Role

ASKERS = (*TEAM, Role.SPONSOR)


def may_request_report(actor: User, project: Project) -> Verdict:
    """The team, the sponsor and managers may. One query."""
    if not actor.is_active:
        return denied("This account is no longer active. Ask an administrator.")
    if actor.is_manager:
        return ALLOWED
    if Member.objects.filter(project=project, user=actor, role__in=ASKERS, left_at__isnull=True).exists():
        return ALLOWED
    return denied(
        "The project lead, contributors, the sponsor and managers may ask for an outcome report. Ask one of them."
    )


def may_verify(actor: User, report: OutcomeReport) -> Verdict:
    """A finance person may who neither works in the project, pays for it nor asked for the report. One query."""
    if not (actor.is_active and actor.is_finance):
        return denied("Only people whom an administrator gave the role Finance sign figures. Ask one of them.")
    if report.requested_by_id == actor.pk:
        return denied("You asked for this report yourself. Another finance person has to sign it.", code="own_report")
    if Member.objects.filter(project=report.project_id, user=actor, role__in=ASKERS, left_at__isnull=True).exists():
        return denied("You belong to this project. Figures are signed by somebody outside it.", code="own_project")
    if report.verified_by_id is not None:
        return denied("The figures are signed already.", code="already_verified")
    if report.state != OutcomeReport.State.DONE or report.grade != OutcomeReport.Grade.MEASURED:
        return denied(
            "Only measured figures can be verified: this report holds none. Measure longer, and ask for a new report.",
            code="not_verifiable",
        )
    return ALLOWED


def may_withdraw_verification(actor: User, report: OutcomeReport) -> Verdict:
    """Who signed may take it back; when they are gone, another finance person may."""
    signature = report.verified_by
    if signature is None:
        return denied("The figures are not signed.", code="not_verified")
    if not (actor.is_active and actor.is_finance):
        return denied("Only people with the role Finance may take a signature of figures back. Ask one of them.")
    signer = signature.signer
    if signature.signer_id != actor.pk and signer is not None and signer.is_active and signer.is_finance:
        return denied(f"{signer.name} signed, and takes it back themselves. Ask them.")
    return ALLOWED


def may_change_recipients(actor: User, project: Project) -> Verdict:
    """Whoever may ask for a report may say who gets it each month."""
    return may_request_report(actor, project)


def may_remove_recipient(actor: User, recipient: ReportRecipient) -> Verdict:
    """People may take themselves off the list."""
    return (
        ALLOWED if actor.is_active and recipient.person_id == actor.pk else may_request_report(actor, recipient.project)
    )
