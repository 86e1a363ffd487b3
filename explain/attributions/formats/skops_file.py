"""skops archives: bounds of the zip, our own allow-list of types, sizes of the arrays; all before anything is
loaded."""

from __future__ import annotations

import ast
import math
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from explain.attributions.formats.bounded_json import BadJson, parse_bounded
from explain.attributions.formats.skops_types import ALLOWED, BY_LOADER, ESTIMATORS
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused

_SCHEMA_DEPTH: Final = 250
_SCHEMA_BYTES: Final = 256 * 1024 * 1024
_DTYPE: Final = re.compile(r"[<>|=]?[biufcUS?](\d{1,4})?")
_NEVER: Final = frozenset(
    {
        "FunctionNode",
        "MethodNode",
        "PartialNode",
        "OperatorFuncNode",
        "ConstructorFromReduceNode",
        "ReduceNode",
    }
)


@dataclass(frozen=True)
class SkopsArchive:
    """The facts of a checked archive: the type of its model, and every type it names (all on the allow-
    list)."""

    model_type: str
    types: frozenset[str]
    skops_version: str


def _refuse(what: str) -> NoReturn:
    raise ExplainRefused(
        "malformed_model",
        f"This is not a sound skops archive: {what}. Export it again with skops.io.dump(model, path).",
    )


def read_skops(path: Path, limits: Limits) -> SkopsArchive:
    """Check the archive at `path`. Raises ExplainRefused: malformed_model, limit_exceeded, unsafe_format (a
    type that
    runs code), unsupported_model (a type that is not on the list)."""
    if path.stat().st_size > limits.model_bytes:
        raise ExplainRefused("limit_exceeded", f"The model file is larger than {limits.model_bytes:,} bytes.")
    try:
        with zipfile.ZipFile(path) as archive:
            entries = _check_entries(archive, limits)
            schema = parse_bounded(_read(archive, entries["schema.json"]), _SCHEMA_DEPTH)
            types = _check_types(schema)
            _check_arrays(archive, entries, schema, limits)
    except BadJson as error:
        _refuse(f"of its schema, {error}")
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        OSError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        KeyError,
        ValueError,
        zlib.error,
    ) as error:
        _refuse(f"the archive is damaged ({type(error).__name__})")
    model_type = f"{schema['__module__']}.{schema['__class__']}"
    if model_type not in ESTIMATORS:
        raise ExplainRefused(
            "unsupported_model", f"The archive holds a {model_type}, which is not a model that predicts."
        )
    return SkopsArchive(model_type, frozenset(types), str(schema.get("_skops_version", "unknown"))[:20])


def _check_entries(archive: zipfile.ZipFile, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    infos = archive.infolist()
    if len(infos) > limits.zip_entries:
        raise ExplainRefused(
            "limit_exceeded",
            f"The archive has {len(infos):,} entries; at most {limits.zip_entries:,} are read.",
        )
    names = [info.filename for info in infos]
    if len(set(names)) != len(names):
        _refuse("an entry appears twice")
    if "schema.json" not in names:
        _refuse("its schema is missing")
    for info in infos:
        if not re.fullmatch(r"schema\.json|[\w-]{1,100}\.npy", info.filename):
            _refuse(f"the entry {info.filename[:60]!r} is not one that skops writes for a model")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & 0x1:
            _refuse("an entry is encrypted or compressed in an unusual way")
        # small entries may be all zeros; a ratio only tells of a bomb once the size matters
        if info.file_size > 10 * 1024 * 1024 and info.file_size > limits.zip_ratio * max(1, info.compress_size):
            raise ExplainRefused(
                "limit_exceeded", f"An entry grows more than {limits.zip_ratio} times when it is unpacked."
            )
    total = sum(info.file_size for info in infos)
    if total > limits.zip_unpacked_bytes:
        raise ExplainRefused(
            "limit_exceeded",
            f"The archive unpacks to {total:,} bytes; at most {limits.zip_unpacked_bytes:,} are read.",
        )
    by_name = {info.filename: info for info in infos}
    if by_name["schema.json"].file_size > _SCHEMA_BYTES:
        raise ExplainRefused("limit_exceeded", f"The schema is larger than {_SCHEMA_BYTES:,} bytes.")
    return by_name


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, upto: int | None = None) -> bytes:
    """The unpacked bytes, never more than the directory declared (a local header may claim otherwise)."""
    with archive.open(info) as file:
        wanted = info.file_size if upto is None else min(upto, info.file_size)
        content = file.read(wanted)
        if len(content) != wanted or (upto is None and file.read(1)):
            _refuse("the size of an entry is not the one declared")
    return content


