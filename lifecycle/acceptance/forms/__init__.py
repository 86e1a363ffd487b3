"""Forms of the room."""

from lifecycle.acceptance.forms.handing import HandOffForm, PasswordForm, ReportForm
from lifecycle.acceptance.forms.inside import (
    CriterionForm,
    DecisionForm,
    InviteForm,
    JudgeForm,
    OfferForm,
    ProofForm,
    ReasonForm,
    WithdrawalForm,
)
from lifecycle.acceptance.forms.outside import CodeForm, NameForm, OutsideDecisionForm

__all__ = [
    "CodeForm",
    "CriterionForm",
    "DecisionForm",
    "HandOffForm",
    "InviteForm",
    "JudgeForm",
    "NameForm",
    "OfferForm",
    "OutsideDecisionForm",
    "PasswordForm",
    "ProofForm",
    "ReasonForm",
    "ReportForm",
    "WithdrawalForm",
]
