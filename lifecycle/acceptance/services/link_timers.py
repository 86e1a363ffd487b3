"""What time does to a link that nobody signed through: who asked hears of it in good time, since the person outside
hears of nothing but the first mail, and only a new link can follow one that has ended."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from django.db.models import QuerySet
from django.utils import timezone

from foundation.notices.services import tell
from foundation.web.formats import day_text
from lifecycle.acceptance.models import Invitation
from lifecycle.acceptance.services.inviting import hold_invitation
from lifecycle.projects.models import Role, people_in
from lifecycle.signoff.clock import SOON_DAYS
from lifecycle.signoff.days import add_working_days
from lifecycle.signoff.services.round_timers import WORKING, told_already


def links_to_tell(on: date) -> list[int]:
    """Links without a signature that end soon or have ended, and were not told of yet. Two queries."""
    near = datetime.combine(add_working_days(on, SOON_DAYS), time.max, UTC)
    keys = {link.pk: _key(link, on) for link in _waiting().filter(expires_at__lte=near)}
    told = told_already(list(keys.values()))
    return [pk for pk, key in keys.items() if key not in told]


def tell_link(invitation_id: int, on: date) -> str | None:
    """Tell who asked, and the leads, once that it ends soon and once that it has ended."""
    link = hold_invitation(invitation_id)
    key = _key(link, on)
    if not _waiting().filter(pk=link.pk).exists() or told_already([key]):
        return None
    day = day_text(_last_day(link))
    over = _last_day(link) < on
    subject = f"{link.name} has not signed: the link {'ended' if over else 'ends'} on {day}"
    notices = tell(
        people=[link.created_by, *people_in(link.project, Role.LEAD)],
        kind="signing_link_ends",
        subject=subject,
        body=f"{link.project.name}. {link} was asked for the {link.get_purpose_display()}. Talk to them; "
        + ("if they are still to sign, send a new link." if over else "after that day only a new link helps."),
        link=f"/projects/{link.project.key}/acceptance/" + ("hand-off/" if link.handoff_id else ""),
        project_id=link.project_id,
        event_key=key,
    )
    return f"{link.project.name}: {subject}" if notices else None


def _waiting() -> QuerySet[Invitation]:
    waiting: QuerySet[Invitation] = Invitation.objects.filter(
        mailed_at__isnull=False, used_at__isnull=True, revoked_at__isnull=True, project__state__in=WORKING
    ).order_by("pk")
    return waiting


def _last_day(link: Invitation) -> date:
    assert link.expires_at is not None  # a constraint: it was mailed
    return timezone.localdate(link.expires_at)


def _key(link: Invitation, on: date) -> str:
    return f"signing_link_{'ended' if _last_day(link) < on else 'ends'}:{link.pk}"
