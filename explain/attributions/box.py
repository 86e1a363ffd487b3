"""The folder in which a sandboxed process works: what is put there for it, and what of its files is believed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from explain.attributions.child import LIBRARIES
from explain.attributions.limits import MB, Limits
from explain.attributions.openmp import link_openmp
from explain.attributions.refused import Code, ExplainRefused

_NOBODY: Final = 65534
_CHUNK: Final = MB


@dataclass(frozen=True)
class Input:
    """A file for the child: the most bytes it may have, and which of them are wanted (from `start`, `length` or all)."""

    path: Path
    most: int
    start: int = 0
    length: int | None = None


class Box:
    """A folder inside the job's folder that the child owns: copies of the inputs, the request, later the results."""

    def __init__(self, folder: Path, files: dict[str, Input], request: dict[str, Any], limits: Limits) -> None:
        self.folder, self._files, self._request, self._limits = folder, files, request, limits
        self.hashes: dict[str, str] = {}
        self.user: tuple[int, int] | None = None

    def __enter__(self) -> Box:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.path = Path(tempfile.mkdtemp(prefix="box-", dir=self.folder)).resolve()
        try:
            for name, source in self._files.items():
                self.hashes[name] = _copy(source, self.path / name)
            if self._limits.unprivileged and os.geteuid() == 0 and others_can_run():
                self.user = (_NOBODY, _NOBODY)
            link_openmp(self.path / LIBRARIES)
            request = self._request | {
                name: name if name in self._files else None for name in ("model", "data", "background")
            }
            request |= {"limits": self._limits.as_dict(), "user": self.user, "parent": os.getpid()}
            (self.path / "request.json").write_text(json.dumps(request))
            if self.user is not None:
                for name in self._files:
                    os.chown(self.path / name, *self.user)
                os.chown(self.path / "request.json", *self.user)
                os.chown(self.path, *self.user)
        except BaseException:
            shutil.rmtree(self.path, ignore_errors=True)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def read_json(self, name: str, keys: set[str]) -> dict[str, Any]:
        """A JSON object the child wrote, with all the keys. Raises ExplainRefused(model_crashed) for anything
        else."""
        try:
            place = self._open(name, 256 * MB)
            with os.fdopen(place, "rb") as file:
                found = json.load(file, parse_constant=_no_constant)
        except (OSError, ValueError, RecursionError) as error:
            raise unbelievable() from error
        if not isinstance(found, dict) or not keys <= set(found):
            raise unbelievable()
        return found

    def keep(self, name: str, most: int) -> None:
        """Move a file the child wrote into the job's folder; the child has ended, so nobody can exchange
        it."""
        try:
            os.close(self._open(name, most))
            if self.user is not None:
                os.chown(self.path / name, os.geteuid(), os.getegid(), follow_symlinks=False)
            (self.path / name).replace(self.folder / name)
        except OSError as error:
            raise unbelievable() from error

    def size(self, name: str) -> int:
        """Bytes of a file that was kept; 0 where there is none."""
        path = self.folder / name
        return path.stat().st_size if path.is_file() else 0

    def wrote(self, name: str) -> bool:
        """Whether the child wrote a file of that name, whatever it is."""
        return os.path.lexists(self.path / name)

    def _open(self, name: str, most: int) -> int:
        place = os.open(self.path / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        facts = os.fstat(place)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > most or facts.st_nlink != 1:
            os.close(place)
            raise OSError("not a plain file")
        return place


def _no_constant(name: str) -> float:
    raise ValueError(name)


def unbelievable() -> ExplainRefused:
    code: Code = "model_crashed"
    return ExplainRefused(code, "The computation ended without a usable result, so the model was rejected.")


def _copy(source: Input, target: Path) -> str:
    """Copy what is wanted of a file; returns the SHA-256 of what was copied."""
    digest, size = hashlib.sha256(), 0
    with source.path.open("rb") as incoming, target.open("xb") as outgoing:
        incoming.seek(source.start)
        while chunk := incoming.read(_CHUNK if source.length is None else min(_CHUNK, source.length - size)):
            size += len(chunk)
            if size > source.most:
                raise ExplainRefused(
                    "limit_exceeded",
                    f"The file {source.path.name!r} is larger than {source.most:,} bytes, which is the most that is read.",
                )
            digest.update(chunk)
            outgoing.write(chunk)
    return digest.hexdigest()


def others_can_run() -> bool:
    """Whether an unprivileged user can reach the interpreter, its libraries and this package."""
    places = {
        Path(sys.executable).resolve(),
        Path(os.__file__).resolve(),
        Path(sys.prefix).resolve() / "lib",
        Path(__file__).resolve(),
    }
    for place in places:
        if not place.stat().st_mode & stat.S_IROTH:
            return False
        if not all(parent.stat().st_mode & stat.S_IXOTH for parent in place.parents):
            return False
    return True
