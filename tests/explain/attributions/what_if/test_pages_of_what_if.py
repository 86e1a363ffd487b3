"""The way of somebody who asks: from the explanation to the form, to waiting, to the answer; and the same over REST."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from explain.attributions.any_row import read_row
from explain.attributions.models import Explanation
from explain.attributions.runs import compute_explanation
from explain.attributions.services import request_explanation
from explain.attributions.what_if import runs
from explain.attributions.what_if.models import WhatIf
from foundation.jobs.services import cancel_job
from foundation.people.models import User
from lifecycle.dossier.build import build
from lifecycle.projects.models import Project
from tests.explain.attributions.test_pages_and_api import text_of


def place_of(done: Explanation, feature: str) -> str:
    return f"value-{done.summary['features'].index(feature)}"


def test_a_sponsor_asks_and_reads_the_answer(sign_in: Any, sponsor: User, done: Explanation, quick_model: Any) -> None:
    client = sign_in(sponsor)
    explanation = done.get_absolute_url()
    assert f"{explanation}what-if/?row=3&amp;output=0" in text_of(client.get(f"{explanation}?row=3"))
    page = text_of(client.get(f"{explanation}what-if/?row=3"))
    kept = read_row(done, 3)
    assert kept is not None
    now = kept["values"][done.summary["features"].index("delay")]
    assert f"Now {now:g}. Most rows: " in page
    assert "Sensitive" in page
    sent = {
        place_of(done, name): str(value) for name, value in zip(done.summary["features"], kept["values"], strict=True)
    }
    answer = client.post(f"{explanation}what-if/", sent | {"row": "3", place_of(done, "delay"): "99"})
    asked = WhatIf.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, asked.get_absolute_url())
    assert asked.changes == {"delay": 99.0}
    waiting = text_of(client.get(asked.get_absolute_url()))
    assert "The model is being asked" in waiting
    assert f'data-job="{asked.job_id}"' in waiting
    assert runs.answer_what_if(asked.job_id) == "done"
    told = text_of(client.get(asked.get_absolute_url()))
    assert "The risk of a late payment would " in told
    assert "99 days" in told
    assert "For payment delay, 99 days is outside all 300 rows" in told
    assert "no decision rests on it" in told
    assert f"what-if/?row=3&amp;again={asked.pk}" in told
    again = text_of(client.get(f"{explanation}what-if/?row=3&again={asked.pk}"))
    assert 'value="99"' in again
    assert "payment delay 99 days" in again  # among what was asked before


def test_a_question_that_cannot_be_asked_keeps_what_was_typed(sign_in: Any, lead: User, done: Explanation) -> None:
    client = sign_in(lead)
    address = f"{done.get_absolute_url()}what-if/"
    nothing = client.post(address, {"row": "3"})
    assert nothing.status_code == 400
    assert "Nothing is different from the row as it is." in text_of(nothing)
    letters = client.post(address, {"row": "3", place_of(done, "delay"): "soon"})
    assert letters.status_code == 400
    assert "Enter a number." in text_of(letters)
    assert 'value="soon"' in text_of(letters)
    assert not WhatIf.objects.exists()


def test_an_emptied_field_asks_with_no_value(sign_in: Any, lead: User, done: Explanation) -> None:
    sign_in(lead).post(f"{done.get_absolute_url()}what-if/", {"row": "3", place_of(done, "income"): ""})
    assert WhatIf.objects.get().changes == {"income": None}


def test_whoever_reads_only_is_told_who_may_ask(sign_in: Any, viewer: User, done: Explanation) -> None:
    page = text_of(sign_in(viewer).get(f"{done.get_absolute_url()}what-if/?row=3"))
    assert "Ask the project lead to put your question." in page
    assert "Ask the model" not in page


def test_a_row_that_is_not_there_gives_one_that_is(sign_in: Any, lead: User, done: Explanation) -> None:
    page = text_of(sign_in(lead).get(f"{done.get_absolute_url()}what-if/?row=9000"))
    assert "Row 9,000 is not there to ask about" in page
    assert "Ask the model" in page


def test_an_explanation_by_lime_says_why_it_takes_no_question(sign_in: Any, lead: User, done: Explanation) -> None:
    lime = request_explanation(
        actor=lead, project=done.project, model_version=done.model_version, data_set=done.data_set, method="lime"
    )
    assert lime.job is not None
    assert compute_explanation(lime.job.pk) == "done"
    client = sign_in(lead)
    page = client.get(f"{lime.get_absolute_url()}what-if/?row=3")
    assert page.status_code == 200
    assert "This explanation is by LIME" in text_of(page)
    assert "Ask the model" not in text_of(page)
    assert "What if it were different?" not in text_of(client.get(lime.get_absolute_url()))


def test_a_question_that_nobody_answers_can_be_asked_again(sign_in: Any, contributor: User, ask: Any) -> None:
    asked = ask()
    cancel_job(actor=contributor, job=asked.job)
    page = text_of(sign_in(contributor).get(asked.get_absolute_url()))
    assert "The computation is not running." in page
    assert f"again={asked.pk}" in page


def test_a_page_asks_the_database_the_same_however_many_questions_there_are(
    sign_in: Any, lead: User, done: Explanation, ask: Any, quick_model: Any
) -> None:
    client, counts = sign_in(lead), []
    for number in range(2):
        for delay in range(2 * number + 1):
            assert runs.answer_what_if(ask(changes={"delay": 100 + 10 * number + delay}).job_id) == "done"
        client.get(f"{done.get_absolute_url()}what-if/")
        with CaptureQueriesContext(connection) as asked:
            client.get(f"{done.get_absolute_url()}what-if/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_same_way_over_rest(api: Any, sponsor: User, done: Explanation, quick_model: Any) -> None:
    scripts, address = api(sponsor), f"/api/v1/projects/triage/explanations/{done.pk}/what-if/"
    made = scripts.post(address, {"row": 3, "changes": {"delay": 5}}, format="json")
    assert made.status_code == 202
    told = made.json()
    assert (told["state"], told["words"], told["answer"], told["changes"]) == ("waiting", None, None, {"delay": 5.0})
    assert runs.answer_what_if(told["job"]) == "done"
    again = scripts.post(address, {"row": 3, "changes": {"delay": 5}}, format="json")
    assert (again.status_code, again.json()["id"]) == (200, told["id"])
    one = scripts.get(f"{address}{told['id']}/").json()
    assert one["words"]["sentence"].startswith("The risk of a late payment would go from")
    assert one["answer"]["features"] == done.summary["features"]
    for side in ("before", "after"):
        found = one["answer"][side]
        assert found["base_values"][0] + sum(found["attributions"][0]) == pytest.approx(
            found["predictions"][0], abs=1e-3
        )
    assert [row["id"] for row in scripts.get(address).json()["results"]] == [told["id"]]


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"row": 3, "changes": [5]}, "bad_number", "changes"),
        ({"row": 3, "changes": {"delay": "5"}}, "bad_number", "delay"),
        ({"row": 3, "changes": {"colour": 5}}, "unknown_feature", "colour"),
        ({"row": 3000, "changes": {"delay": 5}}, "no_such_row", "row"),
    ],
)
def test_rest_names_what_does_not_fit(
    api: Any, sponsor: User, done: Explanation, body: dict[str, Any], code: str, field: str
) -> None:
    answer = api(sponsor).post(f"/api/v1/projects/triage/explanations/{done.pk}/what-if/", body, format="json")
    assert answer.status_code == 400
    assert (answer.json()["error"]["code"], answer.json()["error"]["field"]) == (code, field)


def test_outsiders_find_no_question(sign_in: Any, api: Any, outsider: User, done: Explanation, ask: Any) -> None:
    asked = ask()
    assert sign_in(outsider).get(asked.get_absolute_url()).status_code == 404
    assert api(outsider).get(f"/api/v1{asked.get_absolute_url()}").status_code == 404


def test_a_question_about_another_explanation_is_not_found(
    sign_in: Any, lead: User, done: Explanation, ask: Any
) -> None:
    address = ask().get_absolute_url().replace(f"/{done.pk}/what-if/", f"/{done.pk + 1}/what-if/")
    assert sign_in(lead).get(address).status_code == 404


def test_the_dossier_tells_questions_as_questions(project: Project, ask: Any, quick_model: Any) -> None:
    asked = ask()
    assert runs.answer_what_if(asked.job_id) == "done"
    asked.refresh_from_db()
    packed = io.BytesIO()
    build(project, reader=None, at=datetime(2026, 3, 2, tzinfo=UTC), target=packed)
    (row,) = json.loads(zipfile.ZipFile(packed).read("records/what-if-questions.json"))["rows"]
    assert (row["changes"], row["is_evidence"]) == ({"delay": 5.0}, False)
    assert row["answers"]["after"] == asked.answer["after"]["predictions"]
    assert "attributions" not in json.dumps(row)
