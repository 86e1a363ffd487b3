"""The whole journey of a project in Chromium, as several people, against a portal that really runs.

All that the pages are for is done through pages: start, write, submit, decide, measure, explain, report, accept, look
back. The documents and answers of the stages after the first are handed in over the REST API with tokens, for they are
the same form again and again. Each main page is looked at twice, wide in light and narrow in dark colours: no violation
of WCAG 2.2 A and AA, not wider than the screen, nothing in the console; the images are in `screenshots/`.
"""

from __future__ import annotations

import pytest

from tests.journeys.walk import Walk

pytestmark = [pytest.mark.browser, pytest.mark.worker]


def test_a_lead_starts_a_project_and_the_team_writes_the_first_stage(walk: Walk) -> None:
    walk.to("agree")


def test_text_survives_a_session_that_ends_while_it_is_written(walk: Walk) -> None:
    walk.to("keep")


def test_a_sponsor_sends_a_stage_back_and_a_wrong_password_costs_no_text(walk: Walk) -> None:
    walk.to("send_back")


def test_a_stage_is_approved_with_the_keyboard_alone_and_the_next_opens(walk: Walk) -> None:
    walk.to("approve")


def test_a_change_is_shown_on_the_approval_and_the_stage_is_begun_again(walk: Walk) -> None:
    walk.to("begin_again")


def test_bad_rows_of_a_file_are_named_before_any_reading_is_recorded(walk: Walk) -> None:
    walk.to("measure")


def test_a_baseline_is_frozen_by_the_sponsor_and_the_run_chart_is_drawn(walk: Walk) -> None:
    walk.to("freeze")


def test_a_model_is_explained_in_charts_and_words_and_a_pickle_is_refused(walk: Walk) -> None:
    walk.to("explain")


def test_a_row_is_asked_what_if_and_the_answer_says_what_changed(walk: Walk) -> None:
    walk.to("ask_what_if")


def test_costs_and_a_report_show_whether_it_pays_back(walk: Walk) -> None:
    walk.to("report")


def test_the_customer_signs_the_acceptance(walk: Walk) -> None:
    walk.to("accept")


def test_a_postmortem_is_published_by_the_reviewer(walk: Walk) -> None:
    walk.to("look_back")
