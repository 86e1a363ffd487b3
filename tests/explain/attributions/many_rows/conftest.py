"""An explanation of many rows: plan, parts and result are computed once; the sandboxes answer at once with them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from in_parts import ROWS, SHARD, Found
from in_process import without_sandbox

from explain.attributions import parts, runs
from explain.attributions.limits import Limits
from explain.attributions.models import Explanation
from explain.attributions.planned import PartFacts
from explain.attributions.plans import Planned, Shard, shards_of
from explain.attributions.sandbox import explain_files
from explain.attributions.services import request_explanation
from explain.attributions.sharding import explain_shard, join_parts
from explain.register.models import DataSet, ModelVersion
from explain.register.services import upload_data
from foundation.people.models import User
from lifecycle.projects.models import Project


@pytest.fixture(scope="module")
def found(files: Any, tmp_path_factory: pytest.TempPathFactory) -> Found:
    with without_sandbox():
        return compute(files, tmp_path_factory)


def compute(files: Any, tmp_path_factory: pytest.TempPathFactory) -> Found:
    folder = tmp_path_factory.mktemp("many")
    frame = pd.concat([files.frame] * (ROWS // len(files.frame) + 1))[:ROWS]
    frame = frame.assign(income=np.random.default_rng(0).normal(2500, 600, ROWS).round(), late=0)
    data = folder / "many.csv"
    frame.to_csv(data, index=False)
    options: Any = {
        "model_path": files.model, "data_path": data, "model_format": "xgboost-json", "target_column": "late", "seed": 2,
    }  # fmt: skip
    with pytest.raises(Planned) as raised:
        explain_files(**options, folder=folder / "plan", shard_rows=SHARD, limits=Limits(batch_rows=SHARD))
    plan, bound = raised.value.plan, raised.value.bound
    facts, made = [], []
    for shard in shards_of(plan, folder / "plan"):
        own = folder / f"part-{shard.number}"
        facts.append(
            explain_shard(
                plan=plan, shard=shard, plan_folder=folder / "plan", model_path=files.model, model_format="xgboost-json",
                model_sha256=bound["model_sha256"], folder=own, limits=Limits(),
            )
        )  # fmt: skip
        made.append((facts[-1], own, {path.name: runs._sha256(path) for path in own.iterdir()}))
    joined = join_parts(
        plan=plan, bound=bound, plan_folder=folder / "plan", model_path=files.model, model_format="xgboost-json",
        parts=made, folder=folder / "joined", limits=Limits(),
    )  # fmt: skip
    at_once = explain_files(**options, folder=folder / "once", limits=Limits(batch_rows=SHARD))
    return Found(data, folder, plan, bound, facts, dict(joined), dict(at_once))


@pytest.fixture
def quick_steps(found: Found, quick_sandbox: None, monkeypatch: pytest.MonkeyPatch) -> dict[int, Any]:
    """The steps answer with what was found; an exception put here for a part's number is raised instead."""
    breaks: dict[int, Any] = {}

    def plan(*, folder: Path, shard_rows: int, **_: Any) -> Any:
        assert shard_rows == SHARD
        shutil.copytree(found.folder / "plan", folder, dirs_exist_ok=True)
        raise Planned(found.plan, found.bound)

    def one(*, shard: Shard, folder: Path, plan_folder: Path, on_progress: Any, **_: Any) -> PartFacts:
        assert (plan_folder / "data.bin").exists()
        on_progress(1, 0, "explaining rows")
        if shard.number in breaks:
            raise breaks[shard.number]
        shutil.copytree(found.folder / f"part-{shard.number}", folder, dirs_exist_ok=True)
        return found.facts[shard.number]

    def join(*, parts: Any, folder: Path, **_: Any) -> dict[str, Any]:
        assert [facts["number"] for facts, _, _ in parts] == [0, 1, 2]
        for _, place, hashes in parts:
            assert hashes == {path.name: runs._sha256(path) for path in place.iterdir()}
        shutil.copytree(found.folder / "joined", folder, dirs_exist_ok=True)
        return found.joined

    monkeypatch.setattr(runs, "explain_files", plan)
    monkeypatch.setattr(parts, "explain_shard", one)
    monkeypatch.setattr(parts, "join_parts", join)
    return breaks


@pytest.fixture
def asked(
    project: Project, contributor: User, quick_steps: Any, accepted: ModelVersion, found: Found, settings: Any
) -> Explanation:
    """An explanation of many rows, planned and handed out in three parts."""
    settings.EXPLAIN_SHARD_ROWS = SHARD
    content = SimpleUploadedFile("many.csv", found.data.read_bytes())
    data: DataSet = upload_data(
        actor=contributor, project=project, file=content, filename="many.csv", name="All invoices", target_column="late"
    )
    explanation = request_explanation(actor=contributor, project=project, model_version=accepted, data_set=data, seed=2)
    assert runs.compute_explanation(explanation.job_id) == "rests"
    return explanation
