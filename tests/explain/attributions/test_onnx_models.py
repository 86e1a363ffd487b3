"""ONNX: what real converters write is read and explained, what is crafted is refused before a library sees it."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bench.crafting.onnx_graph import SPOILT_GRAPHS, graph, node, tree
from explain.attributions.engines.dispatch import explain_rows, open_model
from explain.attributions.formats.onnx_file import read_onnx
from explain.attributions.formats.sniff import sniff
from explain.attributions.limits import Limits
from explain.attributions.refused import CODES, ExplainRefused
from explain.attributions.sandbox import PROJECT, explain_files

LIMITS = Limits()


@dataclass(frozen=True)
class Exported:
    """A trained model, its ONNX file, and its rows."""

    model: Any
    path: Path
    rows: Any
    columns: list[str]


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Exported]:
    folder = tmp_path_factory.mktemp("onnx")
    cancer, iris, diabetes = (
        load(as_frame=True, return_X_y=True) for load in (load_breast_cancer, load_iris, load_diabetes)
    )
    cancer = cancer[0].iloc[:, :6], cancer[1]
    trained = {
        "logistic": (make_pipeline(StandardScaler(), LogisticRegression()), cancer),
        "forest": (RandomForestClassifier(10, max_depth=4, random_state=0), cancer),
        "mlp": (make_pipeline(StandardScaler(), MLPClassifier((5,), max_iter=40, random_state=0)), iris),
        "linear": (LinearRegression(), diabetes),
    }
    found = {}
    for name, (model, (frame, target)) in trained.items():
        rows = frame.to_numpy(dtype=np.float32)
        model.fit(rows, target)
        options = {"zipmap": False} if hasattr(model, "predict_proba") else None
        converted = to_onnx(
            model, rows[:1], options=options and {id(model): options}, target_opset={"": 17, "ai.onnx.ml": 3}
        )
        path = folder / f"{name}.onnx"
        path.write_bytes(converted.SerializeToString())
        found[name] = Exported(model, path, rows, list(frame.columns))
    return found


@pytest.mark.parametrize(
    ("name", "kind", "space"),
    [
        ("logistic", "binary", "probability"),
        ("forest", "binary", "probability"),
        ("mlp", "multiclass", "probability"),
        ("linear", "regression", "value"),
    ],
)
def test_a_converted_model_answers_as_the_original_and_its_values_add_up(
    exported: dict[str, Exported], name: str, kind: str, space: str
) -> None:
    case = exported[name]
    assert sniff(case.path, "onnx") == "onnx"
    opened = open_model(case.path, "onnx", LIMITS)
    assert (opened.kind, opened.feature_count) == (kind, case.rows.shape[1])
    rows = case.rows[:6].astype(float)
    found = explain_rows(opened, rows, tuple(case.columns), seed=1)
    assert (found.engine, found.output_space) == ("permutation", space)
    wanted = case.model.predict_proba(case.rows[:6]) if space == "probability" else case.model.predict(case.rows[:6])
    if kind == "binary":
        wanted = wanted[:, 1]
    np.testing.assert_allclose(found.predictions.reshape(np.shape(wanted)), wanted, rtol=1e-4, atol=1e-5)
    total = found.values.sum(axis=1) + found.base_values.reshape(1, *found.values.shape[2:])
    np.testing.assert_allclose(total.reshape(6, -1), found.predictions, atol=1e-6)
    assert found.seed_spread is not None
    assert "An ONNX model can be asked for its outputs and is not read inside" in found.chosen_because


def test_values_of_a_linear_model_are_its_slopes_times_the_distance_from_the_mean(
    exported: dict[str, Exported],
) -> None:
    case = exported["linear"]
    rows = case.rows.astype(float)
    found = explain_rows(open_model(case.path, "onnx", LIMITS), rows[:20], tuple(case.columns), background=rows[:100])
    wanted = (rows[:20] - rows[:100].mean(axis=0)) * case.model.coef_
    np.testing.assert_allclose(found.values, wanted, atol=0.02)  # single precision of a model around 150


def test_classes_keep_the_names_that_the_file_gives_them(exported: dict[str, Exported]) -> None:
    assert open_model(exported["mlp"].path, "onnx", LIMITS).classes == ("0", "1", "2")


def test_the_sandbox_explains_an_onnx_file(exported: dict[str, Exported], tmp_path: Path) -> None:
    case = exported["forest"]
    data = tmp_path / "rows.csv"
    np.savetxt(data, case.rows[:30], delimiter=",", header=",".join(case.columns), comments="")
    summary = explain_files(model_path=case.path, data_path=data, model_format="onnx", folder=tmp_path / "work")
    assert (summary["rows"], summary["kind"], summary["engine"]) == (30, "binary", "permutation")
    assert "onnxruntime" in summary["versions"]


# What is refused, each with what to do


@pytest.mark.parametrize(
    ("make", "code", "said"),
    SPOILT_GRAPHS,
)
def test_what_cannot_be_trusted_is_refused_with_the_reason(
    make: Callable[[], bytes], code: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(make())
    with pytest.raises(ExplainRefused) as refused:
        open_model(path, "onnx", LIMITS)
    assert refused.value.code == code
    assert said in refused.value.message


def test_a_sound_small_tree_is_read(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(tree())
    facts = read_onnx(path, LIMITS)
    assert facts.operators == {"TreeEnsembleRegressor": 1}
    opened = open_model(path, "onnx", LIMITS)
    assert opened.model.predict(np.array([[0, 0.2, 0], [0, 0.9, 0]])).tolist() == [[1.0], [2.0]]  # type: ignore[attr-defined]


def test_a_model_that_repeats_itself_is_refused(tmp_path: Path) -> None:
    body = helper.make_graph([], "body", [], [])
    path = tmp_path / "model.onnx"
    path.write_bytes(graph([node("Loop", ("x",), body=body)]))
    with pytest.raises(ExplainRefused, match="may never end"):
        read_onnx(path, LIMITS)


def test_probabilities_as_dictionaries_say_how_to_export_them(tmp_path: Path) -> None:
    frame, target = load_iris(return_X_y=True)
    model = LogisticRegression(max_iter=300).fit(frame, target)
    path = tmp_path / "model.onnx"
    path.write_bytes(to_onnx(model, initial_types=[("x", FloatTensorType([None, 4]))]).SerializeToString())
    with pytest.raises(ExplainRefused, match="zipmap"):
        open_model(path, "onnx", LIMITS)


_EACH = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import numpy as np
from explain.attributions.engines.dispatch import choose_engine, open_model
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused
limits = Limits(evaluations=2000)
for path in sorted(Path(sys.argv[2]).iterdir()):
    try:
        opened = open_model(path, "onnx", limits)
        rows = np.random.default_rng(0).normal(size=(4, opened.feature_count)) * 20
        choose_engine(opened, rows, None, limits, 0)[0].explain(rows)
        print("explained", flush=True)
    except ExplainRefused as refused:
        print(refused.code, flush=True)
    except MemoryError:
        print("limit_exceeded", flush=True)
"""


