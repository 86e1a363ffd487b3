"""What this floor tells in a dossier holds there: the fingerprint of an explanation is proved from what it binds."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from explain.attributions.models import Explanation
from foundation.web.digest import canonical_json, digest_of
from lifecycle.dossier.build import build
from lifecycle.projects.models import Project

pytestmark = pytest.mark.django_db


def test_an_explanation_is_proved_and_its_files_stay_in_the_portal(
    project: Project, done: Explanation, tmp_path: Path
) -> None:
    packed, place = io.BytesIO(), tmp_path / "unpacked"
    build(project, reader=None, at=datetime(2026, 3, 2, tzinfo=UTC), target=packed)
    zipfile.ZipFile(packed).extractall(place)
    table = place / "records/explanations.json"
    (row,) = json.loads(table.read_text("utf-8"))["rows"]
    assert row["bound"]["model"] == done.model_version.sha256
    assert "samples" not in row
    assert not [path for path in place.rglob("*") if path.suffix in (".parquet", ".bin")]
    assert f"ok  explanation {done.pk}: " in _verify(place, 0)


def test_an_explanation_with_other_facts_is_named(project: Project, done: Explanation, tmp_path: Path) -> None:
    packed, place = io.BytesIO(), tmp_path / "unpacked"
    build(project, reader=None, at=datetime(2026, 3, 2, tzinfo=UTC), target=packed)
    zipfile.ZipFile(packed).extractall(place)
    table = place / "records/explanations.json"
    _forge(place, table, lambda text: text.replace(done.model_version.sha256, "0" * 64))
    said = _verify(place, 1)
    assert f"FAIL  explanation {done.pk}: " in said
    assert ": its bound does not give its fingerprint" in said


def _verify(place: Path, code: int) -> str:
    found = subprocess.run([sys.executable, "-I", "verify.py"], cwd=place, capture_output=True, text=True, check=False)
    assert found.returncode == code, found.stdout[-2000:]
    return found.stdout


def _forge(place: Path, table: Path, change: Any) -> None:
    table.write_text(change(table.read_text("utf-8")), "utf-8")
    listed = place / "manifest.json"
    content = json.loads(listed.read_text("utf-8"))["content"]
    for file in content["files"]:
        raw = (place / file["path"]).read_bytes()
        file["sha256"], file["size"] = hashlib.sha256(raw).hexdigest(), len(raw)
    listed.write_text(f"{canonical_json({'content': content, 'seal': digest_of(content)})}\n", "utf-8")
