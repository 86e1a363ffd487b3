"""What belongs to an acceptance: changed criteria, its conditions, outside signatories, hand-off and exit report."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils import timezone

from lifecycle.acceptance.models import (
    ITEMS,
    Acceptance,
    AcceptanceCondition,
    HandOff,
    Invitation,
    SignatoryCode,
    token_digest,
)
from lifecycle.acceptance.report_template import report_of
from lifecycle.acceptance.services import (
    Condition,
    close_condition,
    decide_acceptance,
    hand_over,
    issue_report,
    offer_acceptance,
    propose_change,
    write_handoff,
    write_report,
)
from lifecycle.acceptance.services.codes import code_digest
from lifecycle.projects.models import Stage
from tests.portal.matrix.table import Send
from tests.portal.matrix.world import PASSWORD, Place, put_in_last_stage

ROWS = """
#                                         nobody, outsider | viewer contributor lead sponsor reviewer risk customer | manager auditor administrator
GET    api:api-criterion-changes          L N RRRRRRR RRR
POST   api:api-criterion-changes          L N FFDDFFF FFF
POST   api:api-criterion-change-answers   L N FFFDFFF FFF
GET    api:api-acceptance-evidence        L N RRRRRRR RRR
POST   api:api-verdict-withdrawals        L N FFFFFFD FFF
POST   api:api-condition-proofs           L N FFDFFFF FFF
POST   api:api-condition-verifications    L N FFFDDFD FFF
GET    api:api-signatories                L N FFRFFFF RRR
POST   api:api-signatories                L N FFDFFFF FFF
GET    api:api-signatory                  L N FFRFFFF RRR
POST   api:api-signatory-endings          L N FFDFFFF FFF
POST   api:api-signatory-links            L N FFDFFFF FFF
GET    api:api-handoffs                   L N RRRRRRR RRR
POST   api:api-handoffs                   L N FDDFFFF FFF
POST   api:api-handoff-signatures         L N FFDFFFF FFF
POST   api:api-handoff-receipts           L N FFFFFFD FFF
GET    api:api-exit-report                L N RRRRRRR RRR
POST   api:api-exit-report                L N FDDFFFF FFF
POST   api:api-exit-report-issues         L N FFDFFFF FFF
POST   acceptance:answer_change           L N FFFDFFF FFF
POST   acceptance:withdraw_verdict        L N FFFFFFD FFF
POST   acceptance:close_condition         L N FFDFFFF FFF
POST   acceptance:verify_condition        L N FFFDDFD FFF
POST   acceptance:invite                  L N FFDFFFF FFF
POST   acceptance:end_link                L N FFDFFFF FFF
POST   acceptance:new_link                L N FFDFFFF FFF
GET    acceptance:handoff                 L N RRRRRRR RRR
POST   acceptance:handoff                 L N FDDFFFF FFF
POST   acceptance:hand_over               L N FFDFFFF FFF
POST   acceptance:receive                 L N FFFFFFD FFF
GET    acceptance:exit_report             L N RRRRRRR RRR
POST   acceptance:exit_report             L N FDDFFFF FFF
POST   acceptance:issue_report            L N FFDFFFF FFF
GET    acceptance:exit_report_pdf         L N NRRRRRN RRR
GET    acceptance:sign                    R R RRRRRRR RRR / R
POST   acceptance:sign_code               D D DDDDDDD DDD / D
POST   acceptance:sign_open               D D DDDDDDD DDD / D
POST   acceptance:sign_verdict            F F FFFFFFF FFF / F
POST   acceptance:sign_withdrawal         F F FFFFFFF FFF / F
POST   acceptance:sign_receipt            F F FFFFFFF FFF / F
GET    acceptance:sign_report             N N NNNNNNN NNN
"""


# Changes of the criteria


def _agreed(at: Place) -> None:
    """The first stage is approved, and the criteria with it."""
    Stage.objects.filter(pk=at.stage.pk).update(state="approved")


def _proposed(at: Place) -> None:
    _agreed(at)
    propose_change(
        actor=at.team["lead"], project=at.project, measure="Falls", threshold="no more", reason="The ward asked."
    )


def _change(at: Place) -> int:
    return at.project.criterion_changes.get().pk


# Verdict and conditions


def _offered(at: Place) -> None:
    put_in_last_stage(at)
    offer_acceptance(actor=at.team["lead"], acceptance_id=at.acceptance.pk, approved_use="Order of samples.", limits="")


def _accepted(at: Place) -> None:
    """By the customer, under a condition that falls to the lead."""
    _offered(at)
    decide_acceptance(
        actor=at.team["customer"],
        acceptance_id=at.acceptance.pk,
        verdict="accepted_with_conditions",
        password=PASSWORD,
        digest=_digest(at),
        comment="Once the runbook is there.",
        conditions=[Condition(text="Write the runbook.", due_on=timezone.localdate() + timedelta(days=30), owner="")],
    )


def _proven(at: Place) -> None:
    _accepted(at)
    condition = AcceptanceCondition.objects.get(acceptance=at.acceptance.pk)
    close_condition(actor=at.team["lead"], condition_id=condition.pk, proof="It is in the wiki.")


def _digest(at: Place) -> str:
    return Acceptance.objects.values_list("digest", flat=True).get(pk=at.acceptance.pk)


# Outside signatories: the link of a verdict that is open, and of which the token is known


def _token(at: Place) -> str:
    return f"link-of-{at.key}"


def _invited(at: Place) -> None:
    _offered(at)
    Invitation.objects.create(
        project=at.project,
        purpose="verdict",
        acceptance=Acceptance.objects.get(pk=at.acceptance.pk),
        name="Ada Outside",
        email="ada@ward.example",
        organisation="The ward",
        token_digest=token_digest(_token(at)),
        mailed_at=timezone.now(),
        expires_at=timezone.now() + timedelta(days=14),
        created_by=at.team["lead"],
    )


def _coded(at: Place) -> None:
    """The code was mailed."""
    _invited(at)
    row = SignatoryCode.objects.create(
        invitation=at.project.signatory_invitations.get(), expires_at=timezone.now() + timedelta(minutes=10)
    )
    row.digest = code_digest(row, "123456")
    row.save()


def _link(at: Place) -> int:
    return at.project.signatory_invitations.get().pk


# Hand-off and exit report


def _drafted(at: Place) -> None:
    write_handoff(
        actor=at.team["contributor"],
        project=at.project,
        receiving_party="Ward IT",
        handed_on=date(2026, 3, 1),
        items={key: {"text": f"{label} of the ward"} for key, label in ITEMS.items()},
    )


def _handed(at: Place) -> None:
    _drafted(at)
    hand_over(actor=at.team["lead"], handoff_id=_handoff(at).pk, password=PASSWORD)


def _handoff(at: Place) -> HandOff:
    return at.project.handoffs.get()


def _reported(at: Place) -> None:
    """A draft without gaps."""
    _, sections = report_of(at.project.methodology)
    words = {section["key"]: {"not_applicable": "Nothing to say."} for section in sections}
    write_report(actor=at.team["contributor"], project=at.project, sections=words)


def _issued(at: Place) -> None:
    _reported(at)
    issue_report(actor=at.team["lead"], project=at.project)


def _acceptance(at: Place) -> dict[str, object]:
    return {"pk": at.acceptance.pk}


_ENDS = ("", "_code", "_open", "_verdict", "_withdrawal", "_receipt", "_report")
_SIGNING = [f"acceptance:sign{end}" for end in _ENDS]
FILL = {
    "acceptance:answer_change": lambda at: {"change_id": _change(at)},
    "api:api-criterion-change-answers": lambda at: {"pk": _change(at)},
    **dict.fromkeys(
        (
            "api:api-acceptance-evidence", "api:api-verdict-withdrawals", "api:api-condition-proofs",
            "api:api-condition-verifications",
        ),
        _acceptance,
    ),
    **dict.fromkeys(("acceptance:close_condition", "acceptance:verify_condition"), lambda at: {"condition": 1}),
    **dict.fromkeys(("acceptance:end_link", "acceptance:new_link"), lambda at: {"link_id": _link(at)}),
    **dict.fromkeys(
        ("api:api-signatory", "api:api-signatory-endings", "api:api-signatory-links"), lambda at: {"pk": _link(at)}
    ),
    **dict.fromkeys(("api:api-handoff-signatures", "api:api-handoff-receipts"), lambda at: {"pk": _handoff(at).pk}),
    **dict.fromkeys(_SIGNING, lambda at: {"token": _token(at)}),
}  # fmt: skip

_consent = Send(lambda at: {"answer": "consent"}, before=_proposed)
_back = Send(lambda at: {"password": PASSWORD, "reason": "It was the wrong version."}, before=_accepted)
_proof = Send(lambda at: {"proof": "It is in the wiki.", "link": ""}, before=_accepted)
_person = {
    "purpose": "verdict", "name": "Ada Outside", "email": "ada@ward.example", "organisation": "The ward",
    "language": "English", "days": 14,
}  # fmt: skip
_invitation = Send(lambda at: {**_person, "acceptance": at.acceptance.pk}, before=_offered)
_of_link = Send(before=_invited)
_signature = Send(lambda at: {"password": PASSWORD, "comment": ""}, before=_drafted)
_receipt = Send(
    lambda at: {"answer": "received", "password": PASSWORD, "digest": _handoff(at).digest, "comment": ""},
    before=_handed,
)
_signed = {"printed_name": "Ada Outside", "comment": "All as agreed."}

SEND = {
    "POST api:api-criterion-changes": Send(
        lambda at: {"measure": "Falls", "threshold": "no more", "reason": "The ward asked."}, before=_agreed
    ),
    "POST acceptance:answer_change": _consent,
    "POST api:api-criterion-change-answers": _consent,
    "POST acceptance:withdraw_verdict": _back,
    "POST api:api-verdict-withdrawals": _back,
    "POST acceptance:close_condition": _proof,
    "POST api:api-condition-proofs": _proof,
    "POST acceptance:verify_condition": Send(lambda at: {"answer": "enough"}, before=_proven),
    "POST api:api-condition-verifications": Send(lambda at: {"enough": True}, before=_proven),
    "POST acceptance:invite": _invitation,
    "POST api:api-signatories": _invitation,
    **dict.fromkeys(
        (
            "POST acceptance:end_link", "POST acceptance:new_link", "POST api:api-signatory-endings",
            "POST api:api-signatory-links", "GET api:api-signatory", "GET acceptance:sign", "POST acceptance:sign_code",
            "GET acceptance:sign_report",
        ),
        _of_link,
    ),
    "POST acceptance:sign_open": Send(lambda at: {"code": "123456"}, before=_coded),
    # Without the code nobody signs, whoever they are: the link alone is no proof, and neither is an account.
    "POST acceptance:sign_verdict": Send(
        lambda at: {**_signed, "verdict": "accepted", "digest": _digest(at)}, before=_coded
    ),
    "POST acceptance:sign_withdrawal": Send(lambda at: {**_signed, "digest": _digest(at)}, before=_coded),
    "POST acceptance:sign_receipt": Send(lambda at: {**_signed, "digest": _digest(at)}, before=_coded),
    "POST acceptance:handoff": Send(lambda at: {"receiving_party": "Ward IT", "handed_on": "2026-03-01"}),
    "POST api:api-handoffs": Send(
        lambda at: {"receiving_party": "Ward IT", "handed_on": "2026-03-01", "items": [{"key": "runbook", "text": "W"}]}
    ),
    "POST acceptance:hand_over": _signature,
    "POST api:api-handoff-signatures": _signature,
    "POST acceptance:receive": _receipt,
    "POST api:api-handoff-receipts": _receipt,
    "GET api:api-exit-report": Send(before=_issued),
    "POST api:api-exit-report": Send(lambda at: {"sections": []}),
    "POST acceptance:issue_report": Send(before=_reported),
    "POST api:api-exit-report-issues": Send(before=_reported),
    # A draft: it has parts that the customer does not read.
    "GET acceptance:exit_report_pdf": Send(before=_reported),
}  # fmt: skip
