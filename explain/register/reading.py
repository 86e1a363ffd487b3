"""Who reads model and data files: the room above says so when the app starts, so that this one knows no model library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Reader:
    """How files are looked at; every callable raises `Refused` with one of the codes of explanations.

    `sniff(path, declared)`: the format by content, quick, safe in a web process. `inspect(path, format, folder,
    stopped)`: the facts of a model, found in the sandbox, in a worker. `safe_export`: library and the lines of code that
    export a model without running code when it is read. `model_formats`, `data_formats`: names of what is read today.
    """

    sniff: Callable[[Path, str | None], str]
    inspect: Callable[[Path, str, Path, Callable[[], bool]], dict[str, Any]]
    safe_export: tuple[tuple[str, str], ...]
    safe_data: str
    model_formats: tuple[str, ...]
    data_formats: tuple[str, ...]


_reader: list[Reader] = []


def use(reader: Reader) -> None:
    """Make the reader known; the last one counts."""
    _reader[:] = [reader]


def reader() -> Reader:
    """The reader. LookupError when no room has named one."""
    if not _reader:
        raise LookupError("Nobody reads model files: the app has not started.")
    return _reader[0]
