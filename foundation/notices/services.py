"""Telling people: a row in the inbox, and an e-mail as a job of its own or as a line of the daily one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from foundation.jobs.models import Job
from foundation.jobs.services import request_job
from foundation.notices.models import Notice
from foundation.people.models import MailWish, User

MAIL = "notice_mail"
KEY_LENGTH = 110  # of an event that may be told again: "#12" is put behind it


@dataclass(frozen=True)
class ToldAgain:
    """Who was told, who was told too short a time ago, and when the next try reaches somebody (None: nobody ever)."""

    told: list[Notice]
    too_early: list[User]
    next_at: datetime | None


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
    why: str = "",
    comment: str = "",
) -> list[Notice]:
    """One notice to each active person but the actor; an e-mail to those who want it, after commit.

    `link`: path inside the portal. `event_key`: the same event tells a person once. `why`: the sentence that says why
    these people are told, such as "You are a sponsor of this project." `comment`: what the actor wrote, word for word.
    """
    to = _to_tell(people, actor)

    def draft(person: User) -> Notice:
        return _draft(person, kind, subject, body, link, actor, project_id, event_key, why, comment)

    # Somebody else may tell the same event at the same time: what they have told by then is left out.
    for last_try in (False, False, True):
        told = _told_already(to, event_key)
        try:
            return _write([draft(person) for person in to if person.pk not in told], actor)
        except IntegrityError:
            if event_key is None or last_try:
                raise
    return []


@transaction.atomic
def tell_again(
    *,
    people: Iterable[User],
    kind: str,
    subject: str,
    event_key: str,
    cool_down: timedelta,
    body: str = "",
    link: str = "",
    actor: User | None = None,
    project_id: int | None = None,
    why: str = "",
    comment: str = "",
) -> ToldAgain:
    """Tell an event that may have been told before to those who were last told of it `cool_down` ago or longer.

    The first telling, by `tell` or by this, counts. Raises ValueError for a cool-down that is not positive and for a
    key that is empty or longer than 110 characters.
    """
    if cool_down <= timedelta(0) or not 0 < len(event_key) <= KEY_LENGTH:
        raise ValueError(f"Telling again needs a cool-down and a key of 1 to {KEY_LENGTH} characters.")
    to = _to_tell(people, actor)
    # Two who ask again at the same time: the second one waits here, and finds what the first one told.
    locked = User.objects.select_for_update(no_key=True).filter(pk__in=[person.pk for person in to]).order_by("pk")
    list(locked.values_list("pk", flat=True))
    now = timezone.now()
    same_event = Q(event_key=event_key) | Q(event_key__startswith=f"{event_key}#")
    before = Notice.objects.filter(same_event, user__in=to).order_by().values("user_id")
    last = {row["user_id"]: row for row in before.annotate(at=Max("created_at"), times=Count("pk"))}
    drafts: list[Notice] = []
    too_early: list[User] = []
    for person in to:
        row = last.get(person.pk)
        if row and row["at"] > now - cool_down:
            too_early.append(person)
            continue
        key = f"{event_key}#{row['times'] + 1}" if row else event_key
        drafts.append(_draft(person, kind, subject, body, link, actor, project_id, key, why, comment, now))
    told = _write(drafts, actor)
    again = [last[person.pk]["at"] + cool_down for person in too_early] + [now + cool_down] * bool(told)
    return ToldAgain(told, too_early, min(again, default=None))


def mark_read(*, actor: User, notice_ids: list[int]) -> int:
    """Mark the person's own notices as read; returns how many."""
    return Notice.objects.filter(user=actor, pk__in=notice_ids, read_at__isnull=True).update(read_at=timezone.now())


def tell_job_given_up(job: Job) -> None:
    """One notice to whoever asked for a job that was given up."""
    if job.created_by is not None:
        tell(
            people=[job.created_by],
            kind="job_given_up",
            subject=f"This could not be finished: {job.label}",
            body=f"{job.error} It was tried {job.attempts} times. Open it to see the reason and to try again.",
            link=f"/jobs/{job.pk}/",
            project_id=job.project_id,
            event_key=f"job_given_up:{job.pk}:{job.finished_at:%Y%m%d%H%M%S}" if job.finished_at else None,
            why="You asked for it.",
        )


def _to_tell(people: Iterable[User], actor: User | None) -> list[User]:
    """Each active person once, without the actor."""
    found = {person.pk: person for person in people if person.is_active}
    if actor is not None:
        found.pop(actor.pk, None)
    return list(found.values())


def _told_already(people: list[User], event_key: str | None) -> set[int]:
    if not event_key or not people:
        return set()
    return set(Notice.objects.filter(user__in=people, event_key=event_key).values_list("user_id", flat=True))


def _draft(
    person: User,
    kind: str,
    subject: str,
    body: str,
    link: str,
    actor: User | None,
    project_id: int | None,
    event_key: str | None,
    why: str,
    comment: str,
    at: datetime | None = None,
) -> Notice:
    said = comment.strip()
    return Notice(
        user=person,
        kind=kind,
        subject=" ".join(subject.split())[:200],
        body=body,
        why=why[:300],
        comment=said,
        comment_by=actor.name if actor and said else "",
        link=link[:300],
        project_id=project_id,
        created_at=at or timezone.now(),
        for_digest=person.mail_wish == MailWish.DAILY,
        event_key=event_key or None,
    )


def _write(drafts: list[Notice], actor: User | None) -> list[Notice]:
    """All or none of the rows, and a job for each of those that are mailed at once."""
    if not drafts:
        return []
    with transaction.atomic():
        told = Notice.objects.bulk_create(drafts)
    for notice in told:
        if notice.user.mail_wish == MailWish.AT_ONCE:
            request_job(kind=MAIL, args={"notice": notice.pk}, actor=actor, dedup_key=f"notice:{notice.pk}")
    return told
