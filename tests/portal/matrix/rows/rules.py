"""Policies, signed exceptions, advice on rounds, and standing in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from lifecycle.projects.models import Delegation
from lifecycle.signoff import policy
from lifecycle.signoff.forms.policies import PolicyForm
from lifecycle.signoff.models import Feedback, Signature, Waiver
from tests.portal.matrix.table import Send
from tests.portal.matrix.world import PASSWORD, Place

ROWS = """
#                                  nobody, outsider | viewer contributor lead sponsor reviewer risk customer | manager auditor administrator
GET    api:api-policies            L R RRRRRRR RRR / R
GET    api:api-policy              L R RRRRRRR RRR / R
PUT    api:api-policy              L F FFFFFFF FFD / F
GET    api:api-policy-versions     L R RRRRRRR RRR / R
GET    signoff:policies            L R RRRRRRR RRR / R
GET    signoff:policy              L R RRRRRRR RRR / R
GET    signoff:policy_change       L F FFFFFFF FFR / F
POST   signoff:policy_change       L F FFFFFFF FFD / F
# Exceptions: a sponsor or risk officer grants; who granted, they and the lead end; who sees all reads the report.
GET    api:api-exceptions          L F FFFFFFF RRR / F
GET    signoff:exceptions_report   L F FFFFFFF RRR / F
GET    signoff:exceptions_download L F FFFFFFF RRR / F
GET    api:api-waivers             L N RRRRRRR RRR
POST   api:api-waivers             L N FFFDFDF FFF
POST   api:api-waiver-end          L N FFDDFDF FFF
GET    signoff:exceptions          L N RRRRRRR RRR
POST   signoff:exceptions          L N FFFDFDF FFF
POST   signoff:end_waiver          L N FFDDFDF FFF
# Advice: present members who neither asked (the lead) nor wrote the evidence (the contributor); its author settles it.
GET    api:api-feedback            L N RRRRRRR RRR
POST   api:api-feedback            L N DFFDDDD FFF
POST   api:api-feedback-settle     L N FFFFDFF FFF
POST   signoff:give_feedback       L N DFFDDDD FFF
POST   signoff:settle_feedback     L N FFFFDFF FFF
# Standing in: who holds a role names a stand-in for it; a cover is seen by its people and ended by them.
GET    api:api-delegations         L R RRRRRRR RRR / R
POST   api:api-delegations         L d DDDDDDD ddd / D
POST   api:api-delegation-end      L N NNNDNND FFD
GET    projects:cover              L R RRRRRRR RRR / R
POST   projects:cover              L d DDDDDDD ddd / D
POST   projects:end_cover          L N NNNDNND FFD
"""


def _policy(at: Place) -> dict[str, Any]:
    return {
        "content": {**policy.shipped_policy("low"), "days": 9},
        "reason": "x",
        "password": PASSWORD,
        "expected_number": 0,
    }


def _policy_form(at: Place) -> dict[str, Any]:
    initial = PolicyForm.initial_of(policy.shipped_policy("low"), 0)
    fields = {key: value for key, value in initial.items() if value is not False}
    return {**fields, "days": 9, "reason": "x", "password": PASSWORD}


def _days() -> dict[str, str]:
    today = timezone.localdate()
    return {"starts_on": today.isoformat(), "ends_on": (today + timedelta(days=5)).isoformat()}


def _waiver_of(at: Place) -> int:
    found = Waiver.objects.filter(project=at.project).first()
    return found.pk if found else 0


def _waived(at: Place) -> None:
    """The sponsor waived the reviewer. The address is asked for after it."""
    sponsor, today = at.team["sponsor"], timezone.localdate()
    signature = Signature.objects.create(
        project=at.project, record_kind="waiver", record_id=at.project.pk, record_name="x", record_version="1",
        content_hash="a" * 64, meaning="approved", statement="x", signer=sponsor, printed_name=sponsor.name,
        role="sponsor", authenticated_by="password", time_zone="UTC",
    )  # fmt: skip
    Waiver.objects.create(
        project=at.project, what="role", role="reviewer", reason="x", starts_on=today, ends_on=today,
        granted_by=sponsor, signature=signature,
    )  # fmt: skip


def _advised(at: Place) -> None:
    Feedback.objects.create(round=at.round, author=at.team["reviewer"], role="reviewer", grade="minor", text="x")


def _feedback_of(at: Place) -> int:
    return Feedback.objects.get(round=at.round).pk


def _covered(at: Place) -> None:
    today = timezone.localdate()
    Delegation.objects.create(
        from_person=at.team["sponsor"], to_person=at.team["customer"], project=at.project, starts_on=today,
        ends_on=today, reason="x", made_by=at.team["sponsor"],
    )  # fmt: skip


def _cover_of(at: Place) -> int:
    return Delegation.objects.get(project=at.project).pk


def _tier(at: Place) -> dict[str, Any]:
    return {"tier": "low"}


FILL = {
    **dict.fromkeys(("api:api-policy", "api:api-policy-versions", "signoff:policy", "signoff:policy_change"), _tier),
    **dict.fromkeys(("api:api-waiver-end", "signoff:end_waiver"), lambda at: {"waiver_id": _waiver_of(at)}),
    **dict.fromkeys(
        ("api:api-feedback-settle", "signoff:settle_feedback"), lambda at: {"feedback_id": _feedback_of(at)}
    ),
    **dict.fromkeys(("api:api-delegation-end", "projects:end_cover"), lambda at: {"pk": _cover_of(at)}),
}
_exception = Send(lambda at: {"what": "role", "role": "reviewer", "reason": "x", "password": PASSWORD, **_days()})
_advice = Send(lambda at: {"grade": "minor", "text": "x"})
_settling = Send(lambda at: {"note": "x"}, before=_advised)
_naming = Send(lambda at: {"to_person": at.newcomer.email, "reason": "x", **_days()})

SEND = {
    "PUT api:api-policy": Send(_policy),
    "POST signoff:policy_change": Send(_policy_form),
    "POST api:api-waivers": _exception,
    "POST signoff:exceptions": _exception,
    "POST api:api-waiver-end": Send(before=_waived),
    "POST signoff:end_waiver": Send(before=_waived),
    "POST api:api-feedback": _advice,
    "POST signoff:give_feedback": _advice,
    "POST api:api-feedback-settle": _settling,
    "POST signoff:settle_feedback": _settling,
    "POST api:api-delegations": _naming,
    "POST projects:cover": _naming,
    "POST api:api-delegation-end": Send(before=_covered),
    "POST projects:end_cover": Send(before=_covered),
}
