"""`python -I bare_engine.py MODEL DATA OUT`: XGBoost's own contributions of all rows at once, with nothing around it.

Prints its peak memory in MB. The reference for the sandbox, which runs the same engine.
"""

import sys
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import xgboost


def main(model: str, data: str, out: str) -> None:
    """Read, compute, write."""
    booster = xgboost.Booster({"nthread": 2})
    booster.load_model(model)
    table = pyarrow.parquet.read_table(data)
    values = np.column_stack([table.column(name).to_numpy() for name in table.column_names])
    rows = xgboost.DMatrix(values, feature_names=table.column_names, nthread=2)
    found = booster.predict(rows, pred_contribs=True)[:, :-1].astype(np.float64)
    columns = {name: found[:, place] for place, name in enumerate(table.column_names)}
    pyarrow.parquet.write_table(pyarrow.table(columns), out, compression="zstd")


def peak_mb() -> float:
    """Largest resident size so far; ru_maxrss would be inherited from whoever started this."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main(*sys.argv[1:])
    print(peak_mb())
