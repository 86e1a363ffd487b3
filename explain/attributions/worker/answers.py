"""What is held against the answers of the model to say how good they are: the truth and the groups, by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from explain.attributions.engines.result import Floats, Opened
from explain.attributions.formats.blocks import Block
from explain.attributions.formats.coded import Coder
from explain.attributions.performance.measured import Answerer, measure
from explain.attributions.performance.truth import Column
from explain.attributions.planned import BesideFacts, PlanFacts

BESIDE: Final = "beside.npz"


@dataclass
class Beside:
    """Takes in the columns that are held against the answers, block by block; the model may take some of them too.

    `target` and `groups` as they were asked for; `written`: the column of the file for each of them that is there.
    """

    target: str | None
    groups: tuple[str, ...]
    written: dict[str, str]
    _coders: dict[str, Coder] = field(default_factory=dict)
    _numbers: dict[str, list[Floats]] = field(default_factory=dict)

    def add(self, columns: Sequence[str], block: Block) -> None:
        """The next rows."""
        for name, column in self.written.items():
            if column in block.texts:
                self._coders.setdefault(name, Coder()).add(block.texts[column])
            else:
                self._numbers.setdefault(name, []).append(block.values[:, columns.index(column)].copy())

    def write(self, points: str) -> BesideFacts:
        """beside.npz with one array a column, and what is to be known of them; `points` are the decimal signs."""
        arrays = {name: np.concatenate(parts) for name, parts in self._numbers.items()}
        words: dict[str, list[str]] = {}
        for name, coder in self._coders.items():
            arrays[name], found = coder.finish(points)
            words[name] = list(found)
        names = [name for name in self.written if name in arrays]
        np.savez(Path(BESIDE), allow_pickle=False, **{f"column{at}": arrays[name] for at, name in enumerate(names)})
        return BesideFacts(
            target=self.target,
            groups=list(self.groups),
            columns=names,
            words=[words.get(name, []) for name in names],
        )


def beside_of(columns: Sequence[str], target: str | None, groups: Sequence[str], space: str = " ") -> Beside:
    """`space` is what the model's library writes for a space in a name."""
    written = {column.replace(" ", space): column for column in columns} | {name: name for name in columns}
    return Beside(
        target, tuple(groups), {name: written[name] for name in (target, *groups) if name and name in written}
    )


def one_by_one(opened: Opened) -> bool:
    """Whether the log-odds of each class stand by themselves: one class against all others."""
    return opened.facts.get("objective") == "multiclassova" or opened.facts.get("estimator") == "SGDClassifier"


def columns_beside(plan: PlanFacts) -> dict[str, Column]:
    """What is held against the answers, by name: one value for each explained row. Reads beside.npz."""
    told = plan["beside"]
    with np.load(BESIDE, allow_pickle=False) as file:
        columns = {
            # an engine with a budget may explain fewer rows than the file has
            name: Column(name, np.asarray(file[f"column{at}"], np.float64)[: plan["rows"]], tuple(words))
            for at, (name, words) in enumerate(zip(told["columns"], told["words"], strict=True))
        }
    if any(len(column.values) != plan["rows"] for column in columns.values()):
        raise ValueError("The columns beside the rows are not as long as was planned.")
    return columns


def answerer_of(plan: PlanFacts) -> Answerer:
    """What must be known of the plan's model to read its output."""
    return Answerer(plan["kind"], tuple(plan["classes"]), plan["engine"]["output_space"], plan["one_by_one"])


def measured(plan: PlanFacts, columns: Mapping[str, Column], predictions: Floats) -> dict[str, Any]:
    """The fields of the summary that tell how well the model answers. `predictions`: raw, shape (rows, outputs)."""
    told = plan["beside"]
    truth = columns.get(told["target"]) if told["target"] else None
    if truth is not None and truth.name in plan["named"]:
        found, why = (
            None,
            (
                f"The model takes the target column {truth.name!r} as a feature, so it cannot be held against it. Name the "
                "column with the outcome as the target, and upload the rows again."
            ),
        )
    else:
        found, why = measure(
            answerer_of(plan),
            # without a truth there is nothing to hold the answers against
            predictions if truth is not None else predictions[:0],
            truth,
            [columns[name] for name in told["groups"] if name in columns] if truth is not None else [],
            missing=[name for name in told["groups"] if name not in columns],
            seed=plan["seed"],
        )
        if truth is None and told["target"]:
            why = (
                f"The data file has no column {told['target']!r}, which was named as the target. Upload the rows "
                "with their known outcomes, and name that column."
            )
    return {"performance": found, "performance_why": why, "groups_asked": told["groups"]}
