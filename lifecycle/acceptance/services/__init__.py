"""Deeds on criteria and acceptances, one file for each family."""

from lifecycle.acceptance.services.changes import (
    consent_to_change,
    propose_change,
    propose_withdrawal,
    refuse_change,
    take_back_change,
)
from lifecycle.acceptance.services.codes import open_signing, request_code
from lifecycle.acceptance.services.conditions import (
    Condition,
    close_condition,
    send_condition_back,
    verify_condition,
)
from lifecycle.acceptance.services.criteria import set_criterion, withdraw_criterion
from lifecycle.acceptance.services.deciding import decide_acceptance
from lifecycle.acceptance.services.handing import hand_over, receive_handoff, send_handoff_back, write_handoff
from lifecycle.acceptance.services.inviting import end_link, invite_signatory, send_new_link
from lifecycle.acceptance.services.judging import judge_criterion
from lifecycle.acceptance.services.outside import (
    decide_outside,
    receive_outside,
    send_back_outside,
    withdraw_outside,
)
from lifecycle.acceptance.services.preparing import offer_acceptance, open_acceptance, withdraw_acceptance
from lifecycle.acceptance.services.reporting import issue_report, write_report
from lifecycle.acceptance.services.withdrawing import withdraw_verdict

__all__ = [
    "Condition",
    "close_condition",
    "consent_to_change",
    "decide_acceptance",
    "decide_outside",
    "end_link",
    "hand_over",
    "invite_signatory",
    "issue_report",
    "judge_criterion",
    "offer_acceptance",
    "open_acceptance",
    "open_signing",
    "propose_change",
    "propose_withdrawal",
    "receive_handoff",
    "receive_outside",
    "refuse_change",
    "request_code",
    "send_back_outside",
    "send_condition_back",
    "send_handoff_back",
    "send_new_link",
    "set_criterion",
    "take_back_change",
    "verify_condition",
    "withdraw_acceptance",
    "withdraw_criterion",
    "withdraw_outside",
    "withdraw_verdict",
    "write_handoff",
    "write_report",
]
