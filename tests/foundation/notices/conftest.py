"""People who are mailed, and the worker's part played in place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from foundation.jobs.claims import work_on
from foundation.jobs.models import Job
from foundation.notices import runs
from foundation.notices.digests import DIGEST
from foundation.notices.services import MAIL
from foundation.people.models import MailWish, User

Work = Callable[[], list[str]]


@pytest.fixture
def work() -> Work:
    """work(): run the queued mail jobs once each, as a worker would; what became of them."""

    def do() -> list[str]:
        doing = {MAIL: runs.send_notice_mail, DIGEST: runs.send_digest}
        Job.objects.filter(kind__in=doing, state=Job.State.QUEUED).update(run_after="2000-01-01T00:00:00Z")
        queued = Job.objects.filter(kind__in=doing, state=Job.State.QUEUED).order_by("pk")
        return [work_on(job.pk, doing[job.kind]) for job in list(queued)]

    return do


def _wishes(person: User, wish: str, time_zone: str = "UTC") -> User:
    person.mail_wish, person.time_zone = wish, time_zone
    person.save()
    return person


@pytest.fixture
def prompt(lead: User) -> User:
    """Somebody who wants each notice at once."""
    return _wishes(lead, MailWish.AT_ONCE)


@pytest.fixture
def daily(sponsor: User) -> User:
    """Somebody in Berlin who wants one e-mail a day."""
    return _wishes(sponsor, MailWish.DAILY, "Europe/Berlin")
