"""The same paper as a file of each format. What people typed is text in all of them, never markup that is run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from django.template.loader import render_to_string

from foundation.web.markdown_parts import markdown_parts
from foundation.web.pdf import compile
from lifecycle.postmortems.content import markdown_of
from lifecycle.postmortems.exports.sections import Paper, outward_paper_of, paper_of
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


def whole_file(content: dict[str, Any], form: str) -> File:
    """All of a post-mortem. `content`: as `content_of` gives it, or of a revision. `form`: a key of FORMATS."""
    name = content["reference"] + (f"-v{content['version']}" if content["version"] else "")
    match form:
        case "json":
            body = _json({"schema": SCHEMA, **content})
        case "md":
            body = markdown_of(content).encode()
        case _:
            body = _set(paper_of(content), form)
    return File(f"{name}.{form}", FORMATS[form][1], body)


def outward_file(outward: dict[str, Any], form: str, *, with_money: bool = False) -> File:
    """The outward version, as `outward_of` gives it or as a revision froze it."""
    told = shown(outward, with_money=with_money)
    paper = outward_paper_of(told)
    body = {"json": lambda: _json(told), "md": lambda: _markdown(paper).encode()}.get(form, lambda: _set(paper, form))()
    return File(f"{told['reference']}-outward.{form}", FORMATS[form][1], body)


def _set(paper: Paper, form: str) -> bytes:
    makers: dict[str, Callable[[Paper], bytes]] = {"html": _html, "pdf": _pdf}
    return makers[form](paper)


def _json(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=2).encode()


def _html(paper: Paper) -> bytes:
    return render_to_string("lifecycle/postmortems/exports/paper.html", {"paper": paper}).encode()


def _pdf(paper: Paper) -> bytes:
    data = {
        **asdict(paper),
        "sections": [
            {
                "title": section.title,
                "text": markdown_parts(section.text),
                "entries": [
                    {"head": entry.head, "text": markdown_parts(entry.text), "aside": entry.aside}
                    for entry in section.entries
                ],
            }
            for section in paper.sections
        ],
    }
    return compile("lifecycle/postmortems/exports/paper.typ", data)


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
