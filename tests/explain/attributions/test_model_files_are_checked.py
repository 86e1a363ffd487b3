"""Crafted and damaged model files are refused before a library sees them."""

from __future__ import annotations

import json
import pickle
import random
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from sklearn.ensemble import RandomForestRegressor
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bench.crafting.skops_archive import SPOILT_ARCHIVES, rewritten
from bench.crafting.xgboost_json import SPOILT
from explain.attributions.engines.dispatch import open_model
from explain.attributions.engines.sklearn_model import final_step
from explain.attributions.engines.soundness import check_sound
from explain.attributions.formats.skops_file import read_skops
from explain.attributions.formats.sniff import sniff
from explain.attributions.formats.xgboost_json import parse_base_score, read_xgboost_json
from explain.attributions.limits import Limits
from explain.attributions.refused import CODES, ExplainRefused


@pytest.mark.parametrize("what", SPOILT)
def test_a_spoilt_xgboost_model_is_refused(tree_model: dict[str, Any], tmp_path: Path, what: str) -> None:
    spoil, code = SPOILT[what]
    path = tmp_path / "model.json"
    path.write_text(json.dumps(tree_model))
    read_xgboost_json(path, Limits())
    spoil(tree_model)
    path.write_text(json.dumps(tree_model))
    with pytest.raises(ExplainRefused) as refused:
        read_xgboost_json(path, Limits())
    assert refused.value.code == code
    assert refused.value.message.endswith(".")


