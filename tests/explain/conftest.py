"""A small real model with its rows, and what the real sandbox found in both, once a session."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xgboost
from django.core.files.uploadedfile import SimpleUploadedFile

from explain.attributions import runs as attribution_runs
from explain.attributions import sandbox
from explain.attributions.models import Explanation
from explain.attributions.services import request_explanation
from explain.register.models import DataSet, ModelVersion
from explain.register.runs import inspect_model
from explain.register.services import set_features, upload_data, upload_model
from foundation.people.models import User
from lifecycle.projects.models import Project


@dataclass(frozen=True)
class Files:
    """The files that a team uploads."""

    model: Path
    data: Path
    frame: pd.DataFrame


@dataclass(frozen=True)
class Recorded:
    """What the sandbox answered about the files."""

    facts: dict[str, Any]
    summary: dict[str, Any]
    values: Path


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    """Uploaded and computed files of a test are its own."""
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Risk of a late payment from delay, income, age and region: a binary XGBoost model on 300 rows."""
    folder = tmp_path_factory.mktemp("upload")
    generator = np.random.default_rng(4)
    frame = pd.DataFrame(
        {
            "delay": generator.integers(0, 60, 300).astype(float),
            "income": generator.normal(2500, 600, 300).round(),
            "age": generator.integers(20, 80, 300).astype(float),
            "region": generator.integers(0, 5, 300).astype(float),
        }
    )
    late = (frame["delay"] / 20 - frame["income"] / 1500 + frame["age"] / 100 > 0.2).astype(int)
    model = xgboost.XGBClassifier(n_estimators=12, max_depth=3, n_jobs=1).fit(frame, late)
    model.get_booster().save_model(folder / "late.json")
    frame.assign(late=late).to_csv(folder / "late.csv", index=False)
    return Files(folder / "late.json", folder / "late.csv", frame)


@pytest.fixture(scope="session")
def recorded(files: Files, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    folder = tmp_path_factory.mktemp("recorded")
    facts = sandbox.inspect_model(model_path=files.model, model_format="xgboost-json", folder=folder)
    summary = sandbox.explain_files(
        model_path=files.model,
        data_path=files.data,
        model_format="xgboost-json",
        folder=folder,
        target_column="late",
        groups=["age"],
    )
    return Recorded(dict(facts), dict(summary), folder / "values.parquet")


@pytest.fixture
def quick_sandbox(recorded: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox answers at once with what it really found before; hashes are those of the files at hand."""

    def explain(
        *, folder: Path, model_path: Path, data_path: Path, on_progress: Any, groups: Any = (), **_: Any
    ) -> Any:
        on_progress(150, 300, "explaining rows")
        shutil.copy(recorded.values, folder / "values.parquet")
        shutil.copy(recorded.values.with_name("rows.bin"), folder / "rows.bin")
        hashes = {"model_sha256": _hash(model_path), "data_sha256": _hash(data_path)}
        return recorded.summary | hashes | {"groups_asked": list(groups)}

    def inspect(*, model_path: Path, **_: Any) -> Any:
        return recorded.facts | {"model_sha256": _hash(model_path)}

    monkeypatch.setattr(attribution_runs, "explain_files", explain)
    monkeypatch.setattr(sandbox, "inspect_model", inspect)


def _hash(path: Path) -> str:
    return attribution_runs._sha256(path)


Upload = Callable[..., ModelVersion]


@pytest.fixture
def upload(project: Project, contributor: User, files: Files) -> Upload:
    """upload(content=b"..."): a model version by the contributor, not yet inspected."""

    def make(content: bytes | None = None, filename: str = "late.json", **options: Any) -> ModelVersion:
        options = {"name": "Late payment", "purpose": "Risk of a late payment"} | options
        return upload_model(
            actor=options.pop("actor", contributor),
            project=project,
            file=in_memory(files.model.read_bytes() if content is None else content, filename),
            filename=filename,
            **options,
        )

    return make


@pytest.fixture
def rows_of_late(project: Project, contributor: User, files: Files) -> DataSet:
    return upload_data(
        actor=contributor,
        project=project,
        file=in_memory(files.data.read_bytes(), "late.csv"),
        filename="late.csv",
        name="Invoices of 2025",
        target_column="late",
    )


@pytest.fixture
def accepted(upload: Upload, quick_sandbox: None) -> ModelVersion:
    version = upload(metrics={"AUC": 0.91})
    assert version.job is not None
    assert inspect_model(version.job.pk) == "done"
    version.refresh_from_db()
    return version


@pytest.fixture
def dictionary(project: Project, contributor: User) -> None:
    set_features(
        actor=contributor,
        project=project,
        rows=[
            {"name": "delay", "label": "payment delay", "unit": "days", "expected": "up"},
            {"name": "income", "label": "income", "unit": "€", "expected": "up"},
            {"name": "age", "label": "age", "unit": "years", "sensitive": True},
        ],
    )


@pytest.fixture
def done(
    project: Project, contributor: User, accepted: ModelVersion, rows_of_late: DataSet, dictionary: None
) -> Explanation:
    """A finished explanation, with a dictionary in which one expectation is contradicted."""
    explanation = request_explanation(actor=contributor, project=project, model_version=accepted, data_set=rows_of_late)
    assert explanation.job is not None
    assert attribution_runs.compute_explanation(explanation.job.pk) == "done"
    explanation.refresh_from_db()
    return explanation


def in_memory(content: bytes, name: str) -> Any:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content)
