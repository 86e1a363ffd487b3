"""The loop of a failure, in Chromium against a portal that really runs: a stopped project, its post-mortem, an action that
is verified, and the check that the next project meets.

Each page is looked at wide in light and narrow in dark colours, as in the long journey; the images are in
`screenshots/learning-*`.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser

from demo.journey.stack import Stack
from demo.training import Trained
from tests.journeys.walk import LEARNING, Walk

pytestmark = [pytest.mark.browser, pytest.mark.worker]


@pytest.fixture(scope="module")
def walk(stack: Stack, chromium: Browser, trained: Trained) -> Walk:
    """The journey; its chapters follow each other, whichever test is run."""
    return Walk(stack, chromium, trained, datetime.now(UTC).date(), LEARNING)


def test_a_stopped_project_has_a_postmortem_that_its_owner_is_told_of(walk: Walk) -> None:
    walk.to("stop")


def test_it_is_published_within_ten_minutes_since_most_of_it_was_there(walk: Walk) -> None:
    walk.to("write")


def test_its_action_is_done_and_verified_by_somebody_else(walk: Walk) -> None:
    walk.to("act")


def test_its_lesson_becomes_a_check_of_the_methodology(walk: Walk) -> None:
    walk.to("teach")


def test_the_next_project_meets_the_lesson_at_its_gate(walk: Walk) -> None:
    walk.to("meet")


def test_the_stopped_project_is_closed_with_what_came_of_it(walk: Walk) -> None:
    walk.to("close")
