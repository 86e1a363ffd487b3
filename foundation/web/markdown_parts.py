"""Markdown for papers: the same language as on pages, as plain data that `prose.typ` sets.

Words stay data all the way: they are never joined with markup, so nothing that somebody typed can become a command of
the typesetter, and nothing has to be escaped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from markdown_it.tree import SyntaxTreeNode

from foundation.web.markdown import URL_SCHEMES, OwnFile, parsed

Part = dict[str, Any]
Inline = list["str | Part"]

# What lies deeper is kept, without the frame around it: the typesetter follows no more than some 80 calls.
DEEPEST = 6
WIDEST = 12  # columns of a table; a wider one is set line by line
_FRAMES = {"strong_open": "strong", "em_open": "em", "s_open": "strike"}


def markdown_parts(text: str, *, keep_lines: bool = False, files: Mapping[int, OwnFile] | None = None) -> list[Part]:
    """The blocks of a Markdown text as plain JSON. `keep_lines`: each line of a paragraph stays a line.

    Links lead to http, https and mailto only; any other is its words. A picture is its description; one of `files` that
    is shown stands there itself, and its address is the place that `pdf.compile` has it at.
    """
    tokens = parsed(text, files)
    for token in tokens:
        if token.type == "inline":
            # Signs of emphasis nest without an end, so they are no part of the tree, which is walked by recursion.
            token.meta = {"pieces": _pieces(token.children or [], keep_lines, files is not None)}
            token.children = None
    return _blocks(SyntaxTreeNode(tokens).children, 0)


def _blocks(nodes: list[Any], depth: int) -> list[Part]:
    return [part for node in nodes for part in _block(node, depth)]


def _block(node: Any, depth: int) -> list[Part]:
    match node.type:
        case "paragraph":
            return [{"is": "line" if node.hidden else "paragraph", "inside": _words(node)}]
        case "heading":
            return [{"is": "heading", "level": int(node.tag[1]), "inside": _words(node)}]
        case "fence" | "code_block":
            return [{"is": "code", "text": node.content.rstrip("\n")}]
        case "hr":
            return [{"is": "rule"}]
        case "table":
            return _table(node)
        case "bullet_list" | "ordered_list" if depth < DEEPEST:
            items = [_blocks(item.children, depth + 1) for item in node.children]
            start = int(node.attrs.get("start", 1)) if node.type == "ordered_list" else None
            return [{"is": "list", "start": start, "items": items}]
        case "blockquote" if depth < DEEPEST:
            return [{"is": "quote", "inside": _blocks(node.children, depth + 1)}]
    return _blocks(node.children, depth)


def _table(node: Any) -> list[Part]:
    rows = [[_words(cell) for cell in row.children] for section in node.children for row in section.children]
    heads = node.children[0].children[0].children
    if len(heads) > WIDEST:
        return [{"is": "paragraph", "inside": _joined(row)} for row in rows]
    sides = [str(cell.attrs.get("style", "")).removeprefix("text-align:") or "left" for cell in heads]
    return [{"is": "table", "sides": sides, "head": rows[0], "rows": rows[1:]}]


def _joined(cells: list[Inline]) -> Inline:
    return [piece for place, cell in enumerate(cells) for piece in ([" | ", *cell] if place else cell)]


def _words(node: Any) -> Inline:
    """What stands in a paragraph, a heading or a cell."""
    return [piece for inline in node.children for piece in inline.meta["pieces"]]


def _pieces(tokens: list[Any], keep_lines: bool, has_pictures: bool) -> Inline:
    """The words of one line of tokens, framed as they are opened and closed."""
    found: Inline = []
    # Where words go now, one place for each frame that is open; the same place again where a frame is left out.
    places = [found]
    for token in tokens:
        match token.type:
            case "text":
                if token.content:
                    places[-1].append(str(token.content))
            case "code_inline":
                places[-1].append({"is": "code", "text": str(token.content)})
            case "image" if has_pictures:
                places[-1].append({"is": "picture", "src": str(token.attrs["src"]), "alt": str(token.content)})
            case "image":
                places[-1].append(str(token.content))
            case "softbreak" if not keep_lines:
                places[-1].append(" ")
            case "softbreak" | "hardbreak":
                places[-1].append({"is": "break"})
            case _ if token.nesting == 1:
                frame = _frame(token) if len(places) <= DEEPEST else None
                if frame is not None:
                    places[-1].append(frame)
                places.append(places[-1] if frame is None else frame["inside"])
            case _ if token.nesting == -1:
                places.pop()
    return found


def _frame(token: Any) -> Part | None:
    kind = _FRAMES.get(token.type)
    if kind is not None:
        return {"is": kind, "inside": []}
    href = str(token.attrs.get("href", ""))
    return {"is": "link", "href": href, "inside": []} if _leads_out(href) else None


def _leads_out(href: str) -> bool:
    try:
        return urlsplit(href).scheme.lower() in URL_SCHEMES
    except ValueError:
        return False
