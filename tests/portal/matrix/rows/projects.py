"""Projects, their people, stages and deliverables."""

from __future__ import annotations

from django.utils import timezone

from tests.portal.matrix.table import Send
from tests.portal.matrix.world import Place

ROWS = """
#                              nobody, outsider | viewer contributor lead sponsor reviewer risk customer | manager auditor administrator
GET    api:api-projects        L R RRRRRRR RRR / R
POST   api:api-projects        L D DDDDDDD DFD / D
GET    api:api-project         L N RRRRRRR RRR
PATCH  api:api-project         L N FFDFFFF FFF
POST   api:api-project-stop    L N FFDDFFF FFF
POST   api:api-project-close   L N FFDDFFF FFF
GET    api:api-members         L N RRRRRRR RRR
POST   api:api-members         L N FFDFFFF FFD
DELETE api:api-member          L N FFDFFFF FFD
GET    api:api-stages          L N RRRRRRR RRR
GET    api:api-stage           L N RRRRRRR RRR
PATCH  api:api-stage           L N FFDFFFF FFF
GET    api:api-deliverable     L N RRRRRRR RRR
GET    api:api-versions        L N RRRRRRR RRR
POST   api:api-versions        L N FDDFFFF FFF
GET    api:api-version         L N RRRRRRR RRR
GET    api:api-version-file    L N RRRRRRR RRR
POST   api:api-not-applicable  L N FDDFFFF FFF
DELETE api:api-not-applicable  L N FDDFFFF FFF
POST   api:api-former          L N FddFFFF FFF
GET    api:api-answers         L N RRRRRRR RRR
POST   api:api-answers         L N FDDFFFF FFF
POST   api:api-task            L N FDDFFFF FFF
GET    projects:list           L R RRRRRRR RRR / R
POST   projects:list           L D DDDDDDD DDD / D
GET    projects:new            L R RRRRRRR RRR / R
POST   projects:new            L D DDDDDDD DFD / D
GET    projects:edit           L N RRRRRRR RRR
POST   projects:edit           L N FFDFFFF FFF
POST   projects:stop           L N FFDDFFF FFF
GET    projects:close          L N RRRRRRR RRR
POST   projects:close          L N FFDDFFF FFF
GET    projects:people         L N RRRRRRR RRR
POST   projects:people         L N FFDFFFF FFD
POST   projects:end_role       L N FFDFFFF FFD
GET    projects:stages         L N RRRRRRR RRR
POST   projects:stages         L N DDDDDDD DDD
GET    projects:stage          L N RRRRRRR RRR
POST   projects:stage          L N DDDDDDD DDD
POST   projects:plan           L N FFDFFFF FFF
POST   projects:answer         L N FDDFFFF FFF
POST   projects:task           L N FDDFFFF FFF
GET    projects:deliverable    L N RRRRRRR RRR
POST   projects:deliverable    L N FDDFFFF FFF
POST   projects:preview        L N DDDDDDD DDD
POST   projects:applies        L N FDDFFFF FFF
POST   projects:former         L N FddFFFF FFF
GET    projects:version        L N RRRRRRR RRR
POST   projects:version        L N DDDDDDD DDD
GET    projects:download       L N RRRRRRR RRR
POST   projects:download       L N DDDDDDD DDD
"""

_member = {"projects:end_role", "api:api-member"}
_deliverable = (
    "projects:deliverable", "projects:preview", "projects:version", "projects:download",
    "api:api-deliverable", "api:api-versions", "api:api-version", "api:api-version-file",
)  # fmt: skip
_spare = ("projects:applies", "projects:former", "api:api-not-applicable", "api:api-former")

FILL = {
    **dict.fromkeys(_member, lambda at: {"pk": at.member.pk}),
    **dict.fromkeys(_deliverable, lambda at: {"pk": at.deliverable.pk}),
    **dict.fromkeys(_spare, lambda at: {"pk": at.spare.pk}),
    **dict.fromkeys(("projects:answer", "api:api-answers"), lambda at: {"pk": at.question.pk}),
    **dict.fromkeys(("projects:task", "api:api-task"), lambda at: {"pk": at.task.pk}),
}


def _started(at: Place) -> dict[str, object]:
    return {
        "key": "fresh", "name": "A fresh one", "question": "Which?", "started_on": "2026-02-02", "risk": "low",
        "currency": "EUR", "horizon_months": 12, "discount_percent": "10",
        "methodology": {"key": "crisp_dm"},
    }  # fmt: skip


def _edited(at: Place) -> dict[str, object]:
    return {**_started(at), "expected_version": at.project.version, "reason": "Clearer."}


def _excused(at: Place) -> None:
    at.spare.__class__.objects.filter(pk=at.spare.pk).update(not_applicable="Nothing to say.")


def _ready_to_close(at: Place) -> None:
    at.round.__class__.objects.filter(pk=at.round.pk).update(state="withdrawn", closed_at=timezone.now())
    at.postmortem.__class__.objects.filter(pk=at.postmortem.pk).update(state="published")


_text = Send(lambda at: {"text": "Written anew.", "note": "", "expected_number": 1})
_why = Send(lambda at: {"reason": "It is not needed."})
_ended = Send(
    lambda at: {"statement": "The model is in use, and the laboratory goes on with it."}, before=_ready_to_close
)

SEND = {
    "POST projects:new": Send(lambda at: {**_started(at), "methodology": at.project.methodology_id}),
    "POST api:api-projects": Send(_started),
    "POST projects:edit": Send(_edited),
    "PATCH api:api-project": Send(lambda at: {"unit": "Pathology", "version": at.project.version}),
    "POST projects:stop": _why,
    "POST api:api-project-stop": _why,
    "POST projects:close": _ended,
    "POST api:api-project-close": _ended,
    "POST projects:people": Send(lambda at: {"person": at.newcomer.email, "role": "viewer"}),
    "POST api:api-members": Send(lambda at: {"person": at.newcomer.email, "role": "viewer"}),
    "POST projects:plan": Send(lambda at: {"due_on": "2027-01-04"}),
    "PATCH api:api-stage": Send(lambda at: {"due_on": "2027-01-04"}),
    "POST projects:answer": Send(lambda at: {"text": "Answered anew.", "expected_number": 1}),
    "POST api:api-answers": Send(lambda at: {"text": "Answered anew.", "expected_number": 1}),
    "POST projects:task": Send(lambda at: {"done": "1"}),
    "POST api:api-task": Send(lambda at: {"done": True}),
    "POST projects:deliverable": _text,
    "POST projects:preview": _text,
    "POST api:api-versions": _text,
    "POST projects:applies": _why,
    "POST api:api-not-applicable": _why,
    "DELETE api:api-not-applicable": Send(before=_excused),
}
