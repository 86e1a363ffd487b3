"""One notice by e-mail: what it says, that it leaves once, and what the log knows of it."""

from __future__ import annotations

import re
import smtplib
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction

from foundation.jobs.models import Job
from foundation.notices import runs
from foundation.notices.digests import waiting
from foundation.notices.letters import letter_of
from foundation.notices.models import Delivery, Notice
from foundation.notices.services import tell
from foundation.people.models import MailWish, User

pytestmark = pytest.mark.django_db
Work = Any


def _mailed() -> list[str]:
    return [message.subject for message in mail.outbox]


def test_it_says_why_who_wrote_what_where_to_act_and_how_to_change_it(
    prompt: User, viewer: User, work: Work, settings: Any
) -> None:
    settings.BASE_URL = "https://tollgate.example.org"
    (notice,) = tell(
        people=[prompt, viewer], kind="round_submitted", subject="Your decision\nis asked", body="By 3 March.",
        link="/rounds/7/", actor=viewer, why="You are a sponsor of Triage.", comment="Please look at risk 3.\nIt is new.",
    )  # fmt: skip
    assert work() == ["done"]
    (message,) = mail.outbox
    assert (message.subject, message.to) == ("[Tollgate] Your decision is asked", [prompt.email])
    for line in (
        "By 3 March.",
        "Vera Viewer wrote:\n\n> Please look at risk 3.\n> It is new.",
        "https://tollgate.example.org/rounds/7/",
        "Why you get this: You are a sponsor of Triage.",
        "https://tollgate.example.org/profile/",
    ):
        assert line in message.body
    assert message.extra_headers["Message-ID"] == letter_of(notice).message_id
    assert re.fullmatch(r"<notice-\d+\.\d{20}@tollgate\.example\.org>", message.extra_headers["Message-ID"])
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_without_comment_and_link_nothing_is_left_hanging(prompt: User, work: Work) -> None:
    tell(people=[prompt], kind="x", subject="A & B's <plan>", project_id=3)
    work()
    (message,) = mail.outbox
    assert "A & B's <plan>" in message.body
    assert "wrote" not in message.body
    assert "Open it" not in message.body
    assert "a project that you are part of" in message.body


def test_a_message_delivered_twice_leaves_once(prompt: User, work: Work) -> None:
    (notice,) = tell(people=[prompt], kind="x", subject="Look")
    assert work() == ["done"]
    Job.objects.update(state=Job.State.QUEUED, attempts=0)
    assert work() == ["done"]
    assert len(mail.outbox) == 1
    delivery = Delivery.objects.get()
    assert (delivery.notice, delivery.result, delivery.address) == (notice, "sent", prompt.email)
    assert delivery.ended_at
    notice.refresh_from_db()
    assert notice.mailed_at == delivery.ended_at


@pytest.mark.parametrize("wish", [MailWish.DAILY, MailWish.NONE])
def test_who_does_not_want_it_at_once_gets_no_mail_of_its_own(prompt: User, wish: str, work: Work) -> None:
    prompt.mail_wish = wish
    prompt.save()
    (notice,) = tell(people=[prompt], kind="x", subject="Look")
    assert not Job.objects.exists()
    assert notice.for_digest is (wish == MailWish.DAILY)


@pytest.mark.parametrize(("wish", "waits"), [(MailWish.DAILY, True), (MailWish.NONE, False)])
def test_a_wish_changed_meanwhile_holds(prompt: User, work: Work, wish: str, waits: bool) -> None:
    tell(people=[prompt], kind="x", subject="Look")
    User.objects.update(mail_wish=wish)
    assert work() == ["done"]
    assert not mail.outbox
    assert not Delivery.objects.exists()
    assert waiting().exists() is waits


def test_who_has_left_gets_none(prompt: User, work: Work) -> None:
    tell(people=[prompt], kind="x", subject="Look")
    User.objects.update(is_active=False)
    work()
    assert not mail.outbox


def test_each_failed_attempt_is_a_row_and_the_next_one_may_succeed(
    prompt: User, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(people=[prompt], kind="x", subject="Look")
    send = EmailMessage.send
    errors: list[Exception] = [
        ConnectionRefusedError(111, "Connection refused"),
        smtplib.SMTPDataError(451, b"try later"),
        smtplib.SMTPRecipientsRefused({"x@example.org": (550, b"no such user")}),
        ValueError("no address"),
    ]

    def stumbles(self: EmailMessage, fail_silently: bool = False) -> int:
        if errors:
            raise errors.pop(0)
        return send(self, fail_silently)

    monkeypatch.setattr(EmailMessage, "send", stumbles)
    assert [work() for _ in range(5)] == [*[["put_back"]] * 4, ["done"]]
    assert len(mail.outbox) == 1
    rows = list(Delivery.objects.order_by("pk").values_list("result", "error"))
    assert rows == [
        ("failed", "The mail server could not be reached: Connection refused"),
        ("failed", "The mail server refused it: 451 try later"),
        ("failed", "The mail server refuses this address: 550 no such user"),
        ("failed", "It cannot be written as an e-mail: no address"),
        ("sent", ""),
    ]


def test_a_worker_that_dies_after_sending_sends_no_second_one(
    prompt: User, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    (notice,) = tell(people=[prompt], kind="x", subject="Look")
    with monkeypatch.context() as patch:

        def dies(*_: Any) -> None:
            raise RuntimeError("killed")

        patch.setattr(runs, "_complete", dies)
        assert work() == ["put_back"]
    assert _mailed() == ["[Tollgate] Look"]
    assert Delivery.objects.get().result == "sending"
    assert work() == ["done"]
    assert len(mail.outbox) == 1
    delivery = Delivery.objects.get()
    assert (delivery.result, delivery.get_result_display()) == ("unknown", "not known")
    assert "not sent a second time" in delivery.error
    # Nobody knows whether it arrived, so the next e-mail of the day carries it, unless it was read.
    assert list(waiting()) == [notice]


def test_the_database_keeps_one_mail_for_one_notice(prompt: User) -> None:
    (notice,) = tell(people=[prompt], kind="x", subject="Look")
    Delivery.objects.create(user=prompt, notice=notice, address=prompt.email, subject="Look", result="failed")
    Delivery.objects.create(user=prompt, notice=notice, address=prompt.email, subject="Look")
    for wrong in ({"notice": notice}, {"notice": notice, "result": "sent"}, {}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Delivery.objects.create(user=prompt, address=prompt.email, subject="Look", **wrong)


def test_telling_writes_each_person_once_with_few_queries(
    prompt: User, daily: User, viewer: User, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(14):
        told = tell(people=[prompt, daily, viewer, prompt], kind="x", subject="Look", event_key="e", actor=viewer)
    assert [notice.user for notice in told] == [prompt, daily]
    assert tell(people=[prompt, daily, viewer], kind="x", subject="Look", event_key="e") != []
    assert Notice.objects.count() == 3


def test_telling_at_the_same_time_tells_once(prompt: User, daily: User, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(people=[prompt], kind="x", subject="Look", event_key="e")
    from foundation.notices import services

    look = services._told_already
    blind = [set[int]()]
    monkeypatch.setattr(services, "_told_already", lambda *given: blind.pop() if blind else look(*given))
    assert [notice.user for notice in tell(people=[prompt, daily], kind="x", subject="Look", event_key="e")] == [daily]
    assert Notice.objects.count() == 2
