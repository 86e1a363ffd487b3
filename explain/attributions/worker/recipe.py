"""An engine chosen on all rows, written down so that a process which sees only some of them has the same one."""

from __future__ import annotations

import dataclasses
from typing import Any, Final, cast

import numpy as np

from explain.attributions.engines.dispatch import MOST_PROVING, choose_engine
from explain.attributions.engines.result import Engine, Floats, Opened
from explain.attributions.limits import Limits
from explain.attributions.planned import EngineFacts, PlanFacts
from explain.attributions.refused import ExplainRefused

HEAD_ROWS: Final = MOST_PROVING
# How many threads there are is the machine's own; how many rows came before is told for each shard.
_OWN: Final = ("threads", "_done")


def facts_of(engine: Engine) -> EngineFacts:
    """The engine in plain data, without its arrays."""
    return EngineFacts(
        name=engine.name,
        type=type(engine).__name__,
        output_space=engine.output_space,
        background=engine.background,
        chosen_because=engine.chosen_because,
        plain={name: value for name, value in _fields(engine) if isinstance(value, (str, int, float, bool))},
    )


def arrays_of(engine: Engine, values: Floats) -> dict[str, Floats]:
    """The engine's arrays, such as a background or means over all rows, and the first rows."""
    arrays = {f"engine {name}": value for name, value in _fields(engine) if isinstance(value, np.ndarray)}
    return arrays | {"head": np.asarray(values[:HEAD_ROWS])}


def engine_again(opened: Opened, plan: PlanFacts, arrays: dict[str, Floats], first: int, limits: Limits) -> Engine:
    """The engine of the plan, for rows from `first` on. Raises ExplainRefused(model_crashed) where it is another."""
    head = arrays["head"]
    # As many rows as there are in all, since their number counts in the choice; the untouched ones take no memory.
    stand_in = np.zeros((plan["rows_in_file"], len(plan["features"])))
    stand_in[: len(head)] = head
    chosen, _ = choose_engine(opened, stand_in, arrays.get("engine background_rows", head), limits, plan["seed"])
    told = plan["engine"]
    if type(chosen).__name__ != told["type"]:
        raise ExplainRefused(
            "model_crashed",
            f"The rows were to be explained by {told['name']}, and a part of them would be by {chosen.name}. "
            "Run the same version of the portal on all workers.",
        )
    own = dict(_fields(chosen))
    changes: dict[str, Any] = {name: value for name, value in told["plain"].items() if name in own}
    changes |= {name: arrays[f"engine {name}"] for name in own if f"engine {name}" in arrays}
    if any(field.name == "_done" for field in dataclasses.fields(cast(Any, chosen))):
        changes["_done"] = first  # the seed of a row is its number in the file
    return cast(Engine, dataclasses.replace(cast(Any, chosen), **changes)) if changes else chosen


def _fields(engine: Engine) -> list[tuple[str, Any]]:
    if not dataclasses.is_dataclass(engine):
        return []
    found = dataclasses.fields(engine)
    return [(field.name, getattr(engine, field.name)) for field in found if field.init and field.name not in _OWN]
