"""What happens inside the sandbox: a model is looked at; rows are explained at once, or step by step in shards; one row is
explained as it is and as it might be."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, cast

import numpy as np

from explain.attributions.engines.dispatch import open_model
from explain.attributions.engines.result import Engine, Opened
from explain.attributions.formats.sniff import sniff
from explain.attributions.limits import Limits
from explain.attributions.planned import PartFacts, PlanFacts, part_files
from explain.attributions.worker.merge import merge
from explain.attributions.worker.plan import make_plan, mapped, versions_of
from explain.attributions.worker.recipe import engine_again
from explain.attributions.worker.report import Reporter
from explain.attributions.worker.shard import explain_shard
from explain.attributions.worker.what_if import compare_rows


def inspect(request: dict[str, Any], limits: Limits) -> None:
    """Write facts.json about the model of the request. Raises ExplainRefused."""
    path = Path(request["model"])
    opened = open_model(path, sniff(path, request["model_format"]), limits)
    facts = {
        "format": request["model_format"],
        "family": opened.family,
        "library": opened.library,
        "versions": opened.versions,
        "kind": opened.kind,
        "features": list(opened.feature_names),
        "feature_count": opened.feature_count,
        "features_named": bool(opened.feature_names),
        "classes": list(opened.classes),
        "facts": opened.facts,
    }
    Path("facts.json").write_text(json.dumps(facts))


def explain(request: dict[str, Any], limits: Limits, report: Reporter) -> None:
    """Write values.parquet, rows.bin and summary.json in the current folder; where the rows are more than one shard,
    only the plan for them. Raises ExplainRefused."""
    started = time.perf_counter()
    planned = make_plan(request, limits, report)
    plan = planned.facts
    if plan["rows"] > plan["shard_rows"]:
        planned.write()
        return
    values = planned.values[: plan["rows"]]
    explain_shard(plan, planned.engine, values, number=0, first=0, versions=plan["versions"], report=report)
    names = part_files(0)
    Path(names["rows"]).rename("rows.bin")
    part = cast(PartFacts, json.loads(Path(names["facts"]).read_text()))
    _write_summary(
        merge(plan, planned.opened, planned.engine, [part], report, inline_rows=int(request["inline_rows"])), started
    )


def shard(request: dict[str, Any], limits: Limits, report: Reporter) -> None:
    """Write the files of one part in the current folder. Raises ExplainRefused."""
    plan: PlanFacts = request["plan"]
    report.progress(0, 0, "checking the model")
    opened, engine = _planned_engine(request, request["first"], limits)
    explain_shard(
        plan,
        engine,
        mapped("data.bin", len(plan["features"])),
        number=request["number"],
        first=request["first"],
        versions=versions_of(opened, engine),
        report=report,
    )


def join(request: dict[str, Any], limits: Limits, report: Reporter) -> None:
    """Write values.parquet and summary.json in the current folder, from the parts that lie there."""
    started = time.perf_counter()
    opened, engine = _planned_engine(request, 0, limits)
    _write_summary(merge(request["plan"], opened, engine, request["parts"], report), started)


def _planned_engine(request: dict[str, Any], first: int, limits: Limits) -> tuple[Opened, Engine]:
    """The model of the request, and the engine of its plan for rows from `first` on."""
    path = Path(request["model"])
    opened = open_model(path, sniff(path, request["model_format"]), limits)
    with np.load("plan.npz", allow_pickle=False) as file:
        return opened, engine_again(opened, request["plan"], dict(file), first, limits)


def what_if(request: dict[str, Any], limits: Limits, report: Reporter) -> None:
    """Write answer.json in the current folder: a row as it is and as it might be. Raises ExplainRefused."""
    started = time.perf_counter()
    answer = compare_rows(request, limits, report)
    answer["seconds"] = round(time.perf_counter() - started, 3)
    Path("answer.json").write_text(json.dumps(answer, allow_nan=False))


def _write_summary(summary: dict[str, Any], started: float) -> None:
    summary["seconds"] = round(time.perf_counter() - started, 3)
    Path("summary.json").write_text(json.dumps(summary, allow_nan=False))
