"""Proposals to stop, continue or expand."""

from __future__ import annotations

from typing import Any

from explain.outcomes.models import OutcomeReport
from explain.outcomes.runs import make_report
from explain.outcomes.services import request_report
from explain.steering.models import Proposal
from explain.steering.services import propose
from tests.portal.matrix.table import Send
from tests.portal.matrix.world import PASSWORD, Place

ROWS = """
#                                nobody, outsider | viewer contributor lead sponsor reviewer risk customer | manager auditor administrator
GET    steering:open             L R RRRRRRR RRR / R
GET    steering:proposals        L N RRRRRRR RRR
POST   steering:proposals        L N FFDDFFF DFF
GET    steering:proposal         L N RRRRRRR RRR
POST   steering:decide           L N FFFDFFF FFF
POST   steering:withdraw         L N FFDFFFF FFF
GET    api:api-suggestion        L N RRRRRRR RRR
GET    api:api-proposals         L N RRRRRRR RRR
POST   api:api-proposals         L N FFDDFFF DFF
GET    api:api-proposal          L N RRRRRRR RRR
POST   api:api-proposal-decision    L N FFFDFFF FFF
POST   api:api-proposal-withdrawal  L N FFDFFFF FFF
"""


def _reported(at: Place) -> None:
    """A done report, and a second sponsor, so that the first one may propose as well."""
    OutcomeReport.objects.filter(pk=at.report.pk).update(state="refused")
    report = request_report(actor=at.team["lead"], project=at.project)
    assert report.job is not None
    make_report(report.job.pk)
    at.project.members.create(user=at.newcomer, role="sponsor")


def _proposed(at: Place) -> None:
    _reported(at)
    propose(
        actor=at.team["lead"],
        project=at.project,
        what="continue",
        reasons="It works.",
        report_hash=_current(at),
    )


def _current(at: Place) -> str:
    return OutcomeReport.objects.get(project=at.project, is_current=True).content_hash


def _course(at: Place) -> dict[str, Any]:
    return {"what": "stop", "reasons": "The users left.", "report_hash": _current(at)}


def _answer(at: Place) -> dict[str, Any]:
    proposal = Proposal.objects.get(project=at.project)
    return {"verdict": "approve", "content_hash": proposal.content_hash, "password": PASSWORD}


SEND = {
    "GET steering:proposals": Send(before=_proposed),
    "POST steering:proposals": Send(_course, before=_reported),
    "GET steering:proposal": Send(before=_proposed),
    "POST steering:decide": Send(_answer, before=_proposed),
    "POST steering:withdraw": Send(lambda at: {"reason": "Too early."}, before=_proposed),
    "GET api:api-suggestion": Send(before=_reported),
    "GET api:api-proposals": Send(before=_proposed),
    "POST api:api-proposals": Send(_course, before=_reported),
    "GET api:api-proposal": Send(before=_proposed),
    "POST api:api-proposal-decision": Send(_answer, before=_proposed),
    "POST api:api-proposal-withdrawal": Send(lambda at: {"reason": "Too early."}, before=_proposed),
}