def test_a_hundred_crafted_files_bring_no_process_down(exported: dict[str, Exported], tmp_path: Path) -> None:
    generator = random.Random(5)
    folder = tmp_path / "crafted"
    folder.mkdir()
    for turn in range(100):
        whole = bytearray(exported[("forest", "mlp", "linear", "logistic")[turn % 4]].path.read_bytes())
        if turn % 3:
            for _ in range(generator.randrange(1, 5)):
                whole[generator.randrange(len(whole))] ^= 1 << generator.randrange(8)
        else:
            del whole[generator.randrange(len(whole)) :]
        (folder / f"{turn:03}.onnx").write_bytes(whole)
    done = subprocess.run(
        [sys.executable, "-I", "-c", _EACH, str(PROJECT), str(folder)],
        capture_output=True, text=True, cwd=tmp_path, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    answers = done.stdout.split()
    assert len(answers) == 100
    assert set(answers) <= {"explained", *CODES}
    assert answers.count("explained") < 90


def test_onnx_itself_reads_what_is_accepted(exported: dict[str, Exported]) -> None:
    for case in exported.values():
        facts = read_onnx(case.path, LIMITS)
        model = onnx.load(str(case.path))
        assert sum(facts.operators.values()) == len(model.graph.node)
        assert [port.name for port in facts.inputs] == [each.name for each in model.graph.input]
