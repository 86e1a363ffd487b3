"""Parts of an explanation that nobody came back for go after two weeks; until then, and while work is open, they stay."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from in_parts import made, seen

from explain.attributions import parts, runs, sweeping
from explain.attributions.models import Explanation
from explain.attributions.services import request_explanation
from explain.attributions.tasks import sweep as sweep_task
from foundation.jobs import periodic
from foundation.jobs.models import Job
from foundation.jobs.services import retry_job


@pytest.fixture
def given_up(asked: Explanation, quick_steps: dict[int, Any]) -> Explanation:
    """An explanation of which one part is done and another was given up."""
    first, second, _ = made(asked)
    assert parts.compute_part(second.pk) == "done"
    quick_steps[0] = OSError("the disk is full")
    Job.objects.filter(pk=first.pk).update(max_attempts=1)
    assert parts.compute_part(first.pk) == "put_back"
    assert runs.compute_explanation(asked.job_id) == "given_up"
    quick_steps.clear()
    return seen(asked)


def ended(explanation: Explanation, ago: timedelta) -> None:
    Job.objects.filter(pk=explanation.job_id).update(finished_at=timezone.now() - ago)


def swept() -> None:
    """One turn of the deed, and the job that it asks for."""
    sweeping.SWEEPING.run(timezone.now())
    assert sweep_task(Job.objects.filter(kind=sweeping.SWEEP, state="queued").get().pk) == "done"


def kept(explanation: Explanation) -> list[Path]:
    return [path for path in parts.parts_folder(explanation.pk).rglob("*") if path.is_file()]


def test_parts_that_nobody_came_back_for_go_after_two_weeks_and_not_before(given_up: Explanation) -> None:
    beside = parts.parts_folder(given_up.pk).parent / "values of an earlier run"
    beside.write_text("stay")
    ended(given_up, sweeping.KEPT_FOR - timedelta(minutes=1))
    swept()
    assert kept(given_up)
    ended(given_up, sweeping.KEPT_FOR + timedelta(minutes=1))
    swept()
    assert not parts.parts_folder(given_up.pk).exists()
    assert beside.exists(), "only what lies between the steps goes"


def test_the_parts_of_open_work_stay_however_old_the_work_is(asked: Explanation) -> None:
    Job.objects.update(created_at=timezone.now() - timedelta(days=99))
    swept()
    assert kept(asked)
    assert [parts.compute_part(job.pk) for job in made(asked)] == ["done"] * 3
    assert runs.compute_explanation(asked.job_id) == "done"


@pytest.mark.parametrize("way", ["ask again", "try the job again"])
def test_who_comes_back_after_the_sweep_has_it_planned_anew(given_up: Explanation, way: str) -> None:
    ended(given_up, timedelta(days=15))
    swept()
    assert given_up.job
    if way == "ask again":
        same = request_explanation(
            actor=given_up.created_by, project=given_up.project, model_version=given_up.model_version,
            data_set=given_up.data_set, seed=given_up.seed,
        )  # fmt: skip
        assert same.pk == given_up.pk
        assert same.job_id != given_up.job_id
    else:
        retry_job(actor=given_up.created_by, job=given_up.job)
    job_id = seen(given_up).job_id
    assert runs.compute_explanation(job_id) == "rests"
    jobs = list(Job.objects.filter(parent=job_id).order_by("pk"))
    assert [job.state for job in jobs] == ["queued"] * 3, "no part is taken for done whose files are gone"
    swept()
    assert [parts.compute_part(job.pk) for job in jobs] == ["done"] * 3
    assert runs.compute_explanation(job_id) == "done"
    assert seen(given_up).state == "done"


def test_what_a_killed_worker_left_of_a_done_explanation_goes_too(asked: Explanation) -> None:
    assert [parts.compute_part(job.pk) for job in made(asked)] == ["done"] * 3
    assert runs.compute_explanation(asked.job_id) == "done"
    stray = parts.parts_folder(asked.pk) / "of a plan"
    stray.mkdir(parents=True)
    (stray / "data.bin").write_bytes(b"x")
    ended(asked, timedelta(days=15))
    swept()
    assert kept(asked) == []
    assert Path(parts.parts_folder(asked.pk).parent).is_dir()
    assert any(parts.parts_folder(asked.pk).parent.iterdir()), "its values stay"


def test_the_scheduler_asks_for_a_sweep_once_a_day(db: None) -> None:
    assert periodic._deeds[sweeping.SWEEP] is sweeping.SWEEPING
    noon = timezone.now().replace(hour=12)
    assert sweeping.SWEEP in periodic.run_due(noon)
    assert sweeping.SWEEP not in periodic.run_due(noon + timedelta(hours=3))
    assert Job.objects.filter(kind=sweeping.SWEEP).count() == 1
