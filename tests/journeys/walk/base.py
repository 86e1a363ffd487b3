"""What the chapters share."""

from __future__ import annotations

from datetime import date

from demo.journey.stack import Stack
from demo.journey.steps import Journey
from demo.journey.steps.traveller import KEY
from demo.training import Trained
from tests.journeys.seat import Seat

AT = f"/projects/{KEY}/"
FIRST, SECOND = "business_understanding", "data_acquisition_and_understanding"
QUESTION = "May the team begin?"


class Base:
    """The state of the journey. `api` speaks REST with tokens, for what would be slow by hand."""

    stack: Stack
    api: Journey
    trained: Trained
    today: date
    round: str  # address of the round that is spoken of
    kpi: str  # address of the KPI
    weeks: list[date]
    values: list[float]
    link: str  # address that an outside person was mailed
    explanation: str  # address of the explanation
    reference: str  # of the post-mortem
    check: str  # address of the check that was made of a lesson

    def seat(self, key: str) -> Seat:
        """That person's browser; an empty key is somebody without an account."""
        raise NotImplementedError
