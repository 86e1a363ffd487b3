"""One e-mail a day: at 07:00 where the person lives, and only with something new that is unread."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Min, QuerySet

from foundation.jobs.periodic import Deed
from foundation.jobs.services import request_job
from foundation.notices.models import Digest, Notice
from foundation.people.models import MailWish, User

DIGEST = "notice_digest"
MORNING = time(7)
# All time zones of today lie on quarters of an hour.
EVERY = timedelta(minutes=15)


def morning_of(now: datetime, time_zone: str) -> tuple[date, datetime]:
    """Today in that time zone, and its 07:00 as an instant (UTC). A zone that is no longer known counts as UTC."""
    try:
        zone = zoneinfo.ZoneInfo(time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        zone = zoneinfo.ZoneInfo("UTC")
    day = now.astimezone(zone).date()
    return day, datetime.combine(day, MORNING, zone).astimezone(UTC)


def waiting() -> QuerySet[Notice]:
    """Unread notices that no e-mail has carried and that wait for the daily one."""
    return Notice.objects.filter(for_digest=True, read_at__isnull=True, mailed_at__isnull=True)


@transaction.atomic
def request_digests(now: datetime) -> None:
    """A job for each person whose 07:00 is over today and for whom something unread waits from before it.

    What comes later waits for the next morning, so nobody gets two a day. After an outage the day's digest still goes.
    """
    people = waiting().filter(user__is_active=True).exclude(user__mail_wish=MailWish.NONE).order_by()
    for person in people.values("user_id", "user__time_zone").annotate(oldest=Min("created_at")):
        day, morning = morning_of(now, person["user__time_zone"])
        if now < morning or person["oldest"] >= morning:
            continue
        digest, is_new = Digest.objects.get_or_create(
            user_id=person["user_id"], day=day, defaults={"until": morning, "asked_at": now}
        )
        if is_new:
            request_job(kind=DIGEST, args={"digest": digest.pk}, actor=None, dedup_key=f"digest:{digest.pk}")


def notices_of(digest: Digest) -> list[Notice]:
    """What the digest tells, oldest first."""
    return list(waiting().filter(user=digest.user, created_at__lt=digest.until).order_by("pk"))


def wants_mail(person: User) -> bool:
    """Whether anything is mailed to this person now."""
    return person.is_active and person.mail_wish != MailWish.NONE


DIGESTS = Deed("notice_digests", EVERY, request_digests)
