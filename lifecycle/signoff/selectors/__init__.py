"""Reads of rounds: what waits for a person, and all that the pages of a decision show."""

from lifecycle.signoff.selectors.evidence import Shown, figures_of, shown
from lifecycle.signoff.selectors.lists import list_of, open_rounds, rounds_of
from lifecycle.signoff.selectors.round_page import Asked, RoundPage, Signed, page_of
from lifecycle.signoff.selectors.submit_page import GoBackPage, SubmitPage, go_back_page, submit_page
from lifecycle.signoff.selectors.waiting import waiting_for

__all__ = [
    "Asked",
    "GoBackPage",
    "RoundPage",
    "Shown",
    "Signed",
    "SubmitPage",
    "figures_of",
    "go_back_page",
    "list_of",
    "open_rounds",
    "page_of",
    "rounds_of",
    "shown",
    "submit_page",
    "waiting_for",
]
