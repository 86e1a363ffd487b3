"""Markdown to safe HTML: markdown-it-py renders, nh3 cleans the output."""

from __future__ import annotations

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

renderer = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])
URL_SCHEMES = frozenset({"http", "https", "mailto"})
_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip

# The renderer says the side of a column as a style, which the portal's content policy blocks.
_SIDES = {"left": "", "right": ' class="text-end"', "center": ' class="text-center"'}
_CLASSES = {"text-end", "text-center"}
_SCROLLED = '<div class="table-scroll" role="group" aria-label="Table" tabindex="0"><table>'


def render_markdown(text: str) -> SafeString:
    """HTML that is safe to show; headings are moved down two levels so that they fit under the page's own."""
    html = renderer.render(text)
    for level in (4, 3, 2, 1):
        html = html.replace(f"<h{level}>", f"<h{level + 2}>").replace(f"</h{level}>", f"</h{level + 2}>")
    for side, css in _SIDES.items():
        html = html.replace(f' style="text-align:{side}"', css)
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes={"a": {"href", "title"}},
        allowed_classes={"td": _CLASSES, "th": _CLASSES},
        url_schemes=set(URL_SCHEMES),
        link_rel="noopener nofollow",
    )
    # A table that is wider than its place is scrolled, by keys too. What somebody typed as a tag is no tag any more.
    clean = clean.replace("<table>", _SCROLLED).replace("</table>", "</table></div>")
    return mark_safe(clean)  # nosec B308 B703 - cleaned by nh3 just above
