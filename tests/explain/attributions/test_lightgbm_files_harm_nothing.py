"""Crafted LightGBM files through the engine and the sandbox: a code for each, no process brought down."""

from __future__ import annotations

import json
import pickle
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.crafting.lightgbm_text import crafted, entry
from explain.attributions import command
from explain.attributions.formats.sniff import sniff
from explain.attributions.refused import CODES, ExplainRefused
from explain.attributions.sandbox import PROJECT, explain_files, inspect_model

_EACH = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import numpy as np
from explain.attributions.engines.dispatch import choose_engine, open_model
from explain.attributions.formats.sniff import sniff
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused
limits = Limits(evaluations=2000)
for path in sorted(Path(sys.argv[2]).iterdir()):
    try:
        opened = open_model(path, sniff(path, "lightgbm-text"), limits)
        rows = np.random.default_rng(0).normal(size=(4, opened.feature_count)) * 20
        choose_engine(opened, rows, None, limits, 0)[0].explain(rows)
        print(json.dumps("explained"), flush=True)
    except ExplainRefused as refused:
        print(json.dumps(refused.code), flush=True)
"""


def test_a_hundred_crafted_files_bring_no_process_down(lightgbm_cases: Any, tmp_path: Path) -> None:
    generator = random.Random(11)
    folder, marks = tmp_path / "crafted", tmp_path / "work"
    folder.mkdir()
    marks.mkdir()
    names = ["binary", "multiclass", "categories", "missing", "forest"]
    for turn in range(100):
        whole = lightgbm_cases[names[turn // 4 % 5]].path.read_bytes()
        (folder / f"{turn:03}.txt").write_bytes(crafted(whole, generator, turn))
    done = subprocess.run(
        [sys.executable, "-I", "-c", _EACH, str(PROJECT), str(folder)],
        capture_output=True,
        text=True,
        cwd=marks,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    codes = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('"')]
    assert len(codes) == 100
    assert set(codes) <= CODES | {"explained"}
    assert "model_crashed" not in codes
    assert codes.count("malformed_model") > 50
    assert not list(marks.iterdir())


def test_crafted_files_through_the_real_sandbox_have_a_code_and_the_next_sound_one_is_explained(
    lightgbm_cases: Any, tmp_path: Path
) -> None:
    case = lightgbm_cases["binary"]
    generator = random.Random(2)
    whole = case.path.read_bytes()
    for turn in (1, 3):
        path = tmp_path / f"{turn}.txt"
        path.write_bytes(crafted(whole, generator, turn))
        with pytest.raises(ExplainRefused) as refused:
            explain_files(model_path=path, data_path=case.csv, model_format="lightgbm-text", folder=tmp_path / "job")
        assert refused.value.code in CODES - {"model_crashed"}
    facts = inspect_model(model_path=case.path, model_format="lightgbm-text", folder=tmp_path / "job")
    assert facts["kind"] == "binary"
    assert facts["features"][0] == "mean_radius"
    assert facts["facts"]["trees"] == "20"
    assert facts["versions"]["lightgbm"]


def test_the_command_explains_a_lightgbm_file_whose_table_has_spaces_in_its_names(
    lightgbm_cases: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = lightgbm_cases["binary"]
    assert "mean radius" in case.csv.read_text().splitlines()[0]
    assert command.main([str(case.path), str(case.csv), "--format", "lightgbm-text", "--rows", "25"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["engine"] == "lightgbm pred_contrib"
    assert answer["features"][0] == "mean_radius"
    assert (answer["output_space"], answer["rows"], answer["recomputed_rows"]) == ("log-odds", 25, 0)
    assert answer["max_additivity_error"] < 1e-9
    wanted = case.model.predict(case.frame.iloc[:25], pred_contrib=True)
    np.testing.assert_allclose(np.asarray(answer["values"]), wanted[:, :-1], atol=1e-9)
    np.testing.assert_allclose(answer["base_values"], wanted[0, -1:], atol=1e-9)
    spoilt = tmp_path / "model.txt"
    spoilt.write_text(entry("left_child", 0, "0")(case.path.read_text()))
    for path, code in ((spoilt, "malformed_model"), (_pickled(case, tmp_path), "unsafe_format")):
        assert command.main([str(path), str(case.csv), "--format", "lightgbm-text"]) == 2
        error = json.loads(capsys.readouterr().out)["error"]
        assert error["code"] == code
    assert "model.booster_.save_model" in error["message"]


def _pickled(case: Any, folder: Path) -> Path:
    path = folder / "pickled.txt"
    path.write_bytes(pickle.dumps(case.model))
    return path


def test_a_lightgbm_file_is_known_by_its_content(lightgbm_cases: Any) -> None:
    path = lightgbm_cases["binary"].path
    assert sniff(path) == "lightgbm-text"
    with pytest.raises(ExplainRefused) as refused:
        sniff(path, "xgboost-json")
    assert refused.value.code == "malformed_model"
