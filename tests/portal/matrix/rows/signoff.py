"""Rounds of sign-off and going back."""

from __future__ import annotations

from lifecycle.projects.models import Stage
from lifecycle.signoff.models import Round
from tests.portal.matrix.table import Send
from tests.portal.matrix.world import PASSWORD, Place

ROWS = """
#                               nobody, outsider | viewer contributor lead sponsor reviewer risk customer | manager auditor administrator
GET    api:api-rounds           L R RRRRRRR RRR / R
GET    api:api-round            L N RRRRRRR RRR
POST   api:api-round-decisions  L N FFFDDFF FFF
POST   api:api-round-withdraw   L N FFDFFFF FFF
POST   api:api-decision-withdraw L N FFFDFFF FFF
POST   api:api-stage-rounds     L N FFDFFFF FFF
POST   api:api-stage-go-back    L N FFDFFFF FFF
GET    signoff:round            L N RRRRRRR RRR
POST   signoff:decide           L N FFFDDFF FFF
POST   signoff:withdraw         L N FFDFFFF FFF
POST   signoff:take_back        L N FFFDFFF FFF
GET    signoff:submit           L N RRRRRRR RRR
POST   signoff:submit           L N FFDFFFF FFF
GET    signoff:go_back          L N RRRRRRR RRR
POST   signoff:go_back          L N FFDFFFF FFF
"""


def _not_asked_yet(at: Place) -> None:
    """The stage is ready and nobody has asked."""
    Round.objects.filter(pk=at.round.pk).update(state="withdrawn")
    Stage.objects.filter(pk=at.stage.pk).update(state="open")


def _in_the_second_stage(at: Place) -> None:
    Round.objects.filter(pk=at.round.pk).update(state="approved")
    Stage.objects.filter(pk=at.stage.pk).update(state="approved")
    Stage.objects.filter(project=at.project, order=2).update(state="open")


def _second(at: Place) -> dict[str, object]:
    return {"stage_key": Stage.objects.get(project=at.project, order=2).key}


def _signed(at: Place) -> dict[str, object]:
    """The sponsor's yes to the second stage."""
    return {"round_id": at.condition.round_id, "decision_id": at.condition.decision_id}


FILL = {
    **dict.fromkeys(("signoff:go_back", "api:api-stage-go-back"), _second),
    **dict.fromkeys(("signoff:take_back", "api:api-decision-withdraw"), _signed),
}
_decision = Send(
    lambda at: {"verdict": "approve", "reason": "", "password": PASSWORD, "digest": at.round.digest},
)
_asked = Send(lambda at: {"title": "May we begin?", "comment": ""}, before=_not_asked_yet)
_back = Send(lambda at: {"to": at.stage.key, "reason": "The question changed."}, before=_in_the_second_stage)
_taken_back = Send(lambda at: {"reason": "I read the wrong figures.", "password": PASSWORD})

SEND = {
    "POST signoff:take_back": _taken_back,
    "POST api:api-decision-withdraw": _taken_back,
    "POST signoff:decide": _decision,
    "POST api:api-round-decisions": _decision,
    "POST signoff:submit": _asked,
    "POST api:api-stage-rounds": _asked,
    "POST signoff:go_back": _back,
    "POST api:api-stage-go-back": _back,
}
