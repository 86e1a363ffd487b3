"""Template tags of post-mortems."""

from __future__ import annotations

from collections.abc import Mapping

from django import template
from django.utils.safestring import SafeString

from foundation.web.markdown import OwnFile, render_markdown
from lifecycle.postmortems import taxonomy as causes

register = template.Library()


@register.filter
def with_files(text: str | None, files: Mapping[int, OwnFile]) -> SafeString:
    """Safe HTML from Markdown, with the pictures and files that belong to the text."""
    return render_markdown(text or "", files)


@register.filter
def cause(key: str) -> str:
    """A key of the taxonomy as a heading."""
    return causes.title(key)
