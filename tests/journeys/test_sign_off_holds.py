"""Sign-off that holds, in Chromium against a portal that really runs: a project of high risk loses an approval.

Each page is looked at wide in light and narrow in dark colours, as in the long journey; the images are in
`screenshots/signoff-*`. The clock is moved by `manage.py sweep_signoff --on`, and link and code of the outside customer
are taken out of the mails that the portal wrote.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser

from demo.journey.stack import Stack
from demo.training import Trained
from tests.journeys.walk import SIGN_OFF, Walk

pytestmark = [pytest.mark.browser, pytest.mark.worker]


@pytest.fixture(scope="module")
def walk(stack: Stack, chromium: Browser, trained: Trained) -> Walk:
    """The journey; its chapters follow each other, whichever test is run."""
    return Walk(stack, chromium, trained, datetime.now(UTC).date(), SIGN_OFF)


def test_a_stage_of_high_risk_is_put_to_three_roles(walk: Walk) -> None:
    walk.to("submit")


def test_the_reviewer_answers_and_the_approval_waits_for_the_others(walk: Walk) -> None:
    walk.to("review")


def test_a_stand_in_answers_for_the_sponsor_and_both_names_are_shown(walk: Walk) -> None:
    walk.to("stand_in")


def test_the_risk_officer_sets_a_condition_without_javascript_and_the_next_stage_opens(walk: Walk) -> None:
    walk.to("approve_with_condition")


def test_an_overdue_condition_revokes_the_approval_and_marks_the_stage_after_it(walk: Walk) -> None:
    walk.to("fall_due")


def test_the_team_goes_back_one_stage(walk: Walk) -> None:
    walk.to("go_back")


def test_an_outside_customer_signs_through_the_mailed_link(walk: Walk) -> None:
    walk.to("sign_outside")


def test_the_dossier_proves_itself_and_names_the_record_that_was_changed(walk: Walk) -> None:
    walk.to("prove")
