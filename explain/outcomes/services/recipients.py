"""Who is told of a project's report of each month."""

from __future__ import annotations

from django.db import transaction

from explain.outcomes.models import ReportRecipient
from explain.outcomes.permits import may_change_recipients, may_remove_recipient
from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Project

MOST = 50


@transaction.atomic
def add_recipient(*, actor: User, project: Project, person: User) -> ReportRecipient:
    """From now on the person is told of each month's report; adding somebody twice changes nothing.

    Raises Refused: not_permitted, person_cannot_read, too_many_recipients.
    """
    row = Project.objects.select_for_update().get(pk=project.pk)
    may_change_recipients(actor, row).demand()
    if not Project.objects.visible_to(person).filter(pk=row.pk).exists():
        raise Refused(
            f"{person.name} may not read this project, so the report cannot be sent to them. Make them a member first.",
            code="person_cannot_read",
            status=400,
            field="person",
        )
    known = ReportRecipient.objects.filter(project=row, person=person).first()
    if known is not None:
        return known
    if ReportRecipient.objects.filter(project=row).count() >= MOST:
        raise Refused(
            f"A report is sent to {MOST} people at most. Take somebody off the list first.", code="too_many_recipients"
        )
    made = ReportRecipient.objects.create(project=row, person=person, added_by=actor)
    _note(made, actor, "add_report_recipient")
    return made


@transaction.atomic
def remove_recipient(*, actor: User, recipient: ReportRecipient) -> None:
    """The person is told no more. People may take themselves off. Raises Refused not_permitted."""
    may_remove_recipient(actor, recipient).demand()
    _note(recipient, actor, "remove_report_recipient")
    recipient.delete()


def _note(recipient: ReportRecipient, actor: User, verb: str) -> None:
    record(
        actor=actor,
        verb=verb,
        thing=recipient.project,
        kind="project",
        project_id=recipient.project_id,
        after={"person": recipient.person_id, "name": recipient.person.name},
    )
