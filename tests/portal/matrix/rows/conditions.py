"""Conditions of approvals, asking again, and reports of triggers."""

from __future__ import annotations

from lifecycle.signoff import days
from lifecycle.signoff.condition_content import digest_of_condition
from lifecycle.signoff.models import Condition
from tests.portal.matrix.table import Send
from tests.portal.matrix.world import PASSWORD, Place

ROWS = """
#                               nobody, outsider | viewer contributor lead sponsor reviewer risk customer | manager auditor administrator
GET    signoff:conditions             L N RRRRRRR RRR
GET    signoff:condition              L N RRRRRRR RRR
POST   signoff:claim_condition        L N FDFFFFF FFF
POST   signoff:send_back_condition    L N FFFFDFF FFF
POST   signoff:verify_condition       L N FFFFDFF FFF
POST   signoff:move_condition         L N FFFDDFF FFF
POST   signoff:drop_condition         L N FFFDFFF FFF
POST   signoff:remind                 L N FFDFFFF FFF
GET    api:api-conditions             L R RRRRRRR RRR / R
GET    api:api-condition              L N RRRRRRR RRR
POST   api:api-condition-claim        L N FDFFFFF FFF
POST   api:api-condition-send-back    L N FFFFDFF FFF
POST   api:api-condition-verify       L N FFFFDFF FFF
POST   api:api-condition-move         L N FFFDDFF FFF
POST   api:api-condition-drop         L N FFFDFFF FFF
POST   api:api-round-remind           L N FFDFFFF FFF
GET    api:api-project-triggers       L N RRRRRRR RRR
POST   api:api-project-triggers       L N FDDFFFF FFF
"""


def _claimed(at: Place) -> None:
    """Its owner has said that it is done."""
    Condition.objects.filter(pk=at.condition.pk).update(state="claimed")


def _seen(at: Place) -> str:
    return digest_of_condition(Condition.objects.select_related("project").get(pk=at.condition.pk))


_claim = Send(lambda at: {"note": "Done.", "evidence": ""})
_send_back = Send(lambda at: {"reason": "The night is missing."}, before=_claimed)
_verify = Send(lambda at: {"password": PASSWORD, "digest": _seen(at), "note": ""}, before=_claimed)
_move = Send(lambda at: {"reason": "Later.", "due_on": days.today().isoformat()})
_drop = Send(lambda at: {"password": PASSWORD, "digest": _seen(at), "reason": "The law changed."})

SEND = {
    **{f"POST {name}claim{end}": _claim for name, end in (("signoff:", "_condition"), ("api:api-condition-", ""))},
    "POST signoff:send_back_condition": _send_back,
    "POST api:api-condition-send-back": _send_back,
    **{f"POST {name}verify{end}": _verify for name, end in (("signoff:", "_condition"), ("api:api-condition-", ""))},
    **{f"POST {name}move{end}": _move for name, end in (("signoff:", "_condition"), ("api:api-condition-", ""))},
    **{f"POST {name}drop{end}": _drop for name, end in (("signoff:", "_condition"), ("api:api-condition-", ""))},
    "POST api:api-project-triggers": Send(lambda at: {"trigger": "rollback", "reason": "Labels were wrong."}),
}
