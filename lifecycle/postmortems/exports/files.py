"""The same paper as a file of each format. What people typed is text in all of them, never markup that is run."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from django.template.loader import render_to_string

from foundation.web.markdown import OwnFile
from foundation.web.markdown_parts import markdown_parts
from foundation.web.pdf import PICTURES, PicturesUnread, compile
from lifecycle.postmortems.content import markdown_of
from lifecycle.postmortems.exports.pictures import Picture, Read, files_of, pictures_for
from lifecycle.postmortems.exports.sections import Paper, Section, outward_paper_of, paper_of
from lifecycle.postmortems.outward import shown

SCHEMA = "tollgate.post-mortem/1"
FORMATS = {
    "html": ("HTML", "text/html; charset=utf-8"),
    "md": ("Markdown", "text/markdown; charset=utf-8"),
    "pdf": ("PDF", "application/pdf"),
    "json": ("JSON", "application/json"),
}


@dataclass(frozen=True)
class File:
    """A file to take away."""

    name: str
    media_type: str
    body: bytes


def whole_file(content: dict[str, Any], form: str, read: Read) -> File:
    """All of a post-mortem. `content`: as `content_of` gives it, or of a revision. `form`: a key of FORMATS. `read`: the
    bytes of its files, for the pictures that its texts show."""
    name = content["reference"] + (f"-v{content['version']}" if content["version"] else "")
    match form:
        case "json":
            body = _json({"schema": SCHEMA, **content})
        case "md":
            body = markdown_of(content).encode()
        case _:
            # Revisions that were frozen before there were files have none.
            body = _set(paper_of(content), form, content.get("files", []), read)
    return File(f"{name}.{form}", FORMATS[form][1], body)


def outward_file(outward: dict[str, Any], form: str, *, with_money: bool = False) -> File:
    """The outward version, as `outward_of` gives it or as a revision froze it. It holds no files, so no pictures."""
    told = shown(outward, with_money=with_money)
    paper = outward_paper_of(told)
    body = {"json": lambda: _json(told), "md": lambda: _markdown(paper).encode()}.get(form, lambda: _set(paper, form))()
    return File(f"{told['reference']}-outward.{form}", FORMATS[form][1], body)


def _set(paper: Paper, form: str, listed: list[dict[str, Any]] | None = None, read: Read | None = None) -> bytes:
    """`listed`, `read`: the files that its texts may show; None where they show none."""
    shown = pictures_for(paper, listed, read) if listed and read else {}
    if form == "html":
        return _html(paper, files_of(listed or [], {number: one.as_data for number, one in shown.items()}))
    return _pdf(paper, listed or [], shown)


def _json(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=2).encode()


def _html(paper: Paper, files: dict[int, OwnFile]) -> bytes:
    return render_to_string("lifecycle/postmortems/exports/paper.html", {"paper": paper, "files": files}).encode()


def _pdf(paper: Paper, listed: list[dict[str, Any]], shown: dict[int, Picture]) -> bytes:
    names = {number: f"{number}{one.kind.endings[0]}" for number, one in shown.items()}
    try:
        return compile(
            "lifecycle/postmortems/exports/paper.typ",
            _data(paper, files_of(listed, {number: PICTURES + name for number, name in names.items()})),
            pictures={name: shown[number].content for number, name in names.items()},
        )
    except PicturesUnread:
        # A picture whose points are no picture: the paper names it, as those that have no room.
        readable = {number: one for number, one in shown.items() if _is_readable(one)}
        return _pdf(paper, listed, readable if len(readable) < len(shown) else {})


def _is_readable(picture: Picture) -> bool:
    """Whether the typesetter sets it on a paper of its own."""
    name = f"1{picture.kind.endings[0]}"
    paper = Paper("", "", [], [Section("", "![](file:1)")])
    try:
        data = _data(paper, {1: OwnFile(f"{PICTURES}{name}", is_picture=True)})
        compile("lifecycle/postmortems/exports/paper.typ", data, pictures={name: picture.content})
    except PicturesUnread:
        return False
    return True


def _data(paper: Paper, files: dict[int, OwnFile]) -> dict[str, Any]:
    return {
        **asdict(paper),
        "sections": [
            {
                "title": section.title,
                "text": markdown_parts(section.text, files=files),
                "entries": [
                    {"head": entry.head, "text": markdown_parts(entry.text, files=files), "aside": entry.aside}
                    for entry in section.entries
                ],
            }
            for section in paper.sections
        ],
    }


def _markdown(paper: Paper) -> str:
    parts = [f"# {_line(paper.title)}", paper.under, "\n".join(f"- {name}: {value}" for name, value in paper.facts)]
    for section in paper.sections:
        parts.append(f"## {section.title}")
        if section.text.strip():
            parts.append(section.text.strip())
        lines = [
            f"- {_line(entry.head)}{f': {_line(entry.text)}' if entry.text else ''}"
            f"{f' ({_line(entry.aside)})' if entry.aside else ''}"
            for entry in section.entries
        ]
        if lines:
            parts.append("\n".join(lines))
    return "\n\n".join(part for part in parts if part) + "\n"


def _line(text: str) -> str:
    return " ".join(text.split())
