"""Explaining a stranger's file in a fresh process with few rights; this side never loads a model library.

The process gets copies of the files in a folder of its own, an empty environment, limits from the kernel, no network
where that is permitted, and is killed with its whole group when it is stopped or takes too long. Whatever it writes is
checked before it is believed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, cast

from explain.attributions.box import Box, Input
from explain.attributions.child import Outcome, run_child
from explain.attributions.formats.sniff import DATA_FORMATS, sniff
from explain.attributions.limits import MB, Limits
from explain.attributions.plans import Planned, keep_plan
from explain.attributions.refused import ExplainRefused
from explain.attributions.summary import Isolation, ModelFacts, Summary

PROJECT: Final = Path(__file__).resolve().parents[2]
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
    shard_rows: int | None = None,
) -> Summary:
    """Explain the first `rows` rows; writes values.parquet, rows.bin and summary.json into `folder` and returns the
    summary.

    `values.parquet` has one float64 column a feature ("feature | class" with several classes), one row a data
    row.
    The answers are held against `target_column`, also by the values of each column of `groups`, which the model need not
    take. `on_progress(done, of, step)` may raise to stop; `cancelled()` true raises ExplainStopped. `inline_rows`:
    put the
    values into the summary when there are at most that many rows. `shard_rows`: more rows than these are only planned,
    and Planned is raised; the plan's files are in `folder` then. Raises ExplainRefused with one of seven codes.
    """
    limits = limits or Limits()
    if rows is not None and rows < 1:
        raise ExplainRefused("malformed_data", "Ask for at least one row.")
    files = {"model": Input(model_path, limits.model_bytes), "data": Input(data_path, limits.data_bytes)}
    if background_path is not None:
        files["background"] = Input(background_path, limits.data_bytes)
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
        "shard_rows": shard_rows,
    }
    with Box(folder, files, request, limits) as box:
        outcome = run_child(box.path, PROJECT, limits, box.user is not None, on_progress, cancelled)
        bound = {f"{name}_sha256": box.hashes.get(name) for name in ("model", "data", "background")}
        if shard_rows is not None and box.wrote("plan.json"):
            raise Planned(keep_plan(box, limits), {"peak_mb": outcome.peak_mb} | bound)
        found = box.read_json("summary.json", set(Summary.__required_keys__) - ADDED)
        box.keep("values.parquet", limits.file_bytes)
        box.keep("rows.bin", limits.file_bytes)
        found |= bound | {"peak_mb": outcome.peak_mb, "isolation": isolation_of(outcome, limits)}
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
    with Box(folder, {"model": Input(model_path, limits.model_bytes)}, request, limits) as box:
        outcome = run_child(box.path, PROJECT, limits, box.user is not None, None, cancelled)
        found = box.read_json("facts.json", set(ModelFacts.__required_keys__) - ADDED)
        found |= {"model_sha256": box.hashes["model"], "isolation": isolation_of(outcome, limits)}
    return cast(ModelFacts, found)


ADDED: Final = {"model_sha256", "data_sha256", "background_sha256", "peak_mb", "isolation"}


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


def isolation_of(outcome: Outcome, limits: Limits) -> Isolation:
    """What held the child, for the summary."""
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
