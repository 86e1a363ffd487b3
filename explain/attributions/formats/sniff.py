"""What a file is, by its content. The name and the declared format are claims; the bytes decide."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Final

from explain.attributions.formats.advice import unsafe_message
from explain.attributions.refused import ExplainRefused

MODEL_FORMATS: Final[dict[str, str]] = {
    "xgboost-json": "XGBoost JSON",
    "lightgbm-text": "LightGBM text",
    "skops": "a skops archive",
    "onnx": "ONNX",
}
DATA_FORMATS: Final[dict[str, str]] = {"csv": "CSV", "parquet": "Parquet"}
_PICKLED_NAME: Final = re.compile(r"(\.(pkl|pickle|joblib|dill)|(^|/)data\.pkl)$", re.IGNORECASE)
_OLD_PICKLE: Final = re.compile(
    rb"\A(\(((lp|dp|tp|l|d|t)\d*\n|[SVF][^\n]*\n|[IL]-?\d+L?\n|[ci][A-Za-z_][\w.]*\n\w+\n|\()"
    rb"|c[A-Za-z_][\w.]*\n[A-Za-z_]\w*\n|[\]\}][pq(]|[IL]-?\d+L?\n(p\d+\n)?\.\Z)"
)
_COMPRESSED: Final[dict[bytes, str]] = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"x\x9c": "zlib",
    b"x\x01": "zlib",
    b"x\xda": "zlib",
    b"x^": "zlib",
    b'\x04"M\x18': "lz4",
    b"\x28\xb5\x2f\xfd": "zstd",
}


def sniff(path: Path, declared_format: str | None = None) -> str:
    """The format of the file: a key of MODEL_FORMATS or DATA_FORMATS.

    Raises ExplainRefused: unsafe_format for anything whose reading runs code, under whatever name;
    malformed_model
    or malformed_data when the content is not what was declared; unsupported_model for a format that is not known.
    """
    head, tail = _ends(path)
    _refuse_unsafe(path, head, tail)
    found = _found(path, head)
    is_data = declared_format in DATA_FORMATS
    if declared_format is not None and declared_format not in MODEL_FORMATS and not is_data:
        known = ", ".join([*MODEL_FORMATS, *DATA_FORMATS])
        raise ExplainRefused(
            "unsupported_model", f"The format {declared_format!r} is not known. Choose one of {known}."
        )
    if found is None or (declared_format is not None and found != declared_format):
        names = MODEL_FORMATS | DATA_FORMATS
        seen = f"its content is {names[found]}" if found else "its content is not that of any format read here"
        claim = (
            f"The file was declared as {names[declared_format]}, but {seen}" if declared_format else seen.capitalize()
        )
        if not head:
            claim = "The file is empty"
        raise ExplainRefused(
            "malformed_data" if is_data else "malformed_model",
            f"{claim}. Check the file, or choose the format that fits it.",
        )
    return found


def _ends(path: Path) -> tuple[bytes, bytes]:
    with path.open("rb") as file:
        head = file.read(4096)
        size = file.seek(0, 2)
        file.seek(max(0, size - 64))
        return head, file.read()


def _refuse_unsafe(path: Path, head: bytes, tail: bytes) -> None:
    if len(head) > 1 and head[0] == 0x80 and head[1] <= 5:
        raise ExplainRefused("unsafe_format", unsafe_message("a Python pickle (joblib files are pickles too)"))
    for magic, name in _COMPRESSED.items():
        if head.startswith(magic):
            raise ExplainRefused(
                "unsafe_format",
                unsafe_message(f"compressed with {name}, as joblib writes pickles, and cannot be checked"),
            )
    if tail.endswith(b".") and _OLD_PICKLE.match(head):
        raise ExplainRefused("unsafe_format", unsafe_message("a Python pickle of an old protocol"))
    if head.startswith(b"\x93NUMPY"):
        raise ExplainRefused("unsafe_format", unsafe_message("a NumPy array file, which may hold pickled objects"))
    if len(head) > 1 and head[:1] == b"{" and head[1:2] in b"LlIiUumM$#S" and head[1:2] != b"":
        raise ExplainRefused(
            "unsafe_format",
            unsafe_message("XGBoost's binary UBJ format, whose sizes cannot be checked before it is read"),
        )
    if head.startswith((b"binf", b"bs64")):
        raise ExplainRefused("unsafe_format", unsafe_message("XGBoost's old binary format"))
    if head.startswith(b"PK"):
        names = _names(path)
        if any(_PICKLED_NAME.search(name) for name in names):
            raise ExplainRefused("unsafe_format", unsafe_message("an archive with a Python pickle inside"))
        if names and "schema.json" not in names and all(name.endswith(".npy") for name in names):
            raise ExplainRefused("unsafe_format", unsafe_message("a NumPy archive, which may hold pickled objects"))


def _names(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError):
        return []


def _found(path: Path, head: bytes) -> str | None:
    if head.startswith(b"PK"):
        return "skops" if "schema.json" in _names(path) else None
    if head.startswith(b"PAR1"):
        return "parquet"
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):
        return "xgboost-json"
    if text.startswith(b"tree\n") or b"\nnum_tree_per_iteration=" in head:
        return "lightgbm-text"
    if b"\x00" in head:
        return "onnx" if head[:1] == b"\x08" else None
    if head[:2] in (b"\x08\x07", b"\x08\x08", b"\x08\x09", b"\x08\x0a") and b"onnx" in head.lower():
        return "onnx"
    return "csv" if text and _is_text(head) else None


def _is_text(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # a character cut by the end of the sample is no fault, and a latin-1 file is told so by the CSV
        # reader
        return error.start >= len(head) - 3 or not any(byte < 9 for byte in head)
    return not any(byte < 9 for byte in head)
