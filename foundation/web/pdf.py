"""PDF pages: a Typst template of ours and plain data. What people typed is data and never part of the template."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings

MEDIA_TYPE = "application/pdf"
PICTURES = "/pictures/"  # where a template finds them
_LONG = re.compile(r"\S{24,}")
_PARTS = re.compile(r"[^-]*-+|[^-]+")
_STEP = 8  # characters between places where a long word may break
_BREAK = "\u200b"
_KEPT_WHOLE = frozenset({"href", "src"})  # an address is followed, not read


class PicturesUnread(ValueError):  # noqa: N818 - said of the pictures
    """The typesetter could not read a picture, or set the paper with it."""


def compile(
    template: str, data: dict[str, Any], *, at: datetime | None = None, pictures: Mapping[str, bytes] | None = None
) -> bytes:
    """The PDF of `template` (a path under templates/, such as `lifecycle/dossier/round.typ`).

    `data`: plain JSON, read there as `json(bytes(sys.inputs.data))`; its texts are content and are never run as markup.
    `at`: the instant that the file names as its own; the same data at the same instant gives the same bytes.
    `pictures`: bytes by name; the template has them at `PICTURES` with the name behind it. Raises PicturesUnread.
    """
    import typst  # the engine with its fonts: loaded by those who ask for a PDF

    moment = None if at is None else int(at.timestamp())
    if not pictures:
        page: bytes = typst.compile(**_source(template, data), format="pdf", timestamp=moment)
        return page
    with TemporaryDirectory(prefix="paper-") as room:
        root = Path(room)
        for folder in (Path(settings.BASE_DIR) / "templates").iterdir():
            (root / folder.name).symlink_to(folder)
        # What is linked from lies elsewhere, and the typesetter wants to begin inside its root.
        (root / "begin.typ").write_text(f'#include "/{template}"')
        (root / PICTURES.strip("/")).mkdir()
        for name, content in pictures.items():
            (root / PICTURES.strip("/") / name).write_bytes(content)
        try:
            page = typst.compile(
                **{**_source(template, data), "input": str(root / "begin.typ"), "root": room},
                format="pdf",
                timestamp=moment,
            )
        except typst.TypstError as error:
            raise PicturesUnread(str(error)) from error
    return page


def found(template: str, data: dict[str, Any], selector: str) -> list[dict[str, Any]]:
    """What the typesetter made of the data, by a selector such as `heading`: for those who look at a page's parts."""
    import typst

    rows: list[dict[str, Any]] = json.loads(typst.query(selector=selector, **_source(template, data)))
    return rows


def _source(template: str, data: dict[str, Any]) -> dict[str, Any]:
    root = Path(settings.BASE_DIR) / "templates"
    return {
        "input": str(root / template),
        "root": str(root),
        "sys_inputs": {"data": json.dumps(_breakable(data), ensure_ascii=False, allow_nan=False)},
    }


def _breakable(value: Any) -> Any:
    """The same data with places to break in words that are too long for a line, such as fingerprints."""
    if isinstance(value, str):
        return _LONG.sub(lambda found: _BREAK.join(_cut(found.group())), value)
    if isinstance(value, dict):
        return {key: inner if key in _KEPT_WHOLE else _breakable(inner) for key, inner in value.items()}
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
