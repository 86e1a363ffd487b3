"""The room's jobs, made known when the app starts."""

from __future__ import annotations

from foundation.jobs import kinds
from foundation.jobs.models import Job
from lifecycle.acceptance.models import Invitation
from lifecycle.acceptance.services.links import SEND_CODE, SEND_LINK


def result_of(job: Job) -> kinds.Result | None:
    """The page of the acceptance for which a link was sent."""
    found = Invitation.objects.select_related("project").filter(pk=job.args.get("invitation")).first()
    return kinds.Result(f"Signature of {found}", f"/projects/{found.project.key}/acceptance/") if found else None


def register_kinds() -> None:
    """Called when the app starts."""
    kinds.register(
        kinds.Kind(SEND_LINK, "Send a signing link", task="acceptance.mail_link", max_attempts=5, result=result_of)
    )
    kinds.register(kinds.Kind(SEND_CODE, "Send a signing code", task="acceptance.mail_code", max_attempts=5))
