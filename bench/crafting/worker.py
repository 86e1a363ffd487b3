"""`python -I worker.py FOLDER FIRST STEP WAY`: what a worker does with each STEP-th file of a folder, from the FIRST on.

WAY is how far this process goes by itself before a sandbox is started: `door` looks at what the file is, as an upload
does; `checks` also reads models with the checks in Python that come before a library; `here` opens and explains in this
process, with no sandbox at all. Prints one line of JSON a file, and at the end one on itself. It imports no model library
(but for `here`), so that its memory and that of its children tell them apart.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from explain.attributions.formats.lightgbm_text import read_lightgbm_text
from explain.attributions.formats.onnx_file import read_onnx
from explain.attributions.formats.skops_file import read_skops
from explain.attributions.formats.sniff import DATA_FORMATS, sniff
from explain.attributions.formats.xgboost_json import read_xgboost_json
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused
from explain.attributions.sandbox import explain_files

LIMITS = Limits(evaluations=20_000, wall_seconds=120, cpu_seconds=120)
CHECKS: dict[str, Callable[[Path, Limits], object]] = {
    "xgboost-json": read_xgboost_json,
    "lightgbm-text": read_lightgbm_text,
    "skops": read_skops,
    "onnx": read_onnx,
}


def main(folder: Path, first: int, step: int, way: str) -> None:
    """All files of this worker, one after the other."""
    for case in json.loads((folder / "cases.json").read_text())[first::step]:
        began = time.perf_counter()
        told = looked_at(folder, case, way, folder / f"work-{first}")
        print(json.dumps(case | told | {"seconds": time.perf_counter() - began}), flush=True)
    try:
        left = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
    except ChildProcessError:
        left = False
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(json.dumps({"peak_mb": peak_mb(), "sandbox_mb": children, "children_left": left}), flush=True)


def looked_at(folder: Path, case: dict[str, Any], way: str, work: Path) -> dict[str, str]:
    """How it ended: a code, the message, and at which place. An empty code is no clear answer."""
    place = "door"
    path, declared = folder / case["file"], case["declared"]
    try:
        sniff(path, declared)
        if way != "door" and declared in CHECKS:
            place = "checks"
            CHECKS[declared](path, LIMITS)
        place = "sandbox" if way != "here" else "here"
        if way == "here":
            explained_here(path, declared)
        elif declared in DATA_FORMATS:
            explain_files(
                model_path=folder / "sound.json",
                model_format="xgboost-json",
                data_path=path,
                folder=work,
                limits=LIMITS,
            )
        else:
            explain_files(
                model_path=path, model_format=declared, data_path=folder / "sound.csv", folder=work, limits=LIMITS
            )
    except ExplainRefused as refused:
        return {"code": refused.code, "message": refused.message, "place": place}
    except MemoryError:
        return {"code": "limit_exceeded", "message": "It needs more memory than there is.", "place": place}
    except Exception as error:  # whatever it is, it is no answer, and the next file is looked at all the same
        return {"code": "", "message": repr(error), "place": place}
    return {"code": "explained", "message": "", "place": place}


def explained_here(path: Path, declared: str) -> None:
    """With the libraries in this process, which must stand it."""
    import numpy as np

    from explain.attributions.engines.dispatch import choose_engine, open_model
    from explain.attributions.formats.data_file import read_table

    if declared in DATA_FORMATS:
        read_table(path, LIMITS)
        return
    opened = open_model(path, declared, LIMITS)
    rows = np.random.default_rng(0).normal(size=(4, opened.feature_count)) * 20
    choose_engine(opened, rows, None, LIMITS, 0)[0].explain(rows)


def peak_mb() -> float:
    """Largest resident size of this process so far."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
