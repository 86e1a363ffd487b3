"""A plan that came out of the sandbox, checked before it is believed: every size in it must be that of its files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from explain.attributions.box import Box, unbelievable
from explain.attributions.limits import MB, Limits
from explain.attributions.planned import NUMBER_BYTES, PlanFacts, spans

_MOST_SHARDS: Final = 10_000


class Planned(Exception):  # noqa: N818 - not an error: there are more rows than one shard has
    """The rows are explained shard by shard; the plan lies in the folder. `bound`: hashes of the files it was made on."""

    def __init__(self, plan: PlanFacts, bound: dict[str, Any]) -> None:
        super().__init__("The rows are explained in shards.")
        self.plan = plan
        self.bound = bound


@dataclass(frozen=True)
class Shard:
    """Rows for one process, from `first` on (counted from 0), and the SHA-256 of their numbers."""

    number: int
    first: int
    rows: int
    sha256: str


def keep_plan(box: Box, limits: Limits) -> PlanFacts:
    """Move the plan's files out of the box. Raises ExplainRefused(model_crashed) for what does not fit together."""
    found = box.read_json("plan.json", set(PlanFacts.__required_keys__))
    if not _is_sound(found, limits):
        raise unbelievable()
    plan = cast(PlanFacts, found)
    sizes = {"data.bin": plan["rows_in_file"] * len(plan["features"]) * NUMBER_BYTES}
    for name in ("plan.json", "plan.npz", "beside.npz", *sizes):
        box.keep(name, limits.file_bytes)
    if any(box.size(name) != size for name, size in sizes.items()):
        raise unbelievable()
    return plan


def _is_sound(found: dict[str, Any], limits: Limits) -> bool:
    names, outputs, columns = found["features"], found["outputs"], found["columns"]
    lists = (names, outputs, columns, found["classes"])
    numbers = ("rows", "rows_in_file", "shard_rows", "batch_rows", "row_numbers")
    return (
        all(isinstance(one, list) and all(isinstance(name, str) for name in one) for one in lists)
        and all(type(found[name]) is int and found[name] >= 0 for name in numbers)
        and type(found["one_by_one"]) is bool
        and isinstance(found["named"], list)
        and isinstance(found["beside"], dict)
        and type(found["seconds"]) is float
        and isinstance(found["versions"], dict)
        and isinstance(found["engine"], dict)
        and 0 < len(names) <= limits.columns
        and 0 < len(outputs) <= max(1, limits.classes)
        and len(columns) == len(names) * len(outputs)
        and 0 < found["rows"] <= found["rows_in_file"]
        and found["rows"] <= max(1, found["shard_rows"]) * _MOST_SHARDS
        and found["shard_rows"] > 0
        and found["row_numbers"] in (0, len(names) * (1 + len(outputs)) + len(outputs))
    )


def shards_of(plan: PlanFacts, folder: Path) -> list[Shard]:
    """The shards of a plan whose files lie in `folder`."""
    width = len(plan["features"]) * NUMBER_BYTES
    with (folder / "data.bin").open("rb") as file:
        return [
            Shard(number, first, rows, _sha256_of_next(file, rows * width))
            for number, (first, rows) in enumerate(spans(plan))
        ]


def _sha256_of_next(file: Any, size: int) -> str:
    digest = hashlib.sha256()
    while size > 0 and (chunk := file.read(min(MB, size))):
        digest.update(chunk)
        size -= len(chunk)
    return digest.hexdigest()
