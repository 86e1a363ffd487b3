"""REST of sign-off: the same deeds as the pages."""

from lifecycle.signoff.api.views import (
    DecisionWithdrawal,
    RoundDecisions,
    RoundDetail,
    RoundList,
    RoundWithdrawal,
    StageGoBack,
    StageRounds,
)

__all__ = [
    "DecisionWithdrawal",
    "RoundDecisions",
    "RoundDetail",
    "RoundList",
    "RoundWithdrawal",
    "StageGoBack",
    "StageRounds",
]
