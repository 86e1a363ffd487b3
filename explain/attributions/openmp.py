"""The OpenMP runtime for LightGBM, whose wheel brings none: the one that scikit-learn's wheel carries.

A slim image has no libgomp.so.1, and scikit-learn's copy has a name of its own, under which the system's loader does not
find it. So a process that is to load LightGBM is started with a folder in which that copy bears the usual name. It reads
file names only; no library is imported.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Final

NAME: Final = "libgomp.so.1"
VARIABLE: Final = "LD_LIBRARY_PATH"


def bundled_openmp() -> Path | None:
    """The runtime inside scikit-learn's wheel, or None where that came from elsewhere (then the system has one)."""
    spec = importlib.util.find_spec("sklearn")
    for package in (spec.submodule_search_locations or []) if spec else []:
        for found in sorted(Path(package).parent.glob("scikit_learn.libs/libgomp-*.so.1*")):
            return found.resolve()
    return None


def link_openmp(folder: Path) -> Path | None:
    """Make `folder` with the runtime under its usual name; returns it, or None when there is nothing to link."""
    runtime = bundled_openmp()
    if runtime is None:
        return None
    folder.mkdir()
    (folder / NAME).symlink_to(runtime)
    return folder
