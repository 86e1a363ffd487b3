"""REST of sign-off: the same deeds as the pages."""

from lifecycle.signoff.api.views import (
    RoundDecisions,
    RoundDetail,
    RoundList,
    RoundWithdrawal,
    StageGoBack,
    StageRounds,
)

__all__ = ["RoundDecisions", "RoundDetail", "RoundList", "RoundWithdrawal", "StageGoBack", "StageRounds"]
