"""One run and many shards give the same explanation, to the last digit; and what holds between the steps."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from in_process import without_sandbox

from explain.attributions.engines.dispatch import choose_engine, open_model
from explain.attributions.formats.data_file import open_source
from explain.attributions.limits import Limits
from explain.attributions.planned import PlanFacts, part_files, spans
from explain.attributions.plans import Planned, Shard, shards_of
from explain.attributions.refused import ExplainRefused
from explain.attributions.sandbox import explain_files
from explain.attributions.sharding import Damaged, explain_shard, join_parts
from explain.attributions.worker import run
from explain.attributions.worker.recipe import arrays_of, engine_again, facts_of
from explain.attributions.worker.report import Reporter

OF_THE_RUN = ("seconds", "peak_mb", "isolation", "versions")


def tiled(case: Any, rows: int, path: Path, **columns: Any) -> Path:
    """The rows of a case over and over, each time a little different."""
    generator = np.random.default_rng(5)
    frame = pd.concat([case.frame] * (rows // len(case.frame) + 1))[:rows]
    frame = frame * generator.uniform(0.9, 1.1, frame.shape)
    frame.assign(**columns).to_parquet(path, index=False)
    return path


def step(task: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, limits: Limits, **request: Any) -> None:
    """One step of the sandbox in this process, in a folder of its own."""
    folder.mkdir(exist_ok=True)
    monkeypatch.chdir(folder)
    task(request, limits, Reporter(io.StringIO()))


@pytest.mark.parametrize(
    ("name", "rows", "shard_rows", "parts"),
    [
        ("xgb_binary", 12_000, 4_000, 3),
        ("xgb_multiclass", 11_000, 5_000, 3),
        ("forest", 1_300, 500, 3),
        ("boosting", 1_300, 500, 3),
        ("logistic", 45_000, 1_000, 3),
        ("mlp", 47, 12, 3),
        ("lightgbm", 12_000, 1, 3),
    ],
)
def test_one_run_and_many_shards_give_the_same(
    cases: Any,
    lightgbm_cases: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    rows: int,
    shard_rows: int,
    parts: int,
) -> None:
    case = lightgbm_cases["binary"] if name == "lightgbm" else cases[name]
    data = tiled(case, rows, tmp_path / "rows.parquet", late=1.0)
    limits = Limits(batch_rows=max(shard_rows, 500) if shard_rows > 1 else 4_000)
    asked = {
        "model": str(case.path), "model_format": case.model_format, "method": "shap", "data": str(data),
        "background": None, "rows": None, "seed": 3, "target_column": "late", "groups": [str(case.frame.columns[0])],
        "inline_rows": 0,
    }  # fmt: skip
    whole, joined = tmp_path / "whole", tmp_path / "joined"
    step(run.explain, whole, monkeypatch, limits, **asked, shard_rows=None)
    step(run.explain, joined, monkeypatch, limits, **asked, shard_rows=shard_rows)
    plan: PlanFacts = json.loads((joined / "plan.json").read_text())
    assert len(spans(plan)) == parts
    assert not (joined / "summary.json").exists()
    facts, records = [], b""
    for shard in reversed(shards_of(plan, joined)):  # in whatever order, by processes that know nothing of each other
        own = tmp_path / f"shard-{shard.number}"
        own.mkdir()
        width = len(plan["features"]) * 8
        (own / "data.bin").write_bytes((joined / "data.bin").read_bytes()[shard.first * width :][: shard.rows * width])
        (own / "plan.npz").write_bytes((joined / "plan.npz").read_bytes())
        step(run.shard, own, monkeypatch, Limits(threads=1), plan=plan, number=shard.number, first=shard.first, **asked)
        names = part_files(shard.number)
        facts.insert(0, json.loads((own / names["facts"]).read_text()))
        records = (own / names["rows"]).read_bytes() + records
        for what in ("values", "predictions", "digest"):
            (own / names[what]).rename(joined / names[what])
    model = {name: asked[name] for name in ("model", "model_format")}
    step(run.join, joined, monkeypatch, limits, plan=plan, parts=facts, **model)
    one, many = (json.loads((folder / "summary.json").read_text()) for folder in (whole, joined))
    assert {key: told for key, told in one.items() if key not in OF_THE_RUN} == {
        key: told for key, told in many.items() if key not in OF_THE_RUN
    }
    assert one["versions"] == many["versions"]
    assert (whole / "values.parquet").read_bytes() == (joined / "values.parquet").read_bytes()
    assert records == (whole / "rows.bin").read_bytes()
    with np.load(joined / "beside.npz") as file:
        np.testing.assert_array_equal(file["column0"], np.ones(rows))
    stored = np.fromfile(joined / "predictions.bin").reshape(rows, -1)
    np.testing.assert_array_equal(stored, np.fromfile(whole / "predictions.bin").reshape(rows, -1))
    values = pq.read_table(joined / "values.parquet").to_pandas().to_numpy().reshape(rows, -1, stored.shape[1])
    if name != "mlp":  # the permuted values of a row add up by construction
        np.testing.assert_allclose(values.sum(axis=1) + many["base_values"], stored, atol=1e-3)
    assert np.abs(values).mean(axis=0).mean(axis=1) == pytest.approx(list(many["mean_abs"].values()), rel=1e-9)


@pytest.fixture(scope="module")
def planned(cases: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, PlanFacts, dict[str, Any], Path, Path]:
    """A plan for three shards of the binary XGBoost model."""
    folder = tmp_path_factory.mktemp("planned")
    case = cases["xgb_binary"]
    data = tiled(case, 12_000, folder / "rows.parquet")
    with without_sandbox(), pytest.raises(Planned) as raised:
        explain_files(
            model_path=case.path,
            data_path=data,
            model_format=case.model_format,
            folder=folder / "plan",
            shard_rows=5_000,
            limits=Limits(batch_rows=5_000),
        )
    return case, raised.value.plan, raised.value.bound, folder / "plan", data


def _shard(planned: Any, shard: Shard, folder: Path, **more: Any) -> Any:
    case, plan, bound, place, _ = planned
    options = {"model_sha256": bound["model_sha256"], "limits": Limits()} | more
    return explain_shard(
        plan=plan, shard=shard, plan_folder=place, model_path=case.path, model_format=case.model_format, folder=folder,
        **options,
    )  # fmt: skip


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_steps_in_real_sandboxes_give_the_result_of_one(planned: Any, tmp_path: Path) -> None:
    case, plan, bound, place, data = planned
    assert sorted(path.name for path in place.iterdir()) == ["beside.npz", "data.bin", "plan.json", "plan.npz"]
    heard: list[tuple[int, int, str]] = []
    parts = []
    for shard in shards_of(plan, place):
        own = tmp_path / str(shard.number)
        facts = _shard(planned, shard, own, on_progress=lambda *told: heard.append(told))
        assert facts["peak_mb"] > 0
        parts.append((facts, own, {path.name: sha256(path) for path in own.iterdir()}))
    assert heard[-1] == (2_000, 2_000, "explaining rows")
    given: dict[str, Any] = {
        "plan": plan, "bound": bound, "plan_folder": place, "model_path": case.path, "model_format": case.model_format,
        "parts": parts, "limits": Limits(),
    }  # fmt: skip
    many = join_parts(**given, folder=tmp_path / "all")
    with without_sandbox():
        one = explain_files(
            limits=Limits(batch_rows=5_000),
            model_path=case.path,
            data_path=data,
            model_format=case.model_format,
            folder=tmp_path / "one",
            shard_rows=12_000,
        )
    assert {key: told for key, told in one.items() if key not in OF_THE_RUN} == {
        key: told for key, told in many.items() if key not in OF_THE_RUN
    }
    for name in ("values.parquet", "rows.bin"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "all" / name).read_bytes()
    assert many["seconds"] > sum(facts["seconds"] for facts, _, _ in parts)

    with pytest.raises(ExplainRefused, match="fingerprint differs"):
        join_parts(**given | {"bound": bound | {"model_sha256": "0" * 64}}, folder=tmp_path / "bad")
    spoilt = parts[1][1] / part_files(1)["rows"]
    spoilt.write_bytes(b"x" + spoilt.read_bytes()[1:])
    with pytest.raises(Damaged):
        join_parts(**given, folder=tmp_path / "bad")
    spoilt = parts[2][1] / part_files(2)["values"]
    spoilt.write_bytes(spoilt.read_bytes()[:-1])
    with pytest.raises(Damaged):
        join_parts(**given, folder=tmp_path / "bad")


def test_rows_that_are_not_those_of_the_plan_are_not_explained(planned: Any, tmp_path: Path) -> None:
    _, plan, _, place, _ = planned
    shard = shards_of(plan, place)[1]
    with pytest.raises(Damaged):
        _shard(planned, Shard(shard.number, shard.first + 1, shard.rows, shard.sha256), tmp_path)
    with pytest.raises(ExplainRefused) as refused:
        _shard(planned, shard, tmp_path, model_sha256="0" * 64)
    assert "fingerprint differs" in refused.value.message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"rows": 0}, {"rows": 12_001}, {"rows_in_file": 11_999}, {"rows": "12000"}, {"features": ["a"]}, {"shard_rows": 0},
        {"shard_rows": 1}, {"row_numbers": 5}, {"beside": None}, {"outputs": []}, {"engine": None}, {"columns": [1] * 8},
    ],
)  # fmt: skip
def test_a_plan_that_does_not_fit_its_files_is_not_believed(
    planned: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> None:
    case, _, _, place, data = planned

    def child(box: Path, *_: Any) -> Any:
        for name in ("data.bin", "plan.npz", "beside.npz"):
            (box / name).write_bytes((place / name).read_bytes())
        (box / "plan.json").write_text(json.dumps(json.loads((place / "plan.json").read_text()) | changes))
        return type("Outcome", (), {"peak_mb": 1.0, "isolation": {}})()

    monkeypatch.setattr("explain.attributions.sandbox.run_child", child)
    with pytest.raises(ExplainRefused) as refused:
        explain_files(
            model_path=case.path, data_path=data, model_format=case.model_format, folder=tmp_path, shard_rows=5_000
        )
    assert refused.value.code == "model_crashed"


def test_a_worker_whose_engine_is_another_says_so(cases: Any) -> None:
    case = cases["logistic"]
    opened, values = open_model(case.path, "skops", Limits()), case.frame.to_numpy()
    engine, rows = choose_engine(opened, values, None, Limits(), 0)
    facts = facts_of(engine) | {"type": "AnotherEngine"}
    plan: Any = {"rows_in_file": rows, "features": list(case.frame.columns), "seed": 0, "engine": facts}
    with pytest.raises(ExplainRefused) as refused:
        engine_again(opened, plan, arrays_of(engine, values), 0, Limits())
    assert "same version of the portal" in refused.value.message


@pytest.mark.parametrize("kind", ["csv", "flags", "parquet"])
def test_a_large_file_is_read_in_blocks_whatever_is_in_it(tmp_path: Path, kind: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("explain.attributions.formats.csv_file._KEPT", 1_000_000)
    monkeypatch.setattr("explain.attributions.formats.csv_file._CHUNK", 100_000)
    rows, path = 150_000, tmp_path / f"rows.{'parquet' if kind == 'parquet' else 'csv'}"
    frame = pd.DataFrame({"a": np.arange(rows) / 8, "b": np.arange(rows) % 7 == 0})
    if kind == "parquet":
        frame.to_parquet(path, index=False)
    else:
        (frame if kind == "flags" else frame.astype(float)).to_csv(path, index=False)
    blocks = list(open_source(path, Limits()).blocks)
    assert len(blocks) > 2
    assert max(len(block.values) for block in blocks) < rows / 2 + 65_536
    np.testing.assert_array_equal(np.concatenate([block.values for block in blocks]), frame.to_numpy(float))
    cut = list(open_source(path, Limits(), rows=70_001).blocks)
    assert sum(len(block.values) for block in cut) == 70_001


def test_an_infinite_number_is_named_by_its_row_in_the_file(tmp_path: Path) -> None:
    values = np.zeros(100_000)
    values[90_000] = np.inf
    path = tmp_path / "rows.parquet"
    pd.DataFrame({"a": values}).to_parquet(path)
    with pytest.raises(ExplainRefused) as refused:
        list(open_source(path, Limits()).blocks)
    assert "Row 90001, column 'a'" in refused.value.message


def test_an_empty_cell_in_a_later_shard_is_named_by_its_row_in_the_file(
    cases: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = cases["boosting"]
    data = tiled(case, 1_200, tmp_path / "rows.parquet")
    frame = pd.read_parquet(data)
    frame.loc[1_150, "bmi"] = np.nan
    frame.to_parquet(data)
    asked = {
        "model": str(case.path), "model_format": case.model_format, "method": "shap", "data": str(data),
        "background": None, "rows": None, "seed": 0, "target_column": None, "groups": [], "inline_rows": 0,
    }  # fmt: skip
    step(run.explain, tmp_path / "plan", monkeypatch, Limits(batch_rows=500), **asked, shard_rows=500)
    plan = json.loads((tmp_path / "plan" / "plan.json").read_text())
    numbers = np.fromfile(tmp_path / "plan" / "data.bin").reshape(1_200, -1)
    numbers[1_000:].tofile(tmp_path / "plan" / "data.bin")
    with pytest.raises(ExplainRefused) as refused:
        step(run.shard, tmp_path / "plan", monkeypatch, Limits(), plan=plan, number=2, first=1_000, **asked)
    assert "Row 1151, column 'bmi' is empty" in refused.value.message
