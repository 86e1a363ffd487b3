"""An explanation in parts, from asking to storing: what became of each part decides, and nothing is left behind."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from in_parts import ROWS, SHARD, Found, hurry, left, made, seen

from explain.attributions import any_row, parts, runs
from explain.attributions.models import Explanation
from explain.attributions.refused import ExplainRefused
from explain.attributions.services import request_explanation
from explain.register.models import DataSet, ModelVersion
from foundation.audit.models import Entry
from foundation.jobs.models import Job
from foundation.jobs.reconciler import reconcile
from foundation.jobs.services import cancel_job, retry_job
from foundation.notices.models import Notice
from foundation.people.models import User
from lifecycle.projects.models import Project


def test_three_parts_are_one_explanation_with_the_hash_of_a_single_run(asked: Explanation, found: Found) -> None:
    jobs = made(asked)
    assert [(job.kind, job.args["first"], job.all_units) for job in jobs] == [
        ("explanation_part", 0, 5_000), ("explanation_part", 5_000, 5_000), ("explanation_part", 10_000, 1_000),
    ]  # fmt: skip
    assert parts.compute_part(jobs[2].pk) == "done"
    assert seen(asked).job.doing == "explaining rows, 1 of 3 parts"  # type: ignore[union-attr]
    assert seen(asked).job.percent == 9  # type: ignore[union-attr]
    assert [parts.compute_part(job.pk) for job in jobs[:2]] == ["done", "done"]
    assert runs.compute_explanation(asked.job_id) == "done"
    done = seen(asked)
    assert (done.state, done.rows, done.summary["mean_abs"]) == ("done", ROWS, found.at_once["mean_abs"])
    facts = {key: told for key, told in found.at_once.items() if key not in runs.SAMPLES}
    facts |= {
        "beeswarm_sampling": found.at_once["beeswarm"]["sampling"],
        "sampled_rows": len(found.at_once["row_sample"]),
        "rows_sha256": runs._sha256(found.folder / "once" / "rows.bin"),
    }
    assert done.content_hash == runs.content_hash_of(
        facts,
        model_sha256=done.model_version.sha256,
        data_sha256=done.data_set.sha256,
        values_sha256=runs._sha256(found.folder / "once" / "values.parquet"),
    )
    assert sorted(path.suffix for path in left(asked)) == [".parquet", ".rows"]
    row = any_row.read_row(done, ROWS)
    assert row is not None
    assert row["row"] == ROWS
    assert Notice.objects.filter(kind="explanation_done").count() == 1
    assert Entry.objects.filter(verb="finish_explanation").count() == 1


def test_a_refused_part_refuses_the_explanation_with_its_reason(asked: Explanation, quick_steps: Any) -> None:
    quick_steps[1] = ExplainRefused("malformed_data", "Row 7001, column 'age' is empty.")
    first, second, third = made(asked)
    assert parts.compute_part(first.pk) == "done"
    assert parts.compute_part(second.pk) == "failed"
    assert parts.compute_part(third.pk) == "not_ours"
    assert runs.compute_explanation(asked.job_id) == "failed"
    refused = seen(asked)
    assert (refused.state, refused.refusal_code, refused.refusal) == (
        "refused", "malformed_data", "Row 7001, column 'age' is empty.",
    )  # fmt: skip
    assert left(asked) == []
    assert Notice.objects.filter(kind="explanation_refused").count() == 1

    del quick_steps[1]
    assert refused.job
    retry_job(actor=asked.created_by, job=refused.job)
    assert runs.compute_explanation(asked.job_id) == "rests", "what is cleared away is planned anew"
    assert [parts.compute_part(job.pk) for job in made(asked)] == ["done"] * 3
    assert runs.compute_explanation(asked.job_id) == "done"


def test_a_cancelled_explanation_leaves_no_files(
    asked: Explanation, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    first, second, _ = made(asked)
    assert parts.compute_part(first.pk) == "done"
    assert left(asked)
    assert asked.job
    with django_capture_on_commit_callbacks(execute=True):
        cancel_job(actor=asked.created_by, job=asked.job)
        assert left(asked), "only what is certain is carried out"
    assert left(asked) == []
    assert parts.compute_part(second.pk) == "not_ours"
    assert seen(asked).state == "waiting"


def test_a_part_that_is_cancelled_while_it_is_computed_stores_nothing(
    asked: Explanation, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    real = parts.explain_shard

    def cancelled_meanwhile(**options: Any) -> Any:
        answer = real(**options)
        with django_capture_on_commit_callbacks(execute=True):
            cancel_job(actor=asked.created_by, job=asked.job)  # type: ignore[arg-type]
        return answer

    monkeypatch.setattr(parts, "explain_shard", cancelled_meanwhile)
    assert parts.compute_part(made(asked)[0].pk) == "lost"
    assert left(asked) == []


def test_a_part_that_lost_its_job_leaves_the_folder_of_the_other_alone(
    asked: Explanation, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = made(asked)[0]
    real = parts.explain_shard

    def overtaken(**options: Any) -> Any:
        answer = real(**options)
        monkeypatch.setattr(parts, "explain_shard", real)
        Job.objects.filter(pk=first.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        assert parts.compute_part(first.pk) == "done"
        # the other's attempt cleared this one's folder away, as it does for a worker that was killed
        options["folder"].mkdir(exist_ok=True)
        shutil.copytree(parts_of_first(), options["folder"], dirs_exist_ok=True)
        return answer

    def parts_of_first() -> Path:
        return next(path for path in left(asked) if path.name.startswith("00000-"))

    monkeypatch.setattr(parts, "explain_shard", overtaken)
    assert parts.compute_part(first.pk) == "lost"
    kept = [path.name for path in left(asked) if path.is_dir() and path.name.startswith("00000-")]
    assert kept == [Job.objects.get(pk=first.pk).answer["folder"]]


def test_only_the_part_that_was_given_up_is_done_again(asked: Explanation, quick_steps: Any) -> None:
    quick_steps[0] = OSError("the disk is full")
    first, second, third = made(asked)
    assert parts.compute_part(second.pk) == "done"
    for _ in range(3):
        hurry(first)
        assert parts.compute_part(first.pk) == "put_back"
    assert runs.compute_explanation(asked.job_id) == "given_up"
    assert (seen(asked).state, seen(asked).job.state) == ("waiting", "dead")  # type: ignore[union-attr]
    assert "the disk is full" in seen(asked).job.error  # type: ignore[union-attr]
    assert Notice.objects.filter(kind="job_given_up").count() == 1

    quick_steps.clear()
    quick_steps[1] = AssertionError("this part was done")
    retry_job(actor=asked.created_by, job=seen(asked).job)  # type: ignore[arg-type]
    assert runs.compute_explanation(asked.job_id) == "rests"
    assert [parts.compute_part(job.pk) for job in (first, second, third)] == ["done", "not_ours", "done"]
    assert runs.compute_explanation(asked.job_id) == "done"
    assert seen(asked).rows == ROWS


def test_a_worker_killed_between_planning_and_handing_out_leaves_a_plan_that_the_next_one_clears(
    asked: Explanation, monkeypatch: pytest.MonkeyPatch, contributor: User
) -> None:
    stray = parts.parts_folder(asked.pk) / "of a killed attempt"
    shutil.copytree(next(parts.parts_folder(asked.pk).iterdir()), stray)
    shutil.rmtree(next(path for path in parts.parts_folder(asked.pk).iterdir() if path != stray))
    for job in made(asked):
        assert parts.compute_part(job.pk) == "put_back", "its plan is gone"
    Job.objects.filter(parent=asked.job_id).update(state="done", answer={"folder": "gone"})
    reconcile()
    assert runs.compute_explanation(asked.job_id) == "rests"
    assert seen(asked).job.attempts == 1, "a plan that was lost costs an attempt"  # type: ignore[union-attr]
    assert stray not in list(parts.parts_folder(asked.pk).iterdir())
    assert [parts.compute_part(job.pk) for job in made(asked)] == ["done"] * 3
    assert runs.compute_explanation(asked.job_id) == "done"


def test_a_stored_model_that_changed_is_refused_before_anything_is_handed_out(
    project: Project, contributor: User, quick_steps: Any, accepted: ModelVersion, rows_of_late: DataSet, settings: Any
) -> None:
    settings.EXPLAIN_SHARD_ROWS = SHARD
    explanation = request_explanation(actor=contributor, project=project, model_version=accepted, data_set=rows_of_late)
    assert runs.compute_explanation(explanation.job_id) == "failed"
    assert "fingerprint differs" in seen(explanation).refusal
    assert (made(explanation), left(explanation)) == ([], [])


def test_the_page_of_the_explanation_shows_how_far_its_parts_are(asked: Explanation, sign_in: Any) -> None:
    parts.compute_part(made(asked)[0].pk)
    page = sign_in(asked.created_by).get(asked.get_absolute_url()).content.decode()
    assert "explaining rows, 1 of 3 parts" in page
    assert "running in parts" in page
