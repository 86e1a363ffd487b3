"""A link that nobody signs through: who asked hears of it before it ends and when it has ended, once each."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from foundation.notices.models import Notice
from foundation.people.models import User
from lifecycle.acceptance.models import Acceptance, Invitation
from lifecycle.acceptance.services import end_link
from lifecycle.signoff.services.sweeping import sweep
from tests.lifecycle.acceptance.outside import NAME, Outside, invited, link_in_mail, run_mails

pytestmark = pytest.mark.django_db


@pytest.fixture
def last(offered: Acceptance, lead: User) -> date:
    """The last day of a link that was mailed and not used."""
    invited(lead, offered)
    run_mails()
    expires_at = Invitation.objects.get().expires_at
    assert expires_at is not None
    return timezone.localdate(expires_at)


def told(lead: User) -> list[str]:
    found = Notice.objects.filter(kind="signing_link_ends").order_by("pk")
    assert all(notice.user == lead for notice in found)
    return [notice.subject for notice in found]


def test_who_asked_hears_before_it_ends_and_when_it_has_ended(last: date, lead: User) -> None:
    sweep(last - timedelta(days=5))
    assert told(lead) == []
    for day in (last - timedelta(days=1), last, last + timedelta(days=1), last + timedelta(days=60)):
        sweep(day)
        sweep(day)
    before, after = told(lead)
    assert before.startswith(f"{NAME} has not signed: the link ends on ")
    assert after.startswith(f"{NAME} has not signed: the link ended on ")
    notice = Notice.objects.filter(kind="signing_link_ends").order_by("pk").last()
    assert notice is not None
    assert "asked for the verdict on the acceptance" in notice.body
    assert notice.link == f"/projects/{Invitation.objects.get().project.key}/acceptance/"


def test_after_an_outage_only_the_end_is_told(last: date, lead: User) -> None:
    sweep(last + timedelta(days=10))
    assert len(told(lead)) == 1


def test_a_link_that_was_ended_is_not_told(last: date, lead: User) -> None:
    end_link(actor=lead, invitation_id=Invitation.objects.get().pk)
    sweep(last)
    assert told(lead) == []


def test_a_link_that_was_used_is_not_told(last: date, lead: User, offered: Acceptance) -> None:
    signer = Outside(link_in_mail())
    signer.confirm()
    assert signer.decide(offered, comment="Fine.").status_code == 302
    with time_machine.travel(last, tick=False):
        sweep(last)
    assert told(lead) == []
