"""The last step: the parts of all shards become one file of values and one summary."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet

from explain.attributions.engines.result import Engine, Floats, Opened
from explain.attributions.planned import PartFacts, PlanFacts, part_files
from explain.attributions.worker import digest
from explain.attributions.worker.answers import columns_beside, measured
from explain.attributions.worker.closer import InFocus, look_closer
from explain.attributions.worker.plan import mapped
from explain.attributions.worker.report import Reporter
from explain.attributions.worker.shard import analysed


@dataclass(frozen=True)
class _Joined:
    """Sums over all rows, and the analysed ones: values (rows, features), found (rows, features, outputs), predictions
    (rows, outputs), bases (rows, outputs); fits (rows, outputs) of local models, no rows for others."""

    total: Floats
    spread: float | None
    values: Floats
    found: Floats
    predictions: Floats
    bases: Floats
    fits: Floats

    @property
    def base(self) -> Floats:
        """The base value of each output: that of every row, or for local models the mean of theirs."""
        first: Floats = self.bases[0]
        return first if (self.bases == first).all() else self.bases.mean(axis=0)


def merge(
    plan: PlanFacts, opened: Opened, engine: Engine, parts: list[PartFacts], report: Reporter, *, inline_rows: int = 0
) -> dict[str, Any]:
    """Writes values.parquet and gives the fields of Summary that the sandbox knows; the parent adds the others.

    The files of the parts lie in the current folder. They go as they are read. `engine` is
    asked for answers alone.
    """
    predictions = all_predictions(plan, parts)
    _join_values(plan, parts, report)
    report.progress(plan["rows"], plan["rows"], "summarising")
    joined, columns = _joined(plan, parts), columns_beside(plan)
    summary = _summary(plan, parts, joined) | measured(plan, columns, predictions)
    report.progress(plan["rows"], plan["rows"], "asking the model about its strongest features")
    summary |= look_closer(plan, opened, engine, _in_focus(plan, joined), columns)
    if plan["rows"] <= inline_rows:
        summary["inline_values"] = _inline(plan)
    return summary


def all_predictions(plan: PlanFacts, parts: list[PartFacts]) -> Floats:
    """Raw predictions of every explained row (rows, outputs), mapped from one file."""
    with Path("predictions.bin").open("wb") as whole:
        for part in parts:
            whole.write(Path(part_files(part["number"])["predictions"]).read_bytes())
    predictions = mapped("predictions.bin", len(plan["outputs"]))
    if len(predictions) != plan["rows"]:
        raise ValueError("The parts do not hold the number of rows that was planned.")
    return predictions


def _join_values(plan: PlanFacts, parts: list[PartFacts], report: Reporter) -> None:
    """One Parquet file of all values, written row group by row group."""
    if len(parts) == 1:
        Path(part_files(parts[0]["number"])["values"]).rename("values.parquet")
        return
    done = 0
    schema = pyarrow.schema([(column, pyarrow.float64()) for column in plan["columns"]])
    with pyarrow.parquet.ParquetWriter("values.parquet", schema, compression="zstd") as writer:
        for part in parts:
            path = Path(part_files(part["number"])["values"])
            with pyarrow.parquet.ParquetFile(path) as file:
                if file.metadata.num_rows != part["rows"] or not file.schema_arrow.equals(schema):
                    raise ValueError("A part does not hold the values that were planned.")
                for group in range(file.num_row_groups):
                    writer.write_table(file.read_row_group(group, use_threads=False))
            path.unlink()
            done += part["rows"]
            report.progress(done, plan["rows"], "joining the parts")


def _joined(plan: PlanFacts, parts: list[PartFacts]) -> _Joined:
    total = np.zeros((len(plan["features"]), len(plan["outputs"])))
    spread, has_spread = 0.0, False
    kept: list[dict[str, Floats]] = []
    for part in parts:
        with np.load(part_files(part["number"])["digest"], allow_pickle=False) as file:
            for one in file["sums"]:
                total += one
            for size in file["spreads"]:
                spread, has_spread = spread + float(size), True
            kept.append({name: file[name] for name in ("values", "kept", "predictions", "bases", "fits")})
    return _Joined(
        total=total,
        spread=spread if has_spread else None,
        values=np.concatenate([one["values"] for one in kept]),
        found=np.concatenate([one["kept"] for one in kept]),
        predictions=np.concatenate([one["predictions"] for one in kept]),
        bases=np.concatenate([one["bases"] for one in kept]),
        fits=np.concatenate([one["fits"] for one in kept]),
    )


def _inline(plan: PlanFacts) -> list[Any]:
    table = pyarrow.parquet.read_table("values.parquet")
    values = np.column_stack([column.to_numpy() for column in table.columns])
    outputs = len(plan["outputs"])
    plain: list[Any] = (values if outputs == 1 else values.reshape(len(values), -1, outputs)).tolist()
    return plain


def _summary(plan: PlanFacts, parts: list[PartFacts], joined: _Joined) -> dict[str, Any]:
    features, outputs, seed, engine = plan["features"], plan["outputs"], plan["seed"], plan["engine"]
    numbers, found, values, base = analysed(plan), joined.found, joined.values, joined.base
    mean_abs = joined.total / plan["rows"]
    overall = mean_abs.mean(axis=1)
    focus = int(mean_abs.sum(axis=0).argmax())
    by_output = {
        name: digest.drivers(
            features,
            values,
            found[:, :, place],
            mean_abs[:, place],
            float(base[place]),
            log_odds=engine["output_space"] == "log-odds" and len(outputs) == 1,
        )
        for place, name in enumerate(outputs)
    }
    sample, sampling = digest.row_sample(
        numbers, values, found, joined.bases, joined.predictions, joined.fits, seed=seed
    )
    scale = float(joined.total.sum())
    return {
        "engine": " and ".join(dict.fromkeys(part["engine"] for part in parts))[:80],
        "method": plan["method"],
        "output_space": engine["output_space"],
        "kind": plan["kind"],
        "classes": plan["classes"],
        "outputs": outputs,
        "features": features,
        "rows": plan["rows"],
        "rows_in_file": plan["rows_in_file"],
        "base_values": base.tolist(),
        "mean_abs": {name: float(size) for name, size in zip(features, overall, strict=True)},
        "max_additivity_error": max(part["max_additivity_error"] for part in parts),
        "recomputed_rows": sum(part["recomputed_rows"] for part in parts),
        "seed_spread": None if joined.spread is None else joined.spread / scale if scale else 0.0,
        "background": engine["background"],
        "versions": _versions(plan, parts),
        "chosen_because": _chosen_because(plan, parts),
        "seed": seed,
        "focus": outputs[focus],
        "analysed_rows": len(found),
        "drivers": by_output[outputs[focus]],
        "drivers_by_output": by_output,
        "beeswarm": digest.beeswarm(
            features,
            values,
            found[:, :, focus],
            mean_abs[:, focus],
            class_name=outputs[focus] or None,
            of=plan["rows"],
            seed=seed,
        ),
        "partners": digest.partners(features, values, found[:, :, focus], mean_abs[:, focus], seed=seed),
        "row_sample": sample,
        "row_sampling": sampling,
        "row_numbers": plan["row_numbers"],
        "stability": digest.stability(found, seed=seed),
        "columns": plan["columns"],
    } | ({"local_fit": digest.local_fit(joined.fits[:, focus])} if len(joined.fits) else {})


def _in_focus(plan: PlanFacts, joined: _Joined) -> InFocus:
    mean_abs = joined.total / plan["rows"]
    focus = int(mean_abs.sum(axis=0).argmax())
    return InFocus(
        focus, analysed(plan), joined.values, joined.found[:, :, focus], mean_abs[:, focus], float(joined.base[focus])
    )


def _chosen_because(plan: PlanFacts, parts: list[PartFacts]) -> str:
    """Why this engine; and of how many parts it was set aside, where that was not so for all of them."""
    aside = [part for part in parts if part["engine"] != plan["engine"]["name"]]
    if not aside:
        return plan["engine"]["chosen_because"]
    if len(aside) == len(parts):
        return parts[0]["chosen_because"]
    return (
        f"{plan['engine']['chosen_because']} In {len(aside)} of {len(parts)} parts it was set aside: "
        f"{aside[0]['chosen_because']}"
    )


def _versions(plan: PlanFacts, parts: list[PartFacts]) -> dict[str, str]:
    """Of the libraries; all that were used, where the workers have different ones."""
    return {
        name: " and ".join(sorted({told, *(part["versions"].get(name, told) for part in parts)}))
        for name, told in plan["versions"].items()
    }