def test_a_truncated_a_deep_and_a_doubled_model_are_refused(cases: Any, tmp_path: Path) -> None:
    whole = cases["xgb_binary"].path.read_bytes()
    path = tmp_path / "model.json"
    for text in (
        whole[:-1],
        whole[: len(whole) // 2],
        b"{",
        b"[]",
        b'{"a":' * 5000,
        b"[" * 10**6,
        whole.replace(b'"learner":{', b'"learner":{"objective":{"name":"x"},', 1),
        b"{\xff}",
    ):
        path.write_bytes(text)
        with pytest.raises(ExplainRefused) as refused:
            read_xgboost_json(path, Limits())
        assert refused.value.code == "malformed_model"


def test_flipped_bytes_are_refused_or_leave_a_sound_model(cases: Any, tmp_path: Path) -> None:
    generator = random.Random(7)
    for name in ("xgb_multiclass", "logistic"):
        case = cases[name]
        whole = case.path.read_bytes()
        read = read_xgboost_json if case.model_format == "xgboost-json" else read_skops
        codes = []
        for _ in range(50):
            spoilt = bytearray(whole)
            spoilt[generator.randrange(len(whole))] ^= 1 << generator.randrange(8)
            path = tmp_path / "spoilt"
            path.write_bytes(spoilt)
            try:
                read(path, Limits())
            except ExplainRefused as refused:
                codes.append(refused.code)
        assert codes
        assert set(codes) <= CODES


def test_limits_on_size_trees_and_depth(cases: Any) -> None:
    path = cases["xgb_binary"].path
    for limits in (Limits(model_bytes=100), Limits(trees=3), Limits(nodes=20), Limits(tree_depth=1)):
        with pytest.raises(ExplainRefused) as refused:
            read_xgboost_json(path, limits)
        assert refused.value.code == "limit_exceeded"


def test_base_scores_of_all_versions_are_read() -> None:
    assert parse_base_score("5E-1", "binary:logistic", 1) == (0.5,)
    assert parse_base_score("[5E-1]", "binary:logistic", 1) == (0.5,)
    assert parse_base_score("[1E0,2E0,3E0]", "multi:softprob", 3) == (1.0, 2.0, 3.0)
    for text in ("", "[]", "x", "[1,2]", "nan", "1e999", None, True):
        with pytest.raises(ExplainRefused):
            parse_base_score(text, "reg:squarederror", 1)
    with pytest.raises(ExplainRefused):
        parse_base_score("2", "binary:logistic", 1)


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("name", ["model.json", "model.skops", "rows.csv", "model.pkl"])
def test_a_pickle_is_refused_under_any_name(tmp_path: Path, protocol: int, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(pickle.dumps({"weights": [1, 2, 3]}, protocol=protocol))
    declared = {".json": "xgboost-json", ".skops": "skops", ".csv": "csv"}.get(path.suffix, "xgboost-json")
    with pytest.raises(ExplainRefused) as refused:
        sniff(path, declared)
    assert refused.value.code == "unsafe_format"
    assert "save_model" in refused.value.message
    assert "skops.io.dump" in refused.value.message


def test_ubj_compressed_and_wrapped_pickles_are_refused(cases: Any, tmp_path: Path) -> None:
    ubj = tmp_path / "model.ubj"
    cases["xgb_binary"].model.get_booster().save_model(ubj)
    wrapped = tmp_path / "model.zip"
    with zipfile.ZipFile(wrapped, "w") as archive:
        archive.writestr("model/data.pkl", b"x")
    squeezed = tmp_path / "model.joblib"
    squeezed.write_bytes(b"\x1f\x8b" + bytes(50))
    for path in (ubj, wrapped, squeezed):
        with pytest.raises(ExplainRefused) as refused:
            sniff(path, "xgboost-json")
        assert refused.value.code == "unsafe_format"


def test_content_and_declaration_must_agree(cases: Any) -> None:
    assert sniff(cases["forest"].path, "skops") == "skops"
    with pytest.raises(ExplainRefused) as refused:
        sniff(cases["forest"].path, "xgboost-json")
    assert refused.value.code == "malformed_model"


@pytest.mark.parametrize("what", SPOILT_ARCHIVES)
def test_a_spoilt_archive_is_refused(cases: Any, tmp_path: Path, what: str) -> None:
    spoil, code = SPOILT_ARCHIVES[what]
    read_skops(cases["logistic"].path, Limits())
    path = rewritten(cases["logistic"].path, tmp_path / "model.skops", spoil)
    with pytest.raises(ExplainRefused) as refused:
        read_skops(path, Limits())
    assert refused.value.code == code


def test_limits_on_archives(cases: Any) -> None:
    for limits in (
        Limits(model_bytes=10),
        Limits(zip_entries=2),
        Limits(zip_unpacked_bytes=1000),
        Limits(array_bytes=10),
    ):
        with pytest.raises(ExplainRefused) as refused:
            read_skops(cases["forest"].path, limits)
        assert refused.value.code == "limit_exceeded"


def test_a_loaded_tree_with_a_cycle_is_refused(cases: Any) -> None:
    import copy

    model = copy.deepcopy(cases["forest"].model)
    check_sound(model, Limits())
    tree = model.estimators_[0].tree_
    state = tree.__getstate__()
    for field, value in (("left_child", 0), ("right_child", 10**6), ("feature", 900)):
        spoilt = copy.deepcopy(state)
        spoilt["nodes"] = np.array(spoilt["nodes"])
        spoilt["nodes"][field][0] = value
        tree.__setstate__(spoilt)
        with pytest.raises(ExplainRefused) as refused:
            check_sound(model, Limits())
        assert refused.value.code == "malformed_model"
    tree.__setstate__(state)
    hist = copy.deepcopy(cases["hist"].model)
    check_sound(hist, Limits())
    hist._predictors[0][0].nodes["feature_idx"][0] = 200
    with pytest.raises(ExplainRefused):
        check_sound(hist, Limits())


def test_a_file_does_not_say_how_many_threads_it_gets(tmp_path: Path) -> None:
    rows = np.random.default_rng(0).normal(size=(40, 3))
    for model, threads in (
        (RandomForestRegressor(3, n_jobs=64), 1),
        (make_pipeline(StandardScaler(), KNeighborsRegressor(algorithm="brute", n_jobs=64)), 2),
    ):
        skops.io.dump(model.fit(rows, rows[:, 0]), tmp_path / "model.skops")
        opened = open_model(tmp_path / "model.skops", "skops", Limits(threads=2))
        assert final_step(opened.model).n_jobs == threads
