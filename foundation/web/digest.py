"""Fingerprints: SHA-256 over canonical JSON, the form in which content is signed and chained."""

from __future__ import annotations

import hashlib
import json
from typing import IO, Any


def canonical_json(value: Any) -> str:
    """Keys sorted, no spaces, UTF-8 as it is, no NaN: the same value always gives the same text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest_of(value: Any) -> str:
    """Hex SHA-256 of the canonical JSON of `value`."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def digest_of_text(text: str) -> str:
    """Hex SHA-256 of a text in UTF-8."""
    return hashlib.sha256(text.encode()).hexdigest()


def digest_of_file(file: IO[bytes]) -> str:
    """Hex SHA-256 of a seekable binary file, which is left at its start."""
    sha = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(1 << 20):
        sha.update(chunk)
    file.seek(0)
    return sha.hexdigest()
