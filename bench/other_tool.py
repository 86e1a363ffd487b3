"""`python -I other_tool.py TOOL FORMAT MODEL ROWS`: one tool for explanations in a process of its own.

TOOL is tollgate, shapash or explainerdashboard; MODEL a file of a regression, ROWS an array file. Each line of stdin asks
for the values of that many rows, computed from nothing; a word after the number is a file for them. Each answer is a line
of JSON: seconds, the process's peak memory in MB so far, and what it computes with. A tool that breaks says so.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Explain = Callable[[Any], Any]


def main(tool: str, model_format: str, model: str, rows: str) -> None:
    """Answer until stdin ends. What the tools print goes elsewhere."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    values = np.load(rows)
    explain: Explain | None = None
    for line in sys.stdin:
        count, *target = line.split()
        try:
            explain = explain or TOOLS[tool](Path(model), model_format)
            began = time.perf_counter()
            found = explain(values[: int(count)])
            told: dict[str, Any] = {
                "seconds": time.perf_counter() - began,
                "peak_mb": peak_mb(),
                "versions": versions(),
            }
            if target:
                np.save(target[0], np.asarray(found, float))
        except Exception as error:  # the tool's own: told, and the run goes on without it
            told = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(told), file=answers, flush=True)


def tollgate(path: Path, model_format: str) -> Explain:
    """The engine that a worker chooses, with its guard."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from explain.attributions.engines.dispatch import choose_engine, open_model
    from explain.attributions.limits import Limits

    opened = open_model(path, model_format, Limits())

    def explain(rows: Any) -> Any:
        engine, _ = choose_engine(opened, rows, None, Limits(), 0)
        starts = range(0, len(rows), engine.batch_rows)
        parts = [engine.explain(rows[start : start + engine.batch_rows]).values for start in starts]
        return np.concatenate(parts)[:, :, 0]

    return explain


def shapash(path: Path, model_format: str) -> Explain:
    """SmartExplainer.compile, which also arranges the values for its pages."""
    from shapash import SmartExplainer

    trained = estimator(path, model_format)

    def explain(rows: Any) -> Any:
        made = SmartExplainer(model=trained)
        made.compile(x=frame(rows))
        return made.explainer.contributions

    return explain


def explainerdashboard(path: Path, model_format: str) -> Explain:
    """RegressionExplainer, and its table of values."""
    from explainerdashboard import RegressionExplainer

    trained = estimator(path, model_format)
    return lambda rows: RegressionExplainer(trained, frame(rows), precision="float64").get_shap_values_df()


TOOLS: dict[str, Callable[[Path, str], Explain]] = {
    "tollgate": tollgate,
    "shapash": shapash,
    "explainerdashboard": explainerdashboard,
}


def frame(rows: Any) -> Any:
    """Rows with names for their columns, as these tools want them."""
    import pandas

    return pandas.DataFrame(rows, columns=[f"feature_{place}" for place in range(rows.shape[1])])


def estimator(path: Path, model_format: str) -> Any:
    """The model as its library trained it: these tools know estimators, not files."""
    if model_format == "xgboost-json":
        import xgboost

        boosted = xgboost.XGBRegressor()
        boosted.load_model(path)
        return boosted
    if model_format == "lightgbm-text":
        import lightgbm

        booster = lightgbm.Booster(model_file=str(path))
        some = np.random.default_rng(0).normal(size=(50, booster.num_feature()))
        light = lightgbm.LGBMRegressor(n_estimators=1, verbose=-1).fit(some, some[:, 0])
        light._Booster = booster  # a wrapper is made by training only; of this one nothing else is asked
        return light
    import skops.io

    return skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))


def versions() -> dict[str, str]:
    """Of the libraries that do the work, where they are loaded."""
    names = ("numpy", "xgboost", "lightgbm", "sklearn", "shap", "shapash", "explainerdashboard")
    return {name: sys.modules[name].__version__ for name in names if hasattr(sys.modules.get(name), "__version__")}


def peak_mb() -> float:
    """Largest resident size so far; ru_maxrss would be inherited from whoever started this."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main(*sys.argv[1:])
