"""What decides stands at the head of the decision page in short lines, before the evidence in full."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from foundation.people.models import User
from lifecycle.signoff import selectors
from lifecycle.signoff.briefs import brief_answers, brief_kpis
from lifecycle.signoff.evidence import Brief, Summary
from lifecycle.signoff.models import Round
from lifecycle.signoff.selectors.evidence import Shown

ROW: dict[str, Any] = {
    "name": "Waiting time", "unit": "d", "last": 9.61, "baseline": 9.64, "target": 8.0, "target_due": None,
}  # fmt: skip


def test_an_answer_is_told_without_its_mark_up() -> None:
    told = brief_answers([("Is it safe?", "# Yes\n\n**All** of it: a < b & c, see [the notes](https://example.org).")])
    assert told == (Brief("Is it safe?", "Yes All of it: a < b & c, see the notes."),)


def test_a_kpi_says_reading_baseline_and_target_or_that_there_is_none() -> None:
    full, bare = brief_kpis([ROW, {**ROW, "name": "Cost", "last": None, "baseline": None, "target": None}])
    assert full.text.startswith("9.61 d; baseline 9.64 d; target 8 d by")
    assert bare == Brief("Cost", "no reading; baseline not frozen; target not set")


def test_six_lines_of_a_kind_are_shown_and_the_rest_is_counted() -> None:
    lines = tuple(Brief(str(number), "") for number in range(9))
    shown = Shown("Exit questions", Summary("none.html", {}, brief=lines), [])
    assert (shown.brief, shown.not_in_brief) == (lines[:6], 3)
    assert (Shown("Other", None, []).brief, Shown("Other", None, []).not_in_brief) == ((), 0)


@pytest.mark.django_db
def test_answers_comment_and_open_matters_stand_before_the_full_evidence(
    review: Round, sponsor: User, sign_in: Any
) -> None:
    client: Client = sign_in(sponsor)
    page = client.get(f"/rounds/{review.pk}/").content.decode()
    brief = page[page.index('class="sheet brief"') : page.index("<h2>Exit questions</h2>")]
    assert "All required outputs are written." in brief
    assert "<dd>Answer to bu_q1.</dd>" in brief
    assert "No condition and no major issue." in page
    found = selectors.page_of(review.pk, sponsor)
    assert found is not None
    assert found.has_brief
    assert [kind.title for kind in found.in_brief] == ["Exit questions"]
    assert len(re.findall(r"<dt>", brief)) == len(found.in_brief[0].brief)
