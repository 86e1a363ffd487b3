"""Ways to spoil a skops archive, and what becomes of it."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import Any, Final

from bench.crafting.spoiling import cut, flipped, other_leaf

Spoil = Callable[[dict[str, bytes]], object]


def entries_of(whole: bytes) -> dict[str, bytes]:
    """The entries of an archive."""
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(entries: dict[str, bytes], lie: Callable[[zipfile.ZipFile], None] | None = None) -> bytes:
    """An archive of them; `lie` may change what its directory says."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
        if lie:
            lie(archive)
    return target.getvalue()


def rewritten(path: Path, target: Path, change: Spoil) -> Path:
    """The archive with its entries changed, packed anew at `target`."""
    entries = entries_of(path.read_bytes())
    change(entries)
    target.write_bytes(packed(entries))
    return target


def _schema(change: Callable[[dict[str, Any]], None]) -> Spoil:
    def spoil(entries: dict[str, bytes]) -> None:
        schema = json.loads(entries["schema.json"])
        change(schema)
        entries["schema.json"] = json.dumps(schema).encode()

    return spoil


def npy(shape: tuple[int, ...], descr: str = "<f8", body: bytes = b"") -> bytes:
    """A NumPy file whose head may promise what the body does not hold."""
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape!r}, }}".encode()
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + body


def _first_array(entries: dict[str, bytes]) -> str:
    return next(name for name in entries if name.endswith(".npy"))


# What is done to the entries of a sound archive, and the code with which it is refused.
SPOILT_ARCHIVES: Final[dict[str, tuple[Spoil, str]]] = {
    "a call of os.system": (
        _schema(lambda s: s.update(__module__="os", __class__="system", __loader__="FunctionNode")),
        "unsafe_format",
    ),
    "a partial": (_schema(lambda s: s.update(__loader__="PartialNode")), "unsafe_format"),
    "an unknown type": (_schema(lambda s: s.update(__module__="os", __class__="system")), "unsupported_model"),
    "a type by another loader": (_schema(lambda s: s.update(__loader__="TypeNode")), "malformed_model"),
    "no model": (_schema(lambda s: s.clear()), "malformed_model"),
    "a way out of the folder": (lambda e: e.update({"../../etc/x.npy": b""}), "malformed_model"),
    "a pickle inside": (lambda e: e.update({"x.pkl": b""}), "malformed_model"),
    "no schema": (lambda e: e.pop("schema.json"), "malformed_model"),
    "a truncated schema": (lambda e: e.update({"schema.json": e["schema.json"][:-5]}), "malformed_model"),
    "a huge declared array": (lambda e: e.update({_first_array(e): npy((2**36,))}), "malformed_model"),
    "an array of objects": (lambda e: e.update({_first_array(e): npy((1,), "|O", bytes(8))}), "unsafe_format"),
    "a bomb": (lambda e: e.update({"bomb.npy": bytes(60 * 2**20)}), "limit_exceeded"),
}


def crafted(whole: bytes, generator: random.Random, turn: int) -> bytes:
    """Flipped bits, a cut end; and in an archive that is packed soundly: an extreme value in the schema, other bytes in
    an array, or an array of another shape."""
    if turn % 5 < 2:
        return (flipped, cut)[turn % 5](whole, generator)
    entries = entries_of(whole)
    array = generator.choice([name for name in entries if name.endswith(".npy")])
    if turn % 5 == 2:
        schema = json.loads(entries["schema.json"])
        other_leaf(schema, generator)
        entries["schema.json"] = json.dumps(schema).encode()
    elif turn % 5 == 3:
        start = entries[array].index(b"\n") + 1
        if start < len(entries[array]):
            entries[array] = flipped(entries[array], generator, start)
    else:
        shape = generator.choice([(2**31,), (2**62,), (0,), (1, 2**40), (-1,), (3, 3, 3)])
        entries[array] = npy(shape, generator.choice(["<f8", "<i8", "|O", "<U4000", "|V64"]), entries[array][128:])
    return packed(entries)


def _say_small(archive: zipfile.ZipFile) -> None:
    archive.filelist[-1].file_size = 10


def _overlap(archive: zipfile.ZipFile) -> None:
    """Two thousand entries that are the same bytes."""
    last = archive.filelist[-1]
    for number in range(2_000):
        other = copy(last)
        other.filename = other.orig_filename = f"{number}.npy"
        archive.filelist.append(other)
        archive.NameToInfo[other.filename] = other


ZEROS: Final = 60 * 2**20


def bombs(whole: bytes) -> dict[str, Callable[[], bytes]]:
    """How small archives are made that unpack to much, beside the entries of a sound one."""
    sound = entries_of(whole)

    def zeros() -> dict[str, bytes]:
        return sound | {"zeros.npy": bytes(ZEROS)}

    return {
        "an entry of zeros": lambda: packed(zeros()),
        "an entry of zeros that says it is small": lambda: packed(zeros(), _say_small),
        "two thousand entries that are the same bytes": lambda: packed(zeros(), _overlap),
        "seventy thousand entries": lambda: packed(sound | {f"{number}.npy": b"" for number in range(70_000)}),
        "an archive in an archive in an archive": lambda: packed(sound | {"x.npy": packed({"x.npy": packed(zeros())})}),
        "a schema of blanks": lambda: packed(sound | {"schema.json": sound["schema.json"] + b" " * ZEROS}),
        "a schema of brackets": lambda: packed(sound | {"schema.json": b"[" * ZEROS}),
        "an array that promises a gigabyte": lambda: packed(
            sound | {_first_array(sound): npy((2**27,), body=bytes(2**20))}
        ),
    }
