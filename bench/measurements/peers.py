"""SHAP values beside shapash and explainerdashboard: the same files and rows, each tool in a process of its own.

Both sides have computed a few rows before they are timed. The other tools live in an environment of their own
(`make peers`), so each process has the libraries that its tool asks for.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

import numpy as np

from bench.pairing import Line, interleaved, line
from bench.running import Skipped
from bench.surroundings import DATA
from bench.tools import Broke, Tool, TooLong, running
from bench.trees import Model, goal, models, rounds, rows, sizes

PEERS: Final = Path(__file__).parents[2] / ".venv-peers" / "bin" / "python"
# What each tool does, and its name where there is little room.
TOOLS: Final = {
    "shapash": ("shapash's SmartExplainer.compile", "shapash"),
    "explainerdashboard": ("explainerdashboard's RegressionExplainer.get_shap_values_df", "dashboard"),
}
PATIENCE: Final = 600.0  # seconds that one answer may take
FEW: Final = 50


def measure(full: bool) -> Iterator[Line]:
    """Time and peak memory for each family, size and tool; values must agree."""
    if not PEERS.exists():
        raise Skipped("shapash and explainerdashboard are not here: `make peers` installs them in .venv-peers")
    if not Path("/proc/self/status").exists():
        raise Skipped("peak memory of a process is read from /proc, which this system does not have")
    array = DATA / "rows.npy"
    np.save(array, rows())
    for model in models(full):
        for tool in TOOLS:
            yield from _beside(tool, model, array, sizes(full))


def _beside(tool: str, model: Model, array: Path, counts: tuple[int, ...]) -> Iterator[Line]:
    """A line for each size, the last of them the one at which the tool takes too long; then memory."""
    with _process("tollgate", model, array) as ours, _process(tool, model, array) as other:
        peaks: list[tuple[float, float]] = []
        does, short = TOOLS[tool]
        beside = f"{does} on the same model and rows"
        for count in counts:
            name = f"{model.family}, {count:,}, {short}"
            try:
                if not peaks:
                    note = _warm(ours, other)
                pairs = interleaved(lambda n=count: ours.ask(n), lambda n=count: other.ask(n), rounds(count))  # type: ignore[misc]
            except TooLong:
                own = ours.ask(count)["seconds"]
                yield line(
                    name, "s", [(own, PATIENCE)], beside=beside, goal=goal(model, count),
                    note=f"{tool} was ended after {PATIENCE:.0f} seconds without an answer, so the true ratio is lower",
                )  # fmt: skip
                break
            except Broke as broke:
                raise RuntimeError(f"{tool} cannot explain {model.name}: {broke}") from broke
            peaks.append((pairs[-1][0]["peak_mb"], pairs[-1][1]["peak_mb"]))
            yield line(
                name, "s", ((a["seconds"], b["seconds"]) for a, b in pairs), beside=beside, goal=goal(model, count),
                note=f"{model.name}; {note}" if len(peaks) == 1 else "",
            )  # fmt: skip
        if peaks:
            yield line(
                f"{model.family}, {short}: memory", "MB", peaks[-1:], beside=beside,
                note=f"the whole process with its libraries, up to {counts[len(peaks) - 1]:,} rows",
            )  # fmt: skip


def _warm(ours: Tool, other: Tool) -> str:
    """A few rows by both, whose values must agree; says where the two compute with other versions."""
    files = [DATA / f"few-{place}.npy" for place in range(2)]
    told = [process.ask(FEW, file) for process, file in zip((ours, other), files, strict=True)]
    found, wanted = (np.load(file) for file in files)
    if found.shape != wanted.shape or not np.allclose(found, wanted, atol=1e-4):
        raise RuntimeError("The two tools differ, so their times say nothing.")
    mine, theirs = (each["versions"] for each in told)
    others = [
        f"{name} {theirs[name]}, ours {mine[name]}" for name in mine if name in theirs and theirs[name] != mine[name]
    ]
    tools = [f"{name} {theirs[name]}" for name in TOOLS if name in theirs]
    return "; ".join([*tools, *others])


def _process(tool: str, model: Model, array: Path) -> AbstractContextManager[Tool]:
    python = Path(sys.executable) if tool == "tollgate" else PEERS
    return running(python, tool, model.model_format, model.path, array, patience=PATIENCE, home=DATA)
