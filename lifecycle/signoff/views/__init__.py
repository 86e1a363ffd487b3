"""Pages of sign-off."""

from lifecycle.signoff.views.rounds import decide, show_round, take_back, withdraw
from lifecycle.signoff.views.stages import go_back, submit

__all__ = ["decide", "go_back", "show_round", "submit", "take_back", "withdraw"]
