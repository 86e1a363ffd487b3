"""A closer look at the strongest features of the output in focus, for which the model is asked once more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from explain.attributions.engines.fast.interactions import interactions_of
from explain.attributions.engines.result import Engine, Floats, Opened
from explain.attributions.interplay_shapes import Interplay
from explain.attributions.performance.truth import Column
from explain.attributions.planned import PlanFacts
from explain.attributions.worker.answers import answerer_of
from explain.attributions.worker.cohorts import cohorts
from explain.attributions.worker.curves import curves
from explain.attributions.worker.interplay import interplay

ROWS: Final = 200  # in which features are looked at in pairs


@dataclass(frozen=True)
class InFocus:
    """The analysed rows, and what was found of output `focus`: `numbers` are their places in the file, from 0; values and
    found (rows, features); mean_abs (features,) is over all rows; `base` is the base value."""

    focus: int
    numbers: npt.NDArray[np.intp]
    values: Floats
    found: Floats
    mean_abs: Floats
    base: float


def look_closer(
    plan: PlanFacts, opened: Opened, engine: Engine, rows: InFocus, columns: Mapping[str, Column]
) -> dict[str, Any]:
    """The fields `curves`, `cohorts`, `interplay` and `interplay_why` of Summary. `columns` hold a value for each explained
    row."""
    features = plan["features"]
    groups = [columns[name] for name in plan["beside"]["groups"] if name in columns]
    together, why = _together(plan, opened, engine, rows)
    return {
        "curves": curves(
            features,
            rows.values,
            rows.numbers,
            rows.mean_abs,
            engine.raw,
            answerer_of(plan),
            focus=rows.focus,
            seed=plan["seed"],
        ),
        "cohorts": cohorts(
            features,
            rows.values,
            rows.found,
            rows.mean_abs,
            [Column(group.name, group.values[rows.numbers], group.words) for group in groups],
        ),
        "interplay": together,
        "interplay_why": why,
    }


def _together(plan: PlanFacts, opened: Opened, engine: Engine, rows: InFocus) -> tuple[Interplay | None, str]:
    if plan["method"] != "shap":
        return None, "How features work together is part of explanations by SHAP; LIME gives a line around each row."
    chosen = np.arange(len(rows.values))
    if len(chosen) > ROWS:
        chosen = np.sort(np.random.default_rng(plan["seed"]).choice(len(chosen), ROWS, replace=False))
    values = np.ascontiguousarray(rows.values[chosen])
    found = interactions_of(engine, opened, values, rows.focus, rows.found[chosen])
    if found.values is None:
        return None, found.why
    one_chance = plan["engine"]["output_space"] == "log-odds" and len(plan["outputs"]) == 1
    told = interplay(
        plan["features"],
        values[found.places],
        found.values,
        mean_abs=rows.mean_abs,
        by_category=found.by_category,
        base=rows.base if one_chance else None,
    )
    return told, found.why
