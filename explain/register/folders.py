"""Folders of uploads that arrive and of attempts at a job; always emptied again."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.files.base import File

from foundation.jobs.claims import Claim
from foundation.web.refused import Refused


@dataclass(frozen=True)
class Received:
    """An upload on disk, outside the store: where, its SHA-256 and its size in bytes."""

    path: Path
    sha256: str
    size: int

    def to_store(self) -> File[bytes]:
        """The file for a storage, which moves it instead of copying it once more."""
        return _Movable(self.path.open("rb"), name=self.path.name)


class _Movable(File):  # type: ignore[type-arg]
    def temporary_file_path(self) -> str:
        """Storages of files move what lies here."""
        return str(self.file.name) if self.file else ""


@contextmanager
def received(file: File[bytes]) -> Iterator[Received]:
    """The upload as a file of its own, removed at the end. Raises Refused(limit_exceeded) when it is too large."""
    folder = Path(settings.MEDIA_ROOT) / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder)
    path, digest, size = Path(name), hashlib.sha256(), 0
    try:
        with os.fdopen(handle, "wb") as target:
            for chunk in file.chunks():
                size += len(chunk)
                if size > settings.UPLOAD_LIMIT_MB * 1024 * 1024:
                    raise Refused(
                        f"The file is larger than {settings.UPLOAD_LIMIT_MB} MB, the most that may be uploaded. "
                        "Upload a smaller model, or fewer rows.",
                        code="limit_exceeded",
                        status=400,
                        field="file",
                    )
                digest.update(chunk)
                target.write(chunk)
        yield Received(path, digest.hexdigest(), size)
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def attempt_folder(claim: Claim) -> Iterator[Path]:
    """A folder of this attempt alone; what a killed attempt at the same job left behind goes first."""
    jobs = Path(settings.MEDIA_ROOT) / "jobs"
    folder = jobs / f"{claim.job.pk}-{claim.job.lease_token}"
    for left in jobs.glob(f"{claim.job.pk}-*"):
        shutil.rmtree(left, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
