"""PDF pages: a Typst template of ours and plain data. What people typed is data and never part of the template."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

MEDIA_TYPE = "application/pdf"
_LONG = re.compile(r"\S{24,}")
_PARTS = re.compile(r"[^-]*-+|[^-]+")
_STEP = 8  # characters between places where a long word may break
_BREAK = "\u200b"


def compile(template: str, data: dict[str, Any], *, at: datetime | None = None) -> bytes:
    """The PDF of `template` (a path under templates/, such as `lifecycle/dossier/round.typ`).

    `data`: plain JSON, read there as `json(bytes(sys.inputs.data))`; its texts are content and are never run as markup.
    `at`: the instant that the file names as its own; the same data at the same instant gives the same bytes.
    """
    import typst  # the engine with its fonts: loaded by those who ask for a PDF

    root = Path(settings.BASE_DIR) / "templates"
    page: bytes = typst.compile(
        str(root / template),
        root=str(root),
        format="pdf",
        sys_inputs={"data": json.dumps(_breakable(data), ensure_ascii=False, allow_nan=False)},
        timestamp=None if at is None else int(at.timestamp()),
    )
    return page


def _breakable(value: Any) -> Any:
    """The same data with places to break in words that are too long for a line, such as fingerprints."""
    if isinstance(value, str):
        return _LONG.sub(lambda found: _BREAK.join(_cut(found.group())), value)
    if isinstance(value, dict):
        return {key: _breakable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_breakable(inner) for inner in value]
    return value


def _cut(word: str) -> list[str]:
    """Parts between which a long word may break: after its hyphens, and anywhere only where that leaves it long."""
    parts: list[str] = []
    for part in _PARTS.findall(word):
        step = _STEP if _LONG.fullmatch(part) else len(part)
        parts.extend(part[start : start + step] for start in range(0, len(part), step))
    return parts
