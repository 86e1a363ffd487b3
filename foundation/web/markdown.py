"""Markdown to safe HTML: markdown-it-py renders, nh3 cleans the output."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

renderer = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
# The same, for texts that have files of their own.
_renderer_with_files = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
_FILE = re.compile(r"file:([1-9][0-9]{0,11})")
_plain_link = _renderer_with_files.validateLink
_renderer_with_files.validateLink = lambda url: bool(_FILE.fullmatch(url)) or _plain_link(url)  # type: ignore[method-assign]
URL_SCHEMES = frozenset({"http", "https", "mailto"})
_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip

# The renderer says the side of a column as a style, which the portal's content policy blocks.
_SIDES = {"left": "", "right": ' class="text-end"', "center": ' class="text-center"'}
_CLASSES = {"text-end", "text-center"}
_SCROLLED = '<div class="table-scroll" role="group" aria-label="Table" tabindex="0"><table>'


@dataclass(frozen=True)
class OwnFile:
    """A file that belongs to a text: where it is found (an address of the portal, or its data; empty where it is not at
    hand), and if it is shown. `instead`: what is said of a picture that is not."""

    address: str
    is_picture: bool
    instead: str = ""


def render_markdown(text: str, files: Mapping[int, OwnFile] | None = None) -> SafeString:
    """HTML that is safe to show; headings are moved down two levels so that they fit under the page's own.

    `files`: what `![what is seen](file:12)` and `[its words](file:12)` may speak of. Every other picture stays the
    text that it was.
    """
    html = renderer.render(text) if files is None else _with_files(text, files)
    shown = {own.address for own in (files or {}).values() if own.is_picture}

    def sound(tag: str, name: str, value: str) -> str | None:
        if tag == "img" and name == "src":
            return value if value in shown else None
        if name == "href" and (not value or value.lstrip().lower().startswith("data:")):
            return None
        return value

    for level in (4, 3, 2, 1):
        html = html.replace(f"<h{level}>", f"<h{level + 2}>").replace(f"</h{level}>", f"</h{level + 2}>")
    for side, css in _SIDES.items():
        html = html.replace(f' style="text-align:{side}"', css)
    clean = nh3.clean(
        html,
        tags=_TAGS | {"img"} if shown else _TAGS,
        attributes={"a": {"href", "title"}, "img": {"src", "alt", "loading"}},
        attribute_filter=None if files is None else sound,
        allowed_classes={"td": _CLASSES, "th": _CLASSES},
        url_schemes=set(URL_SCHEMES) | ({"data"} if files else set()),
        link_rel="noopener nofollow",
    )
    # A table that is wider than its place is scrolled, by keys too. What somebody typed as a tag is no tag any more.
    clean = clean.replace("<table>", _SCROLLED).replace("</table>", "</table></div>")
    return mark_safe(clean)  # nosec B308 B703 - cleaned by nh3 just above


def parsed(text: str, files: Mapping[int, OwnFile] | None = None) -> list[Token]:
    """The tokens of a text; pictures and links of its own files have their addresses, what is not its own is text."""
    if files is None:
        return renderer.parse(text)
    tokens = _renderer_with_files.parse(text)
    for block in tokens:
        if block.children:
            block.children = [_resolved(token, files) for token in block.children]
    return tokens


def pictures_in(text: str) -> list[int]:
    """The numbers of the files that a text shows as pictures, in order, each time anew."""
    sources = (
        _FILE.fullmatch(str(token.attrs.get("src", "")))
        for block in _renderer_with_files.parse(text)
        for token in block.children or []
        if token.type == "image"
    )
    return [int(found[1]) for found in sources if found]


def _with_files(text: str, files: Mapping[int, OwnFile]) -> str:
    return str(_renderer_with_files.renderer.render(parsed(text, files), _renderer_with_files.options, {}))


def _resolved(token: Token, files: Mapping[int, OwnFile]) -> Token:
    if token.type not in ("image", "link_open"):
        return token
    attribute = "src" if token.type == "image" else "href"
    written = str(token.attrs.get(attribute, ""))
    found = _FILE.fullmatch(written)
    own = files.get(int(found[1])) if found else None
    if token.type == "link_open":
        if found:
            token.attrs["href"] = own.address if own else ""  # without one it is its words
        return token
    if own is not None and not own.is_picture and own.instead:
        return Token("text", "", 0, content=f"{token.content} ({own.instead})".lstrip())
    if own is None or not own.is_picture:
        return Token("text", "", 0, content=f"![{token.content}]({written})")
    token.attrs = {**token.attrs, "src": own.address, "loading": "lazy"}
    return token
