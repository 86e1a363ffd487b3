"""The steps after a plan: one shard in a sandbox of its own, and the parts of all shards joined in another."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

from explain.attributions.box import Box, Input, unbelievable
from explain.attributions.child import run_child
from explain.attributions.formats.sniff import sniff
from explain.attributions.limits import MB, Limits
from explain.attributions.planned import NUMBER_BYTES, PartFacts, PlanFacts, part_files
from explain.attributions.plans import Shard
from explain.attributions.refused import ExplainRefused
from explain.attributions.sandbox import ADDED, PROJECT, Cancelled, OnProgress, isolation_of
from explain.attributions.summary import Summary

# One thread for each shard: what is shared among workers is not shared once more among threads.
THREADS: Final = 1
_JOINED: Final = ("values", "predictions", "digest")


class Damaged(Exception):  # noqa: N818 - a file of ours, not of the person who asked
    """A file between two steps is not the one that was written."""


def explain_shard(
    *,
    plan: PlanFacts,
    shard: Shard,
    plan_folder: Path,
    model_path: Path,
    model_format: str,
    model_sha256: str,
    folder: Path,
    limits: Limits,
    on_progress: OnProgress | None = None,
    cancelled: Cancelled | None = None,
) -> PartFacts:
    """Explain the rows of one shard; writes the files of `part_files` into `folder`.

    Raises ExplainRefused as `explain_files` does, and Damaged.
    """
    limits = replace(limits, threads=min(THREADS, limits.threads))
    sniff(model_path, model_format)
    width = len(plan["features"]) * NUMBER_BYTES
    rows = Input(plan_folder / "data.bin", limits.file_bytes, shard.first * width, shard.rows * width)
    files = {
        "model": Input(model_path, limits.model_bytes),
        "plan.npz": Input(plan_folder / "plan.npz", limits.file_bytes),
        "data.bin": rows,
    }
    request = {
        "task": "shard",
        "model_format": model_format,
        "plan": plan,
        "number": shard.number,
        "first": shard.first,
    }
    names = part_files(shard.number)
    with Box(folder, files, request, limits) as box:
        if box.hashes["data.bin"] != shard.sha256:
            raise Damaged(f"The rows of part {shard.number + 1} are not the ones that were planned.")
        _refuse_strange_model(box.hashes["model"], model_sha256)
        outcome = run_child(box.path, PROJECT, limits, box.user is not None, on_progress, cancelled)
        found = cast(PartFacts, box.read_json(names["facts"], set(PartFacts.__required_keys__)))
        if not _is_sound(found, shard):
            raise unbelievable()
        sizes = {
            names["rows"]: shard.rows * plan["row_numbers"] * NUMBER_BYTES,
            names["predictions"]: shard.rows * len(plan["outputs"]) * NUMBER_BYTES,
        }
        for name in (names["values"], names["digest"], *sizes):
            box.keep(name, limits.file_bytes)
        if any(box.size(name) != size for name, size in sizes.items()):
            raise unbelievable()
    return PartFacts(
        number=shard.number,
        first=shard.first,
        rows=shard.rows,
        max_additivity_error=float(found["max_additivity_error"]),
        recomputed_rows=found["recomputed_rows"],
        engine=str(found["engine"])[:80],
        chosen_because=str(found["chosen_because"])[:2000],
        versions={str(name)[:80]: str(told)[:80] for name, told in found["versions"].items()},
        seconds=float(found["seconds"]),
        peak_mb=outcome.peak_mb,
    )


def _refuse_strange_model(found: str, uploaded: str) -> None:
    if found != uploaded:
        raise ExplainRefused(
            "malformed_model",
            "The stored model is not the one that was uploaded: its fingerprint differs. Upload it again.",
        )


def _is_sound(found: PartFacts, shard: Shard) -> bool:
    said = (found["number"], found["first"], found["rows"])
    return (
        said == (shard.number, shard.first, shard.rows)
        and all(type(found[name]) in (int, float) for name in ("max_additivity_error", "seconds"))
        and type(found["recomputed_rows"]) is int
        and 0 <= found["recomputed_rows"] <= shard.rows
        and isinstance(found["versions"], dict)
    )


def join_parts(
    *,
    plan: PlanFacts,
    bound: dict[str, Any],
    plan_folder: Path,
    model_path: Path,
    model_format: str,
    parts: list[tuple[PartFacts, Path, dict[str, str]]],
    folder: Path,
    limits: Limits,
    on_progress: OnProgress | None = None,
    cancelled: Cancelled | None = None,
) -> Summary:
    """The same result as `explain_files` from the parts of all shards: each its facts, its folder, and the SHA-256 of its
    files by name; `bound` is that of Planned.

    Raises ExplainRefused as `explain_files` does, and Damaged for a part that is not the one that was stored.
    """
    facts = [part for part, _, _ in parts]
    files: dict[str, Input] = {}
    stored: dict[str, str] = {}
    for part, place, hashes in parts:
        names = part_files(part["number"])
        files |= {names[what]: Input(place / names[what], limits.file_bytes) for what in _JOINED}
        stored |= {names[what]: hashes[names[what]] for what in _JOINED}
    files |= {name: Input(plan_folder / name, limits.file_bytes) for name in ("beside.npz", "plan.npz")}
    files["model"] = Input(model_path, limits.model_bytes)
    sniff(model_path, model_format)
    request = {"task": "join", "model_format": model_format, "plan": plan, "parts": facts}
    with Box(folder, files, request, limits) as box:
        if any(box.hashes[name] != told for name, told in stored.items()):
            raise Damaged("A part of the explanation is not the one that was stored.")
        _refuse_strange_model(box.hashes["model"], bound["model_sha256"])
        outcome = run_child(box.path, PROJECT, limits, box.user is not None, on_progress, cancelled)
        found = box.read_json("summary.json", set(Summary.__required_keys__) - ADDED)
        box.keep("values.parquet", limits.file_bytes)
    _join_records(parts, folder / "rows.bin")
    found |= {name: bound[name] for name in ("model_sha256", "data_sha256", "background_sha256")}
    found |= {
        "seconds": round(found["seconds"] + plan["seconds"] + sum(part["seconds"] for part in facts), 3),
        "peak_mb": max(outcome.peak_mb, float(bound["peak_mb"]), *(part["peak_mb"] for part in facts)),
        "isolation": isolation_of(outcome, limits),
    }
    return cast(Summary, found)


def _join_records(parts: list[tuple[PartFacts, Path, dict[str, str]]], target: Path) -> None:
    """The records of all rows, one after the other; plain bytes that nobody needs to understand here."""
    with target.open("wb") as whole:
        for part, place, hashes in parts:
            name, digest = part_files(part["number"])["rows"], hashlib.sha256()
            with (place / name).open("rb") as file:
                while chunk := file.read(MB):
                    digest.update(chunk)
                    whole.write(chunk)
            if digest.hexdigest() != hashes[name]:
                raise Damaged("A part of the explanation is not the one that was stored.")
