"""A post-mortem freezes what the business case promised, beside what is known by then."""

from __future__ import annotations

from explain.cases.models import Promise
from foundation.people.models import User
from lifecycle.kpis.models import CashLine
from lifecycle.postmortems.content import content_of, markdown_of
from lifecycle.postmortems.services import open_postmortem


def test_the_original_promise_stands_beside_the_result(promise: Promise, lead: User) -> None:
    made = open_postmortem(actor=lead, project=promise.project, kind="near_miss", title="Close call")
    (sheet,) = [each for each in made.promise["sheets"] if each["name"].startswith("Business case")]
    rows = {row["label"]: row for row in sheet["rows"]}
    (value,) = [row for label, row in rows.items() if label.startswith("Net present value")]
    assert value["promised"].startswith("+400")
    assert (value["came"], value["is_money"]) == ("not known", True)
    assert rows["Effect: Minutes saved"]["promised"] == "2 minutes (1 to 3)"
    assert (rows["Effect: Minutes saved"]["came"], rows["Effect: Minutes saved"]["kept"]) == ("not measured", None)
    assert "Effect: Minutes saved: promised 2 minutes (1 to 3); came not measured" in markdown_of(content_of(made))


def test_it_stays_as_it_was_when_the_figures_move_on(promise: Promise, lead: User) -> None:
    made = open_postmortem(actor=lead, project=promise.project, kind="near_miss", title="Close call")
    before = made.promise
    CashLine.objects.filter(project=promise.project).delete()
    made.refresh_from_db()
    assert made.promise == before
