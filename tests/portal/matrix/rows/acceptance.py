"""Criteria and the customer's acceptance."""

from __future__ import annotations

from lifecycle.acceptance.models import Acceptance
from lifecycle.acceptance.services import offer_acceptance
from tests.portal.matrix.table import Send
from tests.portal.matrix.world import PASSWORD, Place, put_in_last_stage

ROWS = """
#                                      nobody, outsider | viewer contributor lead sponsor reviewer risk customer | manager auditor administrator
GET    api:api-criteria                L N RRRRRRR RRR
POST   api:api-criteria                L N FFDDFFF FFF
POST   api:api-criterion-withdrawals   L N FFDDFFF FFF
GET    api:api-acceptances             L N RRRRRRR RRR
POST   api:api-acceptances             L N FFDFFFF FFF
GET    api:api-acceptance              L N RRRRRRR RRR
POST   api:api-judgements              L N FDDFDFD FFF
POST   api:api-offer                   L N FFDFFFF FFF
POST   api:api-acceptance-withdrawals  L N FFDFFFF FFF
POST   api:api-acceptance-decisions    L N FFFFFFD FFF
GET    acceptance:acceptance           L N RRRRRRR RRR
POST   acceptance:open                 L N FFDFFFF FFF
GET    acceptance:criteria             L N RRRRRRR RRR
POST   acceptance:criteria             L N FFDDFFF FFF
POST   acceptance:withdraw_criterion   L N FFDDFFF FFF
POST   acceptance:judge                L N FDDFDFD FFF
POST   acceptance:offer                L N FFDFFFF FFF
POST   acceptance:withdraw             L N FFDFFFF FFF
POST   acceptance:decide               L N FFFFFFD FFF
"""

_one = ("api-acceptance", "api-judgements", "api-offer", "api-acceptance-withdrawals", "api-acceptance-decisions")
FILL = {f"api:{name}": lambda at: {"pk": at.acceptance.pk} for name in _one}


def _none_yet(at: Place) -> None:
    put_in_last_stage(at)
    Acceptance.objects.filter(pk=at.acceptance.pk).update(state="withdrawn")


def _offered(at: Place) -> None:
    put_in_last_stage(at)
    offer_acceptance(actor=at.team["lead"], acceptance_id=at.acceptance.pk, approved_use="Order of samples.", limits="")


def _verdict(at: Place) -> dict[str, object]:
    digest = Acceptance.objects.values_list("digest", flat=True).get(pk=at.acceptance.pk)
    return {"verdict": "accepted", "password": PASSWORD, "digest": digest, "comment": ""}


_criterion = Send(lambda at: {"measure": "Missed tumours", "threshold": "no more than today"})
_why = Send(lambda at: {"reason": "It was wrong."})
_judged = Send(
    lambda at: {"criterion": at.criterion.key, "verdict": "met", "observed": "9.1 days", "evidence": "Report 4"}
)
_offer = Send(lambda at: {"approved_use": "Order of samples.", "limits": ""}, before=put_in_last_stage)
_decided = Send(_verdict, before=_offered)

SEND = {
    "POST acceptance:open": Send(before=_none_yet),
    "POST api:api-acceptances": Send(before=_none_yet),
    "POST acceptance:criteria": _criterion,
    "POST api:api-criteria": _criterion,
    "POST acceptance:withdraw_criterion": _why,
    "POST api:api-criterion-withdrawals": _why,
    "POST acceptance:judge": _judged,
    "POST api:api-judgements": _judged,
    "POST acceptance:offer": _offer,
    "POST api:api-offer": _offer,
    "POST acceptance:withdraw": _why,
    "POST api:api-acceptance-withdrawals": _why,
    "POST acceptance:decide": _decided,
    "POST api:api-acceptance-decisions": _decided,
}
