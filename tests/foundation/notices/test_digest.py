"""One e-mail a day: at 07:00 where the person lives, only with news, and once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from foundation.jobs import periodic
from foundation.jobs.models import Job, Slot
from foundation.notices import runs
from foundation.notices.digests import DIGESTS, morning_of, request_digests
from foundation.notices.models import Delivery, Digest, Notice
from foundation.notices.services import mark_read, tell
from foundation.people.models import MailWish, User

pytestmark = pytest.mark.django_db
Work = Any
# Friday 20 November 2026: 07:00 in Berlin is 06:00 UTC.
MORNING = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
EVENING_BEFORE = MORNING - timedelta(hours=12)


def _told(person: User, subject: str, at: datetime = EVENING_BEFORE, **more: Any) -> Notice:
    (notice,) = tell(people=[person], kind="x", subject=subject, **more)
    Notice.objects.filter(pk=notice.pk).update(created_at=at)
    return notice


@pytest.mark.parametrize(
    ("zone", "now", "day", "morning"),
    [
        ("Europe/Berlin", "2026-03-28T12:00", date(2026, 3, 28), "2026-03-28T06:00"),
        ("Europe/Berlin", "2026-03-29T12:00", date(2026, 3, 29), "2026-03-29T05:00"),  # an hour was left out
        ("Europe/Berlin", "2026-10-24T12:00", date(2026, 10, 24), "2026-10-24T05:00"),
        ("Europe/Berlin", "2026-10-25T12:00", date(2026, 10, 25), "2026-10-25T06:00"),  # an hour came twice
        ("Asia/Kathmandu", "2026-11-20T02:00", date(2026, 11, 20), "2026-11-20T01:15"),
        ("Pacific/Kiritimati", "2026-11-19T20:00", date(2026, 11, 20), "2026-11-19T17:00"),
        ("America/Los_Angeles", "2026-11-20T05:00", date(2026, 11, 19), "2026-11-19T15:00"),
        ("Mars/Base", "2026-11-20T05:00", date(2026, 11, 20), "2026-11-20T07:00"),
    ],
)
def test_seven_in_the_morning_is_where_the_person_lives(zone: str, now: str, day: date, morning: str) -> None:
    assert morning_of(datetime.fromisoformat(now).replace(tzinfo=UTC), zone) == (
        day,
        datetime.fromisoformat(morning).replace(tzinfo=UTC),
    )


def test_one_mail_has_all_lines_and_links(daily: User, lead: User, work: Work, settings: Any) -> None:
    settings.BASE_URL = "https://tollgate.example.org"
    _told(daily, "First", link="/rounds/1/", why="You are a sponsor.", comment="Please hurry.", actor=lead)
    _told(daily, "Second", body="It is late.\nVery.")
    request_digests(MORNING)
    assert work() == ["done"]
    (message,) = mail.outbox
    assert message.subject == "[Tollgate] 2 unread notices until 20 November 2026"
    text = message.body
    assert text.index("1. First") < text.index("https://tollgate.example.org/rounds/1/") < text.index("2. Second")
    assert all(
        part in text
        for part in (
            "   Lea Lead wrote:\n   > Please hurry.",
            "You are a sponsor.",
            "   Very.",
            "/profile/",
            "/notices/",
        )
    )
    assert not Notice.objects.filter(mailed_at__isnull=True).exists()
    assert (Delivery.objects.get().kind, Delivery.objects.get().result) == ("digest", "sent")


def test_it_goes_at_seven_and_not_before(daily: User) -> None:
    _told(daily, "Look")
    request_digests(MORNING - timedelta(minutes=15))
    assert not Digest.objects.exists()
    request_digests(MORNING)
    assert Digest.objects.get().day == date(2026, 11, 20)


def test_what_comes_later_waits_for_the_next_morning(daily: User, work: Work) -> None:
    _told(daily, "Early")
    _told(daily, "Later", at=MORNING + timedelta(hours=1))
    request_digests(MORNING + timedelta(hours=2))
    work()
    request_digests(MORNING + timedelta(hours=3))
    assert work() == []
    request_digests(MORNING + timedelta(days=1))
    work()
    assert ["Early" in message.body for message in mail.outbox] == [True, False]
    assert ["Later" in message.body for message in mail.outbox] == [False, True]


def test_without_anything_new_there_is_none(daily: User, prompt: User, work: Work) -> None:
    read = _told(daily, "Read already")
    mark_read(actor=daily, notice_ids=[read.pk])
    _told(prompt, "At once")
    Job.objects.all().delete()
    request_digests(MORNING)
    assert not Digest.objects.exists()
    late = _told(daily, "Read before the worker came")
    request_digests(MORNING)
    mark_read(actor=daily, notice_ids=[late.pk])
    assert work() == ["done"]
    assert not mail.outbox
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("change", [{"mail_wish": MailWish.NONE}, {"is_active": False}])
def test_who_wants_none_any_more_gets_none(daily: User, work: Work, change: dict[str, Any]) -> None:
    _told(daily, "Look")
    request_digests(MORNING)
    User.objects.filter(pk=daily.pk).update(**change)
    work()
    request_digests(MORNING + timedelta(days=1))
    assert work() == []
    assert not mail.outbox


def test_who_wants_it_at_once_now_still_gets_what_waited(daily: User, work: Work) -> None:
    _told(daily, "Look")
    User.objects.filter(pk=daily.pk).update(mail_wish=MailWish.AT_ONCE)
    request_digests(MORNING)
    work()
    assert "Look" in mail.outbox[0].body


def test_what_came_while_none_was_wanted_is_not_brought_up(daily: User) -> None:
    User.objects.filter(pk=daily.pk).update(mail_wish=MailWish.NONE)
    daily.refresh_from_db()
    _told(daily, "Of old")
    User.objects.filter(pk=daily.pk).update(mail_wish=MailWish.DAILY)
    request_digests(MORNING)
    assert not Digest.objects.exists()


def test_two_schedulers_and_many_looks_send_one(daily: User, work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(periodic, "_deeds", {})
    periodic.register(DIGESTS)
    _told(daily, "Look")
    assert periodic.run_due(MORNING) == ["notice_digests"]
    assert periodic.run_due(MORNING + timedelta(minutes=1)) == []
    Slot.objects.all().delete()  # as if the other scheduler had not seen the first one's turn
    for minutes in range(0, 120, 15):
        periodic.run_due(MORNING + timedelta(minutes=minutes))
        work()
    assert Job.objects.count() == len(mail.outbox) == 1


def test_after_an_outage_the_mail_of_the_day_still_goes_and_goes_once(daily: User, work: Work) -> None:
    _told(daily, "Look", at=MORNING - timedelta(days=3))
    request_digests(MORNING + timedelta(hours=9))
    work()
    request_digests(MORNING + timedelta(days=1))
    work()
    assert len(mail.outbox) == 1


def test_a_time_zone_changed_after_the_mail_brings_no_second_one(daily: User, work: Work) -> None:
    _told(daily, "Look")
    request_digests(MORNING)
    work()
    _told(daily, "New", at=MORNING + timedelta(minutes=30))
    User.objects.filter(pk=daily.pk).update(time_zone="Europe/London")
    request_digests(MORNING + timedelta(hours=2))
    assert work() == []


def test_a_worker_that_dies_after_sending_sends_none_again_that_day(
    daily: User, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = _told(daily, "First"), _told(daily, "Second")
    request_digests(MORNING)
    with monkeypatch.context() as patch:

        def dies(*_: Any) -> None:
            raise RuntimeError("killed")

        patch.setattr(runs, "_complete", dies)
        assert work() == ["put_back"]
    assert work() == ["done"]
    request_digests(MORNING + timedelta(hours=1))
    assert work() == []
    assert len(mail.outbox) == 1
    assert Delivery.objects.get().result == "unknown"
    # The next morning tells again what is still unread, and nothing else.
    mark_read(actor=daily, notice_ids=[first.pk])
    request_digests(MORNING + timedelta(days=1))
    work()
    assert ("First" in mail.outbox[1].body, second.subject in mail.outbox[1].body) == (False, True)


def test_a_long_list_is_cut_and_counted(daily: User, work: Work) -> None:
    for number in range(53):
        _told(daily, f"Notice {number}")
    request_digests(MORNING)
    work()
    (message,) = mail.outbox
    assert "And 3 more." in message.body
    assert "53 unread" in message.subject
    assert not Notice.objects.filter(mailed_at__isnull=True).exists()


def test_asking_costs_one_query_when_nobody_waits(daily: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(3):  # with the two of its transaction
        request_digests(MORNING)


def test_the_scheduler_and_the_worker_know_the_deed() -> None:
    from celery import current_app

    from foundation.jobs.kinds import kind_named

    assert periodic._deeds["notice_digests"] is DIGESTS
    current_app.loader.import_default_modules()
    assert kind_named("notice_digest").task in current_app.tasks
