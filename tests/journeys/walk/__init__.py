"""The journey in chapters, each through pages; a chapter is walked once, and those before it first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from playwright.sync_api import Browser

from demo.journey.stack import Stack
from demo.journey.steps import Journey
from demo.training import Trained
from tests.journeys.seat import Seat
from tests.journeys.walk import (
    accepting,
    beginning,
    deciding,
    explaining,
    holding,
    learning,
    looking_back,
    measuring,
    outside,
    paying,
)
from tests.journeys.walk.base import Base

Chapters = Sequence[tuple[str, Callable[[Base], None]]]
CHAPTERS: Chapters = (
    ("start", beginning.start),
    ("write", beginning.write),
    ("agree", accepting.agree),
    ("keep", beginning.keep_what_was_typed),
    ("send_back", deciding.send_back),
    ("approve", deciding.approve_by_keyboard),
    ("begin_again", deciding.begin_again),
    ("measure", measuring.measure),
    ("freeze", measuring.freeze),
    ("upload", explaining.upload),
    ("explain", explaining.explain),
    ("ask_what_if", explaining.ask_what_if),
    ("plan", paying.plan),
    ("report", paying.report),
    ("accept", accepting.accept),
    ("look_back", looking_back.look_back),
)
# A project of high risk, whose approval does not hold for ever.
SIGN_OFF: Chapters = (
    ("begin", holding.begin),
    ("submit", holding.submit),
    ("review", holding.review),
    ("stand_in", holding.stand_in),
    ("approve_with_condition", holding.approve_with_condition),
    ("fall_due", holding.fall_due),
    ("go_back", holding.go_back),
    ("invite", outside.invite),
    ("sign_outside", outside.sign),
    ("prove", outside.prove),
)
# A project is stopped, and the next one meets what it taught.
LEARNING: Chapters = (
    ("prepare", learning.prepare),
    ("stop", learning.stop),
    ("write", learning.write),
    ("act", learning.act),
    ("teach", learning.teach),
    ("meet", learning.meet),
    ("close", learning.close),
)


class Walk(Base):
    """`to("approve")` walks the chapters up to that one which were not walked yet."""

    def __init__(
        self, stack: Stack, chromium: Browser, trained: Trained, today: date, chapters: Chapters = CHAPTERS
    ) -> None:
        self.stack, self.chromium, self.trained, self.today, self.chapters = stack, chromium, trained, today, chapters
        self.api = Journey(stack.url, trained, today)
        self.api.sign_in()
        self.seats: dict[str, Seat] = {}
        self.walked = 0
        self.broken = ""

    def to(self, name: str) -> None:
        """Walk on, up to the end of that chapter."""
        last = [key for key, _ in self.chapters].index(name)
        while self.walked <= last:
            assert not self.broken, f"The journey broke off in the chapter {self.broken!r}."
            key, deed = self.chapters[self.walked]
            self.broken = key
            try:
                deed(self)
            except BaseException:
                for person, seat in self.seats.items():
                    seat.keep(f"broken-{key}-{person}")
                raise
            self.broken = ""
            self.walked += 1

    def seat(self, key: str) -> Seat:
        """That person's browser; signed in at the first call. An empty key is somebody without an account."""
        if key not in self.seats:
            self.seats[key] = Seat(self.chromium, self.api.url, key)
        return self.seats[key]
