"""From asking for an explanation to evidence in front of whoever decides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.template.loader import render_to_string

from explain.attributions import any_row, evidence, runs
from explain.attributions.models import Explanation
from explain.attributions.refused import ExplainRefused, ExplainStopped
from explain.attributions.services import request_explanation
from explain.register.models import DataSet, ModelVersion
from explain.register.runs import inspect_model
from foundation.audit.models import Entry
from foundation.jobs.models import Job
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff.evidence import all_kinds


@pytest.fixture
def ask(project: Project, contributor: User, accepted: ModelVersion, rows_of_late: DataSet) -> Any:
    """ask(seed=1): an explanation of the accepted model on the rows."""

    def make(**options: Any) -> Explanation:
        options = {
            "actor": contributor,
            "project": project,
            "model_version": accepted,
            "data_set": rows_of_late,
        } | options
        return request_explanation(**options)

    return make


def job_folders() -> list[Path]:
    return list((Path(settings.MEDIA_ROOT) / "jobs").iterdir())


def test_the_real_sandbox_explains_what_was_uploaded(
    project: Project, contributor: User, upload: Any, rows_of_late: DataSet
) -> None:
    version = upload()
    assert inspect_model(version.job_id) == "done"
    explanation = request_explanation(
        actor=contributor, project=project, model_version=version, data_set=rows_of_late, rows_limit=120, seed=3
    )
    assert runs.compute_explanation(explanation.job_id) == "done"
    explanation.refresh_from_db()
    assert (explanation.state, explanation.rows, explanation.summary["seed"]) == ("done", 120, 3)
    assert "late" not in explanation.summary["features"]
    assert explanation.summary["model_sha256"] == version.sha256
    assert explanation.summary["max_additivity_error"] < 1e-4
    assert set(explanation.samples) == {"beeswarm", "row_sample", "curves", "cohorts"}
    assert not set(explanation.samples) & set(explanation.summary)
    job = Job.objects.get(pk=explanation.job_id)
    assert (job.state, job.done_units) == ("done", 120)
    assert (Path(settings.MEDIA_ROOT) / explanation.values_file).stat().st_size > 0
    assert job_folders() == []


def test_the_same_request_is_one_explanation_while_open_and_when_done(ask: Any, published: list[Any]) -> None:
    first = ask()
    assert ask().pk == first.pk
    assert ask(seed=1).pk != first.pk
    assert ask(rows_limit=10).pk not in {first.pk}
    assert Job.objects.filter(kind="explanation").count() == 3
    assert runs.compute_explanation(first.job_id) == "done"
    again = ask()
    assert (again.pk, again.state) == (first.pk, "done")
    assert Job.objects.filter(kind="explanation").count() == 3


def test_a_given_up_computation_goes_on_under_the_same_address(ask: Any) -> None:
    first = ask()
    Job.objects.filter(pk=first.job_id).update(state="dead")
    again = ask()
    assert again.pk == first.pk
    assert again.job_id != first.job_id
    assert runs.compute_explanation(again.job_id) == "done"


def test_a_second_delivery_has_no_second_effect(ask: Any) -> None:
    explanation = ask()
    assert runs.compute_explanation(explanation.job_id) == "done"
    explanation.refresh_from_db()
    before = (explanation.content_hash, explanation.values_file, explanation.finished_at)
    assert runs.compute_explanation(explanation.job_id) == "not_ours"
    explanation.refresh_from_db()
    assert (explanation.content_hash, explanation.values_file, explanation.finished_at) == before
    assert Entry.objects.filter(verb="finish_explanation").count() == 1
    assert Notice.objects.filter(kind="explanation_done").count() == 1


def test_only_an_accepted_model_of_the_project_is_explained(ask: Any, upload: Any, files: Any, viewer: User) -> None:
    other = json.loads(files.model.read_text())
    other["learner"]["attributes"]["note"] = "second"
    for options, code in (
        ({"model_version": upload(content=json.dumps(other).encode())}, "model_not_accepted"),
        ({"rows_limit": 0}, "bad_rows"),
        ({"seed": -1}, "bad_seed"),
        ({"actor": viewer}, "not_permitted"),
    ):
        with pytest.raises(Refused) as caught:
            ask(**options)
        assert caught.value.code == code
    assert not Explanation.objects.exists()


def test_a_refused_explanation_keeps_its_reason_and_may_be_asked_for_again(
    ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: Any) -> None:
        raise ExplainRefused("schema_mismatch", "The data lacks the feature 'delay'.")

    monkeypatch.setattr(runs, "explain_files", refuse)
    explanation = ask()
    assert runs.compute_explanation(explanation.job_id) == "failed"
    explanation.refresh_from_db()
    assert (explanation.state, explanation.refusal_code) == ("refused", "schema_mismatch")
    job = Job.objects.get(pk=explanation.job_id)
    assert (job.state, job.error_code, job.error) == ("failed", "schema_mismatch", explanation.refusal)
    assert job_folders() == []
    assert ask().pk != explanation.pk


def test_an_attempt_that_lost_its_job_stores_nothing(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = runs.explain_files

    def lose(**options: Any) -> Any:
        found = real(**options)
        Job.objects.filter(kind="explanation").update(lease_token="another worker's")
        return found

    monkeypatch.setattr(runs, "explain_files", lose)
    explanation = ask()
    assert runs.compute_explanation(explanation.job_id) == "lost"
    explanation.refresh_from_db()
    assert (explanation.state, explanation.summary, explanation.values_file) == ("waiting", {}, "")
    assert list((Path(settings.MEDIA_ROOT) / "explanations" / str(explanation.pk)).iterdir()) == []
    assert job_folders() == []


def test_a_cancelled_job_stops_the_computation_and_is_no_refusal(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    explanation = ask()

    def stop(**_: Any) -> None:
        Job.objects.filter(pk=explanation.job_id).update(state="cancelled", lease_token="")
        raise ExplainStopped("The computation was stopped.")

    monkeypatch.setattr(runs, "explain_files", stop)
    assert runs.compute_explanation(explanation.job_id) == "lost"
    explanation.refresh_from_db()
    assert explanation.state == "waiting"


def test_a_broken_attempt_is_tried_again_and_leaves_one_result(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    explanation = ask()
    real = runs.explain_files

    def half(*, folder: Path, **_: Any) -> None:
        (folder / "values.parquet").write_text("half")
        raise OSError("disk")

    monkeypatch.setattr(runs, "explain_files", half)
    assert runs.compute_explanation(explanation.job_id) == "put_back"
    left = Path(settings.MEDIA_ROOT) / "explanations" / str(explanation.pk)
    left.mkdir(parents=True, exist_ok=True)
    (left / "of a killed attempt.parquet").write_text("half")
    monkeypatch.setattr(runs, "explain_files", real)
    Job.objects.filter(pk=explanation.job_id).update(run_after=explanation.created_at)
    assert runs.compute_explanation(explanation.job_id) == "done"
    explanation.refresh_from_db()
    assert {path.stem for path in left.iterdir()} == {Path(explanation.values_file).stem}


def test_any_row_is_read_from_its_record_and_adds_up(done: Explanation, files: Any) -> None:
    for kept in done.samples["row_sample"][::37]:
        row = any_row.read_row(done, kept["row"])
        assert row is not None
        assert row["values"] == pytest.approx(list(files.frame.iloc[kept["row"] - 1]))
        assert row["attributions"][0] == pytest.approx(kept["attributions"][0], rel=1e-3, abs=1e-4)
        assert done.summary["base_values"][0] + sum(row["attributions"][0]) == pytest.approx(
            row["predictions"][0], abs=1e-4
        )
    assert any_row.read_row(done, 0) is None
    assert any_row.read_row(done, 301) is None
    any_row.rows_place(Path(settings.MEDIA_ROOT) / done.values_file).unlink()
    assert any_row.read_row(done, 5) == done.samples["row_sample"][4]


def test_the_hash_binds_facts_model_data_and_values_but_not_the_run(done: Explanation) -> None:
    hashes = {"model_sha256": "m", "data_sha256": "d", "values_sha256": "v"}
    first = runs.content_hash_of(done.summary, **hashes)
    assert first == runs.content_hash_of(done.summary | {"seconds": 99.0, "peak_mb": 1.0}, **hashes)
    assert first != runs.content_hash_of(done.summary | {"rows": 1}, **hashes)
    assert len({first, *(runs.content_hash_of(done.summary, **(hashes | {key: "x"})) for key in hashes)}) == 4


def test_the_newest_explanation_of_the_model_that_counts_is_put_forward(
    project: Project, done: Explanation, upload: Any, files: Any
) -> None:
    stage = Stage.objects.get(project=project, state="open")
    (item,) = evidence.collect(stage)
    assert (item.key, item.hash) == (f"explanation:{done.pk}", done.content_hash)
    keys = [item.key, "explanation:0", "explanation:x"]
    assert evidence.recheck(project, keys) == {
        item.key: done.content_hash,
        "explanation:0": None,
        "explanation:x": None,
    }
    other = json.loads(files.model.read_text())
    other["learner"]["attributes"]["note"] = "second"
    assert inspect_model(upload(content=json.dumps(other).encode()).job_id) == "done"
    assert evidence.collect(stage) == []
    assert "explanation" in {kind.name for kind in all_kinds()}


def test_the_decision_page_shows_drivers_in_words_and_asks_where_they_contradict(
    project: Project, done: Explanation
) -> None:
    stage = Stage.objects.get(project=project, state="open")
    summary = evidence.summarise(project, evidence.collect(stage))
    assert summary is not None
    shown = render_to_string(summary.template, summary.context)
    assert summary.title == "What the model goes by"
    assert summary.link == done.get_absolute_url()
    assert "<header" not in shown
    assert "payment delay (days)" in shown
    assert "higher, as expected" in shown
    assert "lower: the business expected higher" in shown
    assert shown.count('class="state cond">ask<') == 1
    assert "One direction contradicts what the business wrote down. 300 rows, exact values" in shown
    assert "over 20 resamples" in shown
    assert evidence.summarise(project, []) is None


def test_the_command_line_answers_without_the_database(files: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("explain", str(files.model), str(files.data), "--format", "skops")
    assert ended.value.code == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "malformed_model"
