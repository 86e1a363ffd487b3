"""The fresh process: results, progress, stops, crashes, limits, and what it does not know."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import shap

from explain.attributions import child, command, openmp
from explain.attributions.limits import Limits
from explain.attributions.refused import CODES, ExplainRefused, ExplainStopped
from explain.attributions.sandbox import PROJECT, explain_files, inspect_model


def _explain(case: Any, folder: Path, **more: Any) -> Any:
    return explain_files(
        model_path=case.path,
        data_path=more.pop("data", case.csv),
        model_format=case.model_format,
        folder=folder,
        **more,
    )


def test_a_multiclass_model_goes_all_the_way(cases: Any, tmp_path: Path) -> None:
    case, heard = cases["xgb_multiclass"], []
    summary = _explain(case, tmp_path, on_progress=lambda *told: heard.append(told), inline_rows=1000)
    wanted = shap.TreeExplainer(case.model).shap_values(case.frame)
    np.testing.assert_allclose(np.asarray(summary["inline_values"]), wanted, atol=1e-4)
    stored = pq.read_table(tmp_path / "values.parquet").to_pandas()
    assert list(stored.columns) == summary["columns"]
    np.testing.assert_allclose(stored.to_numpy().reshape(150, 4, 3), wanted, atol=1e-4)
    on_disk = json.loads((tmp_path / "summary.json").read_text())
    assert on_disk == {key: value for key, value in summary.items() if key != "inline_values"}
    assert heard[-1][:2] == (150, 150)
    assert {step for _, _, step in heard} >= {"checking the model", "reading the data", "explaining rows"}
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["rows.bin", "summary.json", "values.parquet"]
    np.testing.assert_allclose(list(summary["mean_abs"].values()), np.abs(wanted).mean(axis=(0, 2)), rtol=1e-3)
    assert summary["beeswarm"]["rows"] == 150
    assert len(summary["row_sample"]) == 150
    assert len(summary["model_sha256"]) == 64


def test_a_scikit_learn_model_goes_all_the_way(cases: Any, tmp_path: Path) -> None:
    summary = _explain(cases["forest"], tmp_path, rows=40)
    assert summary["rows"] == 40
    assert summary["engine"] == "shap.TreeExplainer"
    assert summary["output_space"] == "probability"
    assert summary["max_additivity_error"] < 1e-6
    assert "shap" in summary["versions"]
    if sys.platform == "linux" and os.geteuid() == 0:
        assert summary["isolation"]["network"].startswith("none")


def test_the_register_learns_what_a_model_is(cases: Any, tmp_path: Path) -> None:
    facts = inspect_model(model_path=cases["logistic"].path, model_format="skops", folder=tmp_path)
    assert facts["features"] == list(cases["logistic"].frame.columns)
    assert facts["kind"] == "binary"
    assert facts["classes"] == ["0", "1"]
    assert facts["facts"]["estimator"] == "LogisticRegression"
    assert not list(tmp_path.iterdir())


def test_progress_may_stop_the_work_and_so_may_a_cancelled_job(cases: Any, tmp_path: Path) -> None:
    class LostError(Exception):
        pass

    def lose(done: int, of: int, step: str) -> None:
        raise LostError

    with pytest.raises(LostError):
        _explain(cases["xgb_binary"], tmp_path, on_progress=lose)
    with pytest.raises(ExplainStopped):
        _explain(cases["xgb_binary"], tmp_path, cancelled=lambda: True)
    assert not list(tmp_path.iterdir())


def test_too_little_memory_and_too_little_time_are_told_apart_from_crashes(cases: Any, tmp_path: Path) -> None:
    for limits in (Limits(memory_bytes=250 * 2**20), Limits(wall_seconds=0.3)):
        with pytest.raises(ExplainRefused) as refused:
            _explain(cases["xgb_binary"], tmp_path, limits=limits)
        assert refused.value.code == "limit_exceeded", refused.value.message


def _run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, limits: Limits | None = None) -> child.Outcome:
    script = tmp_path / "stand_in.py"
    script.write_text(code)
    monkeypatch.setattr(child, "_BOOTSTRAP", script)
    return child.run_child(tmp_path, PROJECT, limits or Limits(), False, None, None)


@pytest.mark.parametrize(
    ("name", "word"), [("SIGSEGV", "SIGSEGV"), ("SIGABRT", "SIGABRT"), ("SIGKILL", "memory ran out")]
)
def test_a_crash_is_a_refusal_that_names_the_signal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, word: str
) -> None:
    with pytest.raises(ExplainRefused) as refused:
        _run(tmp_path, monkeypatch, f"import os, signal; os.kill(os.getpid(), signal.{name})")
    assert refused.value.code == "model_crashed"
    assert word in refused.value.message


def test_a_child_that_ends_well_but_says_nothing_is_a_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ExplainRefused) as refused:
        _run(tmp_path, monkeypatch, "pass")
    assert refused.value.code == "model_crashed"


def test_used_up_processor_time_is_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ExplainRefused) as refused:
        _run(tmp_path, monkeypatch, "import os, signal; os.kill(os.getpid(), signal.SIGXCPU)")
    assert refused.value.code == "limit_exceeded"


def test_the_child_knows_no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://user:secret@host/db")
    monkeypatch.setenv("SECRET_KEY", "secret")
    code = (
        "import os, json, sys\n"
        "open('seen.json', 'w').write(json.dumps(dict(os.environ)))\n"
        "os.write(int(sys.argv[2]), b'{\"finished\": {}}\\n')\n"
    )
    _run(tmp_path, monkeypatch, code)
    seen = json.loads((tmp_path / "seen.json").read_text())
    assert not [value for value in seen.values() if "secret" in value]
    assert set(seen) <= {
        "PATH",
        "HOME",
        "TMPDIR",
        "LANG",
        "LC_CTYPE",
        "LD_LIBRARY_PATH",
        "OMP_NUM_THREADS",
        "OMP_WAIT_POLICY",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "NUMBA_NUM_THREADS",
        "ARROW_NUM_THREADS",
        "MALLOC_ARENA_MAX",
        "JOBLIB_MULTIPROCESSING",
    }


def test_the_child_cannot_read_files_of_others_where_the_kernel_allows_it(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    box = tmp_path / "box"
    box.mkdir()
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from explain.attributions.worker.isolation import give_up_rights\n"
        "facts = give_up_rights(project=Path(sys.argv[1]), memory=2**32, cpu=60, file=2**20, user=None)\n"
        "Path('mine').write_text('x')\n"
        "try:\n    Path(sys.argv[2]).read_text(); print('read', facts['filesystem'])\n"
        "except PermissionError:\n    print('refused', facts['filesystem'])\n"
    )
    told = subprocess.run(
        [sys.executable, "-I", "-c", code, str(PROJECT), str(secret)],
        cwd=box,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert ("Landlock)" in told and "libraries" in told) == told.startswith("refused")


def test_lightgbm_runs_on_the_openmp_that_came_with_scikit_learn(tmp_path: Path) -> None:
    if openmp.bundled_openmp() is None:
        pytest.fail("scikit-learn's wheel carries no OpenMP runtime any more: LightGBM needs one from the system")
    box = tmp_path / "box"
    box.mkdir()
    openmp.link_openmp(box / child.LIBRARIES)
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from explain.attributions.engines.lightgbm_own import import_lightgbm\n"
        "import_lightgbm()\n"
        "print({line.split()[-1] for line in open('/proc/self/maps') if 'libgomp' in line})\n"
        "print({name for name in ('sklearn', 'pandas') if name in sys.modules})\n"
    )
    told = subprocess.run(
        [sys.executable, "-I", "-c", code, str(PROJECT)],
        env=child._environment(box, Limits()),
        cwd=box,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert told == [str({str(openmp.bundled_openmp())}), "set()"]


def test_flipped_bytes_through_the_real_sandbox(cases: Any, tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    case = cases["boosting"]
    whole = case.path.read_bytes()
    for turn in range(2):
        spoilt = bytearray(whole)
        for place in generator.integers(0, len(whole), 3):
            spoilt[place] ^= 0x55
        path = tmp_path / f"spoilt{turn}.skops"
        path.write_bytes(spoilt)
        with pytest.raises(ExplainRefused) as refused:
            explain_files(model_path=path, data_path=case.csv, model_format="skops", folder=tmp_path / "job", rows=5)
        assert refused.value.code in CODES


def test_a_pickle_named_csv_is_refused_before_any_process_starts(cases: Any, tmp_path: Path) -> None:
    data = tmp_path / "rows.csv"
    data.write_bytes(b"\x80\x04\x95")
    with pytest.raises(ExplainRefused) as refused:
        _explain(cases["xgb_binary"], tmp_path / "job", data=data)
    assert refused.value.code == "unsafe_format"
    assert not (tmp_path / "job").exists()


def test_the_command_keeps_its_contract(cases: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case, out = cases["xgb_binary"], tmp_path / "result.parquet"
    code = command.main([str(case.path), str(case.csv), "--format", "xgboost-json", "--rows", "5", "--out", str(out)])
    answer = json.loads(capsys.readouterr().out)
    assert code == 0
    assert answer["values"] == str(out)
    assert pq.read_table(out).num_rows == 5
    assert {
        "engine",
        "method",
        "output_space",
        "classes",
        "features",
        "rows",
        "base_values",
        "mean_abs",
        "seconds",
        "max_additivity_error",
        "recomputed_rows",
        "seed_spread",
        "model_sha256",
        "data_sha256",
        "versions",
        "peak_mb",
    } <= set(answer)
    bad = tmp_path / "rows.csv"
    bad.write_text("a,b\n1,2\n")
    for arguments, wanted in (
        ([str(case.path), str(bad), "--format", "xgboost-json"], "schema_mismatch"),
        ([str(case.path), str(case.csv), "--format", "skops"], "malformed_model"),
        ([str(tmp_path / "none"), str(case.csv), "--format", "skops"], "malformed_model"),
    ):
        assert command.main(arguments) == 2
        assert json.loads(capsys.readouterr().out)["error"]["code"] == wanted


def test_the_web_side_loads_no_model_library() -> None:
    code = (
        "import sys\n"
        "from explain.attributions.charts import importance, swarm, waterfall\n"
        "import explain.attributions.words, explain.attributions.sandbox\n"
        "import explain.attributions.command, explain.attributions.dictionary\n"
        "heavy = "
        "{'numpy', 'pandas', 'pyarrow', 'scipy', 'sklearn', 'shap', 'xgboost', 'lightgbm', 'skops', 'numba', 'django'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert told.strip() == "[]"
