"""A question from asking to its answer: who may ask, what is refused, and that nothing else is told."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from explain.attributions import any_row, services
from explain.attributions.any_row import read_row
from explain.attributions.models import Explanation
from explain.attributions.refused import ExplainRefused, ExplainStopped
from explain.attributions.runs import compute_explanation
from explain.attributions.what_if import runs
from explain.attributions.what_if.models import WhatIf
from explain.attributions.what_if.services import MOST_WAITING, ask_what_if
from explain.register.models import DataSet, ModelVersion
from explain.register.runs import inspect_model
from explain.register.services import upload_data
from foundation.audit.models import Entry
from foundation.jobs.models import Job
from foundation.jobs.services import cancel_job
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Project


def shown_value(done: Explanation, feature: str, row: int = 3) -> float:
    kept = read_row(done, row)
    assert kept is not None
    value = kept["values"][done.summary["features"].index(feature)]
    assert value is not None
    return value


def test_the_real_sandbox_answers_a_question(ask: Any, done: Explanation) -> None:
    asked = ask(changes={"delay": 2, "age": None})
    assert runs.answer_what_if(asked.job_id) == "done"
    asked.refresh_from_db()
    kept = read_row(done, 3)
    assert kept is not None
    assert asked.state == "done"
    assert asked.answer["before"]["attributions"][0] == pytest.approx(kept["attributions"][0], abs=1e-5)
    for side in ("before", "after"):
        told = asked.answer[side]
        assert told["base_values"][0] + sum(told["attributions"][0]) == pytest.approx(told["predictions"][0], abs=1e-4)
    assert asked.answer["before"]["predictions"] != asked.answer["after"]["predictions"]
    verbs = list(Entry.objects.filter(verb__endswith="what_if").values_list("verb", flat=True))
    assert sorted(verbs) == ["answer_what_if", "ask_what_if"]


@pytest.mark.parametrize(("name", "limit"), [("logistic", None), ("mlp", 40)])
def test_engines_that_compare_with_other_rows_find_the_row_of_the_explanation_again(
    cases: Any, upload: Any, project: Project, contributor: User, name: str, limit: int | None
) -> None:
    case = cases[name]
    version = upload(case.path.read_bytes(), f"{name}.skops")
    assert inspect_model(version.job_id) == "done"
    version.refresh_from_db()
    data = upload_data(
        actor=contributor, project=project, file=SimpleUploadedFile("rows.csv", case.csv.read_bytes()), filename="rows.csv",
        name="Rows",
    )  # fmt: skip
    explanation = services.request_explanation(
        actor=contributor, project=project, model_version=version, data_set=data, rows_limit=limit, seed=3
    )
    assert compute_explanation(explanation.job_id or 0) == "done"
    explanation.refresh_from_db()
    feature = explanation.summary["features"][0]
    asked = ask_what_if(actor=contributor, explanation=explanation, row=17, changes={feature: 6.5})
    assert runs.answer_what_if(asked.job_id or 0) == "done"
    asked.refresh_from_db()
    assert asked.answer["engine"] == explanation.engine
    assert (asked.answer["spread"] is None) == (name == "logistic")


def test_every_digit_of_the_row_goes_to_the_model_and_no_data(ask: Any, quick_model: Any, done: Explanation) -> None:
    assert runs.answer_what_if(ask(changes={"income": 1800}).job_id) == "done"
    asked = quick_model["asked"]
    assert (asked["data_path"], asked["needs_rows"], asked["row"]) == (None, False, 3)
    assert asked["values"] == any_row.exact_values(done, 3)
    assert asked["changes"] == {done.summary["features"].index("income"): 1800.0}


def test_a_row_without_a_record_is_read_from_the_data(ask: Any, quick_model: Any, done: Explanation) -> None:
    asked = ask()
    any_row.rows_place(Path(settings.MEDIA_ROOT) / done.values_file).unlink()
    assert runs.answer_what_if(asked.job_id) == "done"
    assert quick_model["asked"]["values"] is None
    assert quick_model["asked"]["data_path"].read_bytes() == done.data_set.file.read()


@pytest.mark.parametrize("who", ["lead", "contributor", "sponsor"])
def test_whoever_works_or_decides_may_ask(request: pytest.FixtureRequest, ask: Any, who: str) -> None:
    assert ask(actor=request.getfixturevalue(who)).state == "waiting"


@pytest.mark.parametrize("who", ["viewer", "manager", "outsider"])
def test_nobody_else_may(request: pytest.FixtureRequest, ask: Any, who: str) -> None:
    with pytest.raises(Refused, match="Only those who work in the project or decide on it") as refused:
        ask(actor=request.getfixturevalue(who))
    assert refused.value.status == 403


def test_a_project_that_is_over_takes_no_questions(ask: Any, project: Project) -> None:
    Project.objects.filter(pk=project.pk).update(state="stopped", stopped_reason="Too dear.")
    with pytest.raises(Refused) as refused:
        ask()
    assert refused.value.code == "project_closed"


@pytest.mark.parametrize(
    ("options", "code", "field"),
    [
        ({"row": 301}, "no_such_row", "row"),
        ({"row": 0}, "no_such_row", "row"),
        ({"changes": {"colour": 1}}, "unknown_feature", "colour"),
        ({"changes": {"delay": "5"}}, "bad_number", "delay"),
        ({"changes": {"delay": True}}, "bad_number", "delay"),
        ({"changes": {"delay": math.nan}}, "bad_number", "delay"),
        ({"changes": {"delay": -math.inf}}, "bad_number", "delay"),
        ({"changes": {"delay": 10**400}}, "bad_number", "delay"),
        ({"changes": {"delay": [1]}}, "bad_number", "delay"),
        ({"changes": {}}, "nothing_changed", ""),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(ask: Any, options: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        ask(**options)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not WhatIf.objects.exists()


def test_the_row_as_it_is_is_no_change(ask: Any, done: Explanation) -> None:
    with pytest.raises(Refused) as refused:
        ask(changes={"delay": shown_value(done, "delay"), "income": shown_value(done, "income")})
    assert refused.value.code == "nothing_changed"
    asked = ask(changes={"delay": shown_value(done, "delay"), "income": 1.0})
    assert asked.changes == {"income": 1.0}


def test_an_explanation_that_is_not_there_yet_has_no_rows_to_ask_about(
    ask: Any, project: Project, contributor: User, accepted: ModelVersion, rows_of_late: DataSet
) -> None:
    waiting = services.request_explanation(
        actor=contributor, project=project, model_version=accepted, data_set=rows_of_late, seed=9
    )
    with pytest.raises(Refused) as refused:
        ask(explanation=waiting)
    assert refused.value.code == "not_done"


def test_lines_around_a_row_are_not_asked_about_other_rows(ask: Any, done: Explanation) -> None:
    done.method = Explanation.Method.LIME
    with pytest.raises(Refused, match="by LIME") as refused:
        ask()
    assert refused.value.code == "bad_method"


def test_an_answer_with_too_many_parts_is_not_kept(ask: Any, done: Explanation) -> None:
    done.summary = done.summary | {"outputs": [str(number) for number in range(6000)]}
    with pytest.raises(Refused) as refused:
        ask()
    assert refused.value.code == "too_many_parts"


def test_the_same_question_is_asked_once(ask: Any, lead: User, quick_model: Any) -> None:
    first = ask(changes={"delay": 5, "age": 40})
    assert ask(changes={"age": 40.0, "delay": 5.0}, actor=lead).pk == first.pk
    assert runs.answer_what_if(first.job_id) == "done"
    assert ask(changes={"delay": 5, "age": 40}).pk == first.pk
    assert ask(changes={"delay": 5, "age": 41}).pk != first.pk
    assert ask(changes={"delay": 5, "age": 40}, row=4).pk != first.pk
    assert Job.objects.filter(kind="what_if").count() == 3


def test_nobody_fills_the_queue_alone(ask: Any, lead: User) -> None:
    for delay in range(MOST_WAITING):
        ask(changes={"delay": 100 + delay})
    with pytest.raises(Refused) as refused:
        ask(changes={"delay": 200})
    assert (refused.value.code, refused.value.status) == ("too_many_waiting", 429)
    assert ask(changes={"delay": 100}).state == "waiting"  # the same question is no further one
    assert ask(changes={"delay": 200}, actor=lead).state == "waiting"


def test_a_question_that_was_cancelled_is_started_again_when_it_is_asked_again(
    ask: Any, contributor: User, quick_model: Any
) -> None:
    asked = ask()
    cancel_job(actor=contributor, job=asked.job)
    assert runs.answer_what_if(asked.job_id) == "not_ours"
    again = ask()
    assert (again.pk, again.job_id == asked.job_id) == (asked.pk, False)
    assert runs.answer_what_if(again.job_id) == "done"


def test_a_computation_that_is_stopped_leaves_no_answer(
    ask: Any, contributor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ask()

    def stop(**_: Any) -> Any:
        cancel_job(actor=contributor, job=asked.job)
        raise ExplainStopped("stopped")

    monkeypatch.setattr(runs, "ask_model", stop)
    assert runs.answer_what_if(asked.job_id) == "lost"
    asked.refresh_from_db()
    assert (asked.state, asked.answer) == ("waiting", {})


@pytest.mark.parametrize(("code", "started_again"), [("limit_exceeded", True), ("malformed_data", False)])
def test_a_refusal_is_kept_and_only_a_passing_one_is_tried_again(
    ask: Any, monkeypatch: pytest.MonkeyPatch, code: Any, started_again: bool
) -> None:
    def refuse(**_: Any) -> Any:
        raise ExplainRefused(code, "It cannot be.")

    monkeypatch.setattr(runs, "ask_model", refuse)
    asked = ask()
    assert runs.answer_what_if(asked.job_id) == "failed"
    asked.refresh_from_db()
    assert (asked.state, asked.refusal_code, asked.refusal) == ("refused", code, "It cannot be.")
    again = ask()
    assert (again.pk, again.state == "waiting") == (asked.pk, started_again)
    assert Entry.objects.filter(verb="refuse_what_if", reason="It cannot be.").count() == 1


def test_another_answer_for_the_row_as_it_is_is_not_believed(ask: Any, quick_model: Any, done: Explanation) -> None:
    kept = read_row(done, 3)
    assert kept is not None
    parts = [part + 0.2 for part in kept["attributions"][0]]
    quick_model["told"] = {
        "before": {"predictions": kept["predictions"], "base_values": kept["base_values"], "attributions": [parts]}
    }
    asked = ask()
    assert runs.answer_what_if(asked.job_id) == "failed"
    asked.refresh_from_db()
    assert (asked.state, asked.refusal_code, asked.answer) == ("refused", "answer_differs", {})
    assert "computed again" in asked.refusal


@pytest.mark.parametrize("file", ["model_sha256", "data_sha256"])
def test_a_stored_file_that_is_another_one_is_not_asked(ask: Any, quick_model: Any, file: str) -> None:
    quick_model["told"] = {file: "0" * 64}
    asked = ask()
    assert runs.answer_what_if(asked.job_id) == "failed"
    asked.refresh_from_db()
    assert asked.refusal_code == "file_differs"


def test_a_message_that_comes_twice_finds_nothing_to_do(ask: Any, quick_model: Any) -> None:
    asked = ask()
    assert [runs.answer_what_if(asked.job_id) for _ in range(2)] == ["done", "not_ours"]
