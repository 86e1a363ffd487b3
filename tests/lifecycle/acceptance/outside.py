"""An outside signatory in tests: the mails are read, as the person would."""

from __future__ import annotations

import re
from typing import Any

from django.core import mail
from django.test import Client

from foundation.jobs.models import Job
from foundation.people.models import User
from lifecycle.acceptance.models import Acceptance, Invitation
from lifecycle.acceptance.services import invite_signatory
from lifecycle.acceptance.tasks import mail_code, mail_link

NAME = "Ann Außen"
EMAIL = "ann@customer.example"


def run_mails() -> None:
    """As the worker does."""
    for job in Job.objects.filter(state=Job.State.QUEUED, kind="signing_link_mail"):
        assert mail_link(job.pk) == "done"
    for job in Job.objects.filter(state=Job.State.QUEUED, kind="signing_code_mail"):
        assert mail_code(job.pk) == "done"


def invited(lead: User, acceptance: Acceptance, **changes: Any) -> Invitation:
    """Somebody from outside, asked for the verdict."""
    given: dict[str, Any] = {"name": NAME, "email": EMAIL, "organisation": "Customer Ltd", **changes}
    return invite_signatory(actor=lead, acceptance_id=acceptance.pk, **given)


def link_in_mail(place: int = -1) -> str:
    """The path of the link in a mail that went out."""
    found = re.search(r"(/sign/[\w-]{43}/)\s", str(mail.outbox[place].body))
    assert found is not None
    return found.group(1)


def code_in_mail() -> str:
    """The code in the last mail."""
    found = re.search(r"^ {4}(\d{6})$", str(mail.outbox[-1].body), flags=re.MULTILINE)
    assert found is not None
    return found.group(1)


class Outside:
    """A browser without an account that follows a link."""

    def __init__(self, path: str) -> None:
        self.client, self.path = Client(), path

    def get(self, more: str = "") -> Any:
        return self.client.get(f"{self.path}{more}")

    def post(self, more: str, **fields: Any) -> Any:
        return self.client.post(f"{self.path}{more}", fields)

    def confirm(self) -> str:
        """Ask for a code, read it in the mail, type it. Gives the page."""
        assert self.post("code/").status_code == 302
        run_mails()
        assert self.post("open/", code=code_in_mail()).status_code == 302
        return str(self.get().content.decode())

    def decide(self, acceptance: Acceptance, verdict: str = "accepted", **fields: Any) -> Any:
        """Send the form of the verdict."""
        return self.post("verdict/", verdict=verdict, **{"printed_name": NAME, "digest": acceptance.digest, **fields})
