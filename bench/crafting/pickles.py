"""Pickles under other names and in other wraps. Whoever loads one makes a folder, which tells on him."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import pickle  # nosec B403 - written here, and loaded only to see that a planted one works
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.crafting.skops_archive import entries_of, npy, packed

NAMES: Final = (
    ("model.json", "xgboost-json"), ("model.txt", "lightgbm-text"), ("model.skops", "skops"), ("model.onnx", "onnx"),
    ("model.pkl", "skops"), ("model.joblib", "skops"), ("rows.csv", "csv"), ("rows.parquet", "parquet"),
)  # fmt: skip
_WRAPS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress, "zlib": zlib.compress,
    "lz4": lambda raw: b'\x04"M\x18' + raw, "zstd": lambda raw: b"\x28\xb5\x2f\xfd" + raw,
}  # fmt: skip


class Planted:
    """Unpickling it makes the folder."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.place),)


def planted(place: Path, protocol: int = 4) -> bytes:
    """A pickle that makes the folder `place`."""
    return pickle.dumps(Planted(place), protocol=protocol)


def pickles(place: Path, archive: bytes) -> dict[str, tuple[str, str, bytes]]:
    """Name, declared format and bytes by what was done; `archive` is a sound skops archive. Loading makes `place`."""
    found = {
        f"a pickle of protocol {protocol} named {name}": (name, declared, planted(place, protocol))
        for protocol in range(6)
        for name, declared in NAMES
    }
    found |= {
        f"a pickle in {wrap}": ("model.joblib", "skops", squeeze(planted(place))) for wrap, squeeze in _WRAPS.items()
    }
    objects = io.BytesIO()
    np.save(objects, np.array([Planted(place)], dtype=object), allow_pickle=True)
    torch = io.BytesIO()
    with zipfile.ZipFile(torch, "w") as file:
        file.writestr("model/data.pkl", planted(place))
    entries = entries_of(archive)
    first = next(name for name in entries if name.endswith(".npy"))
    inside = npy((1,), "|O", planted(place))
    return found | {
        "an array of objects": ("rows.csv", "csv", objects.getvalue()),
        "an archive of arrays of objects": ("model.skops", "skops", packed({"x.npy": objects.getvalue()})),
        "a pickle in an archive": ("model.skops", "skops", torch.getvalue()),
        "a skops archive with an array of objects": ("model.skops", "skops", packed(entries | {first: inside})),
        "a skops archive with a pickle as its schema": (
            "model.skops", "skops", packed(entries | {"schema.json": planted(place)}),
        ),
        "a pickle with a model behind it": ("model.json", "xgboost-json", planted(place) + b'{"learner":{}}'),
    }  # fmt: skip
