"""Telling people: a row in the inbox, and an e-mail as a job of its own."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from foundation.jobs.claims import Claim
from foundation.jobs.models import Job
from foundation.jobs.services import request_job
from foundation.notices.models import Notice
from foundation.people.models import User

MAIL = "notice_mail"


@transaction.atomic
def tell(
    *,
    people: Iterable[User],
    kind: str,
    subject: str,
    body: str = "",
    link: str = "",
    actor: User | None = None,
    project_id: int | None = None,
    event_key: str | None = None,
) -> list[Notice]:
    """One notice to each active person but the actor; an e-mail to those who want it, after commit.

    `link`: path inside the portal. `event_key`: the same event tells a person once.
    """
    told: list[Notice] = []
    seen: set[int] = set()
    for person in people:
        if person.pk in seen or not person.is_active or (actor is not None and person.pk == actor.pk):
            continue
        seen.add(person.pk)
        if event_key and Notice.objects.filter(user=person, event_key=event_key).exists():
            continue
        notice = Notice.objects.create(
            user=person,
            kind=kind,
            subject=subject[:200],
            body=body,
            link=link[:300],
            project_id=project_id,
            event_key=event_key,
        )
        told.append(notice)
        if person.mail_notices:
            request_job(kind=MAIL, args={"notice": notice.pk}, actor=actor, dedup_key=f"notice:{notice.pk}")
    return told


def send_notice_mail(claim: Claim) -> None:
    """Send one notice by e-mail; a second delivery finds `mailed_at` set and sends nothing."""
    notice = Notice.objects.select_related("user").get(pk=claim.job.args["notice"])
    if notice.mailed_at is not None or not notice.user.is_active:
        return
    text = "\n\n".join(
        part for part in (notice.body, f"{settings.BASE_URL}{notice.link}" if notice.link else "") if part
    )
    send_mail(f"[Tollgate] {notice.subject}", text, settings.DEFAULT_FROM_EMAIL, [notice.user.email])
    with claim.storing():
        Notice.objects.filter(pk=notice.pk).update(mailed_at=timezone.now())


def mark_read(*, actor: User, notice_ids: list[int]) -> int:
    """Mark the person's own notices as read; returns how many."""
    return Notice.objects.filter(user=actor, pk__in=notice_ids, read_at__isnull=True).update(read_at=timezone.now())


def tell_job_given_up(job: Job) -> None:
    """One notice to whoever asked for a job that was given up."""
    if job.created_by is not None:
        tell(
            people=[job.created_by],
            kind="job_given_up",
            subject="A computation could not be finished",
            body=f"{job.error} It was tried {job.attempts} times. Open it to see the reason and to try again.",
            link=f"/jobs/{job.pk}/",
            project_id=job.project_id,
            event_key=f"job_given_up:{job.pk}:{job.finished_at:%Y%m%d%H%M%S}" if job.finished_at else None,
        )
