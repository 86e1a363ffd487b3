"""Explaining a stranger's file in a fresh process with few rights; this side never loads a model library.

The process gets copies of the files in a folder of its own, an empty environment, limits from the kernel, no
network
where that is permitted, and is killed with its whole group when it is stopped or takes too long. Whatever it
writes is
checked before it is believed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, cast

from explain.attributions.child import LIBRARIES, Outcome, run_child
from explain.attributions.formats.sniff import DATA_FORMATS, sniff
from explain.attributions.limits import MB, Limits
from explain.attributions.openmp import link_openmp
from explain.attributions.refused import Code, ExplainRefused
from explain.attributions.summary import Isolation, ModelFacts, Summary

PROJECT: Final = Path(__file__).resolve().parents[2]
_NOBODY: Final = 65534
_CHUNK: Final = MB
OnProgress = Callable[[int, int, str], object]
Cancelled = Callable[[], bool]


def explain_files(
    *,
    model_path: Path,
    data_path: Path,
    model_format: str,
    folder: Path,
    method: str = "shap",
    rows: int | None = None,
    seed: int = 0,
    background_path: Path | None = None,
    target_column: str | None = None,
    groups: Sequence[str] = (),
    limits: Limits | None = None,
    on_progress: OnProgress | None = None,
    cancelled: Cancelled | None = None,
    inline_rows: int = 0,
) -> Summary:
    """Explain the first `rows` rows; writes values.parquet, rows.bin and summary.json into `folder` and returns the
    summary.

    `values.parquet` has one float64 column a feature ("feature | class" with several classes), one row a data
    row.
    The answers are held against `target_column`, also by the values of each column of `groups`, which the model need not
    take. `on_progress(done, of, step)` may raise to stop; `cancelled()` true raises ExplainStopped. `inline_rows`:
    put the
    values into the summary when there are at most that many rows. Raises ExplainRefused with one of seven
    codes.
    """
    limits = limits or Limits()
    if rows is not None and rows < 1:
        raise ExplainRefused("malformed_data", "Ask for at least one row.")
    files = {"model": (model_path, limits.model_bytes), "data": (data_path, limits.data_bytes)}
    if background_path is not None:
        files["background"] = (background_path, limits.data_bytes)
    sniff(model_path, model_format)
    for path in (data_path, background_path):
        if path is not None:
            _refuse_unsafe_data(path)
    request = {
        "task": "explain",
        "model_format": model_format,
        "method": method,
        "rows": rows,
        "seed": seed,
        "target_column": target_column,
        "groups": list(groups),
        "inline_rows": inline_rows,
    }
    with _Box(folder, files, request, limits) as box:
        outcome = run_child(box.path, PROJECT, limits, box.user is not None, on_progress, cancelled)
        found = box.read_json("summary.json", set(Summary.__required_keys__) - _ADDED)
        box.keep("values.parquet", limits.file_bytes)
        box.keep("rows.bin", limits.file_bytes)
        found |= {
            "model_sha256": box.hashes["model"],
            "data_sha256": box.hashes["data"],
            "background_sha256": box.hashes.get("background"),
            "peak_mb": outcome.peak_mb,
            "isolation": _isolation(outcome, limits),
        }
    summary = cast(Summary, found)
    _write(folder / "summary.json", {key: value for key, value in summary.items() if key != "inline_values"})
    return summary


def inspect_model(
    *,
    model_path: Path,
    model_format: str,
    folder: Path,
    limits: Limits | None = None,
    cancelled: Cancelled | None = None,
) -> ModelFacts:
    """Features, classes, kind and library of a model, read in the same sandbox. Raises ExplainRefused."""
    limits = limits or Limits()
    sniff(model_path, model_format)
    request = {"task": "inspect", "model_format": model_format}
    with _Box(folder, {"model": (model_path, limits.model_bytes)}, request, limits) as box:
        outcome = run_child(box.path, PROJECT, limits, box.user is not None, None, cancelled)
        found = box.read_json("facts.json", set(ModelFacts.__required_keys__) - _ADDED)
        found |= {"model_sha256": box.hashes["model"], "isolation": _isolation(outcome, limits)}
    return cast(ModelFacts, found)


_ADDED: Final = {"model_sha256", "data_sha256", "background_sha256", "peak_mb", "isolation"}


def _refuse_unsafe_data(path: Path) -> None:
    try:
        found = sniff(path)
    except ExplainRefused as refused:
        if refused.code == "unsafe_format":
            raise
        found = ""
    if found not in DATA_FORMATS:
        raise ExplainRefused(
            "malformed_data",
            f"The file {path.name!r} is neither CSV nor Parquet. Export the rows as one of the two.",
        )


def _isolation(outcome: Outcome, limits: Limits) -> Isolation:
    return Isolation(
        process="a fresh process with an empty environment",
        user=outcome.isolation.get("user", "unknown"),
        network=outcome.isolation.get("network", "unknown"),
        filesystem=outcome.isolation.get("filesystem", "unknown"),
        memory_mb=limits.memory_bytes // MB,
        cpu_seconds=limits.cpu_seconds,
        wall_seconds=limits.wall_seconds,
    )


def _write(path: Path, content: dict[str, Any]) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(content, allow_nan=False))
    part.replace(path)


class _Box:
    """A folder inside the job's folder that the child owns: copies of the inputs, the request, later the
    results."""

    def __init__(
        self, folder: Path, files: dict[str, tuple[Path, int]], request: dict[str, Any], limits: Limits
    ) -> None:
        self.folder, self._files, self._request, self._limits = folder, files, request, limits
        self.hashes: dict[str, str] = {}
        self.user: tuple[int, int] | None = None

    def __enter__(self) -> _Box:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path = Path(tempfile.mkdtemp(prefix="box-", dir=self.folder)).resolve()
        try:
            for name, (source, most) in self._files.items():
                self.hashes[name] = _copy(source, self.path / name, most)
            if self._limits.unprivileged and os.geteuid() == 0 and others_can_run():
                self.user = (_NOBODY, _NOBODY)
            link_openmp(self.path / LIBRARIES)
            request = self._request | {
                name: name if name in self._files else None for name in ("model", "data", "background")
            }
            request |= {"limits": self._limits.as_dict(), "user": self.user}
            (self.path / "request.json").write_text(json.dumps(request))
            if self.user is not None:
                for name in self._files:
                    os.chown(self.path / name, *self.user)
                os.chown(self.path / "request.json", *self.user)
                os.chown(self.path, *self.user)
        except BaseException:
            shutil.rmtree(self.path, ignore_errors=True)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def read_json(self, name: str, keys: set[str]) -> dict[str, Any]:
        """A JSON object the child wrote, with all the keys. Raises ExplainRefused(model_crashed) for anything
        else."""
        try:
            place = self._open(name, 256 * MB)
            with os.fdopen(place, "rb") as file:
                found = json.load(file, parse_constant=_no_constant)
        except (OSError, ValueError, RecursionError) as error:
            raise _unbelievable() from error
        if not isinstance(found, dict) or not keys <= set(found):
            raise _unbelievable()
        return found

    def keep(self, name: str, most: int) -> None:
        """Move a file the child wrote into the job's folder; the child has ended, so nobody can exchange
        it."""
        try:
            os.close(self._open(name, most))
            if self.user is not None:
                os.chown(self.path / name, os.geteuid(), os.getegid(), follow_symlinks=False)
            (self.path / name).replace(self.folder / name)
        except OSError as error:
            raise _unbelievable() from error

    def _open(self, name: str, most: int) -> int:
        place = os.open(self.path / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        facts = os.fstat(place)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > most or facts.st_nlink != 1:
            os.close(place)
            raise OSError("not a plain file")
        return place


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _unbelievable() -> ExplainRefused:
    code: Code = "model_crashed"
    return ExplainRefused(code, "The computation ended without a usable result, so the model was rejected.")


def _copy(source: Path, target: Path, most: int) -> str:
    """Copy at most `most` bytes; returns the SHA-256 of what was copied."""
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as incoming, target.open("xb") as outgoing:
        while chunk := incoming.read(_CHUNK):
            size += len(chunk)
            if size > most:
                raise ExplainRefused(
                    "limit_exceeded",
                    f"The file {source.name!r} is larger than {most:,} bytes, which is the most that is read.",
                )
            digest.update(chunk)
            outgoing.write(chunk)
    return digest.hexdigest()


def others_can_run() -> bool:
    """Whether an unprivileged user can reach the interpreter, its libraries and this package."""
    places = {
        Path(sys.executable).resolve(),
        Path(os.__file__).resolve(),
        Path(sys.prefix).resolve() / "lib",
        Path(__file__).resolve(),
    }
    for place in places:
        if not place.stat().st_mode & stat.S_IROTH:
            return False
        if not all(parent.stat().st_mode & stat.S_IXOTH for parent in place.parents):
            return False
    return True
