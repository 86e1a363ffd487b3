"""Crafted files of all formats: each has a clear answer, nothing is executed, and no process is brought down."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from bench.crafting.drawing import EXECUTED, SHARES, write_crafted, write_sound
from bench.crafting.originals import Originals, originals
from bench.crafting.pickles import planted
from explain.attributions.refused import CODES

WORKER = Path("bench/crafting/worker.py").resolve()


@pytest.fixture(scope="module")
def sound() -> Originals:
    return originals()


def through(folder: Path, way: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """What a worker says of each file, and of itself."""
    argv = [sys.executable, "-I", str(WORKER), str(folder), "0", "1", way]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    *cases, end = [json.loads(line) for line in done.stdout.splitlines()]
    return cases, end


def test_a_hundred_crafted_files_have_clear_answers_with_no_sandbox_around_the_libraries(
    sound: Originals, tmp_path: Path
) -> None:
    folder = tmp_path / "crafted"
    assert write_crafted(folder, sound, 100, seed=4) == 100
    cases, _ = through(folder, "here")
    assert len(cases) == 100
    assert [case for case in cases if case["code"] not in CODES | {"explained"}] == []
    assert all(case["code"] == "explained" or len(case["message"].split()) > 5 for case in cases)
    refused = Counter(case["declared"] for case in cases if case["code"] != "explained")
    assert set(refused) == set(SHARES)
    assert sum(refused.values()) > 60
    assert {case["code"] for case in cases if case["planted"]} == {"unsafe_format"}
    assert not (folder / EXECUTED).exists()


def test_crafted_files_come_to_the_real_sandbox_and_the_worker_lives_on(sound: Originals, tmp_path: Path) -> None:
    folder = tmp_path / "crafted"
    write_crafted(folder, sound, 8, seed=5)
    cases, end = through(folder, "door")
    assert [case for case in cases if case["code"] not in CODES | {"explained"}] == []
    assert "sandbox" in {case["place"] for case in cases}
    assert end["peak_mb"] < 100, "the worker itself loads no library"
    assert not end["children_left"]


def test_sound_files_are_explained_and_the_same_seed_draws_the_same_files(sound: Originals, tmp_path: Path) -> None:
    count = write_sound(tmp_path / "sound", sound)
    cases, _ = through(tmp_path / "sound", "here")
    assert [case["code"] for case in cases] == ["explained"] * count
    for name in ("one", "two"):
        write_crafted(tmp_path / name / "same", sound, 40, seed=9)
    one, two = (
        {path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*.json")}
        for name in ("one", "two")
    )
    assert one == two


def test_a_planted_pickle_tells_on_who_loads_it(tmp_path: Path) -> None:
    for protocol in range(6):
        place = tmp_path / str(protocol)
        pickle.loads(planted(place, protocol))
        assert place.is_dir()
