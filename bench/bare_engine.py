"""`python -I bare_engine.py ENGINE MODEL DATA OUT`: values of an XGBoost model for all rows at once, nothing around it.

ENGINE is `own` for XGBoost's contributions, or `tables` for tables of its trees. Prints its peak memory in MB. The
references for the sandbox, which chooses one of the two engines.
"""

import sys
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import xgboost


def main(engine: str, model: str, data: str, out: str) -> None:
    """Read, compute, write."""
    booster = xgboost.Booster({"nthread": 2})
    booster.load_model(model)
    table = pyarrow.parquet.read_table(data)
    values = np.column_stack([table.column(name).to_numpy() for name in table.column_names])
    if engine == "tables":
        found = tables(booster, values)
    else:
        rows = xgboost.DMatrix(values, feature_names=table.column_names, nthread=2)
        found = booster.predict(rows, pred_contribs=True)[:, :-1].astype(np.float64)
    columns = {name: found[:, place] for place, name in enumerate(table.column_names)}
    pyarrow.parquet.write_table(pyarrow.table(columns), out, compression="zstd")


def tables(booster: xgboost.Booster, values: np.ndarray) -> np.ndarray:
    """Shape (rows, features)."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from explain.attributions.engines.fast.lookups import Trees
    from explain.attributions.engines.fast.readers import XGBOOST, xgboost_trees

    trees = xgboost_trees(booster, 0)
    assert trees is not None
    return Trees(trees, XGBOOST, values.shape[1], 1).values(values, len(values))[:, :, 0]


def peak_mb() -> float:
    """Largest resident size so far; ru_maxrss would be inherited from whoever started this."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main(*sys.argv[1:])
    print(peak_mb())