def _nodes(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    waiting: list[Any] = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if "__loader__" in part or "__class__" in part or "__module__" in part:
                yield part
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)


def _check_types(schema: dict[str, Any]) -> set[str]:
    types: set[str] = set()
    if "__loader__" not in schema:
        _refuse("its schema does not name a model")
    for node in _nodes(schema):
        named = [node.get(key) for key in ("__module__", "__class__", "__loader__")]
        if not all(isinstance(name, str) and len(name) < 200 for name in named):
            _refuse("a part does not name its type")
        module, cls, loader = (str(name) for name in named)
        full = f"{module}.{cls}"
        if loader in _NEVER:
            raise ExplainRefused(
                "unsafe_format",
                f"The archive asks for {full} to be called while it is loaded ({loader}). That can run code, "
                "so it is "
                "refused. Export a model without functions of its own, for example without a "
                "FunctionTransformer.",
            )
        if loader not in BY_LOADER or full not in ALLOWED:
            raise ExplainRefused(
                "unsupported_model",
                f"The archive holds a {full}, which is not on the list of types that are loaded here. "
                "Nothing was loaded. "
                "Use scikit-learn's own estimators and transformers for tabular data, or export the model in "
                "another format.",
            )
        if full not in BY_LOADER[loader]:
            _refuse(f"it rebuilds {full} in a way that skops never writes ({loader})")
        if loader == "RandomGeneratorNode" and not _sound_generator(node):
            _refuse("its random generator is not one of NumPy's")
        types.add(full)
    return types


def _sound_generator(node: dict[str, Any]) -> bool:
    try:
        name = node["content"]["bit_generator"]["content"]["bit_generator"]["content"]
    except (KeyError, TypeError):
        return False
    return name in ('"PCG64"', '"PCG64DXSM"', '"MT19937"', '"Philox"', '"SFC64"')


def _check_arrays(
    archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo], schema: dict[str, Any], limits: Limits
) -> None:
    total, checked = 0, set()
    for node in _nodes(schema):
        if "file" not in node:
            continue
        name = node["file"]
        if node["__loader__"] != "NdArrayNode" or node.get("type") != "numpy" or not isinstance(name, str):
            _refuse("a part other than an array names a file")
        if name not in entries or not name.endswith(".npy"):
            _refuse("an array's file is missing")
        if name not in checked:
            checked.add(name)
            total += _declared_bytes(_read(archive, entries[name], 4096), entries[name].file_size)
            if total > limits.array_bytes:
                raise ExplainRefused("limit_exceeded", f"The arrays declare more than {limits.array_bytes:,} bytes.")


def _declared_bytes(head: bytes, size: int) -> int:
    """The size an npy header declares; it must be the size of the entry, and the type must hold no
    objects."""
    if head[:6] != b"\x93NUMPY" or len(head) < 12 or head[6] not in (1, 2, 3):
        _refuse("an array is not in NumPy's format")
    length, start = (
        (int.from_bytes(head[8:10], "little"), 10) if head[6] == 1 else (int.from_bytes(head[8:12], "little"), 12)
    )
    if start + length > len(head):
        _refuse("an array's header is too long")
    try:
        header = ast.literal_eval(head[start : start + length].decode("latin-1").strip())
        shape, descr = header["shape"], header["descr"]
    except (ValueError, SyntaxError, KeyError, TypeError, RecursionError, MemoryError) as error:
        raise ValueError("npy header") from error
    if not isinstance(shape, tuple) or not all(type(side) is int and 0 <= side <= 2**40 for side in shape):
        _refuse("an array's shape is not a list of sizes")
    declared = math.prod(shape) * _item_bytes(descr)
    if declared != size - start - length:
        _refuse("an array does not have the size it declares")
    return declared


def _item_bytes(descr: object) -> int:
    if isinstance(descr, list) and 0 < len(descr) < 100:
        return sum(
            _item_bytes(field[1]) * (math.prod(field[2]) if len(field) == 3 else 1)
            for field in descr
            if (isinstance(field, tuple) and len(field) in (2, 3)) or _refuse("an array's type is not known")
        )
    if not isinstance(descr, str) or not _DTYPE.fullmatch(descr):
        if isinstance(descr, str) and re.fullmatch(r"\|V\d{1,3}", descr):  # padding inside a record
            return int(descr[2:])
        raise ExplainRefused("unsafe_format", "An array in the archive holds Python objects or an unknown type.")
    width = int(re.sub(r"\D", "", descr) or 1)
    return width * 4 if "U" in descr else width
