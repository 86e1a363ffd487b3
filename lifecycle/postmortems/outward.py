"""The outward version: what readers outside may have. Only what was written for them, and words of the taxonomy.

No people, no links into the portal, no timeline, no evidence, no files, no free text of causes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from lifecycle.postmortems import taxonomy as causes
from lifecycle.postmortems.models import ActionItem, PostMortem

SCHEMA = "tollgate.post-mortem.outward/1"
INSIDE = "(inside the portal)"
# Keys of a promise that speak of money or lead into the portal, whoever wrote it down.
_MONEY = re.compile(
    r"money|amount|cost|benefit|value_per|currency|npv|roi\b|return_on|payback|budget|cash|saving|price|revenue|"
    r"spend|spent|worth|[€$£¥]|\b(?:EUR|USD|GBP|CHF|JPY)\b",
    re.IGNORECASE,
)
_KEPT_BACK = frozenset(
    {"link", "url", "href", "id", "pk", "by", "owner", "person", "people", "hash", "key", "evidence"}
)
_LINK = re.compile(r"!?\[([^\]\n]*)\]\(\s*<?([^)\s>]*)>?[^)\n]*\)")
_REFERENCE = re.compile(r"^[ ]{0,3}\[[^\]\n]+\]:[ \t]*(\S+).*$", re.MULTILINE)
_ADDRESS = re.compile(r"\bhttps?://[^\s<>\"')\]]+", re.IGNORECASE)


def outward_of(postmortem: PostMortem) -> dict[str, Any]:
    """The outward version as plain JSON; promises are marked where they speak of money."""
    nodes = causes.nodes(postmortem.taxonomy.content)
    return {
        "reference": postmortem.reference,
        "title": without_inside(postmortem.title),
        "kind": postmortem.get_kind_display(),
        "version": postmortem.number,
        "summary": without_inside(postmortem.outward_summary),
        "promise": [
            {"text": without_inside(text), "is_money": is_money} for text, is_money in promised(postmortem.promise)
        ],
        "factors": [
            {
                "group": causes.title(factor.group),
                "name": causes.title(factor.node),
                "label": nodes[factor.node].label if factor.node in nodes else "",
            }
            for factor in postmortem.factors.all()
        ],
        "lessons": [
            {"kind": lesson.get_kind_display(), "text": without_inside(lesson.text)}
            for lesson in postmortem.lessons.all()
        ],
        "actions": [
            {"title": without_inside(action.title), "state": action.get_status_display()}
            for action in postmortem.actions.all()
            if action.disposition == ActionItem.Disposition.ACCEPTED
        ],
    }


def shown(outward: dict[str, Any], *, with_money: bool) -> dict[str, Any]:
    """What goes out: promises of money only where they were asked for."""
    lines = [line["text"] for line in outward["promise"] if with_money or not line["is_money"]]
    return {"schema": SCHEMA, **outward, "promise": lines}


def promised(promise: Any) -> list[tuple[str, bool]]:
    """Lines of a frozen promise and whether each speaks of money. Whatever its shape; nothing unclear is taken for free
    of money."""
    return list(_lines(promise, "", False))


def _lines(value: Any, name: str, is_money: bool) -> Iterator[tuple[str, bool]]:
    if isinstance(value, dict):
        shared = is_money or any(_MONEY.search(str(key)) for key in value if value[key] not in (None, "", [], {}))
        plain = {
            key: inner
            # Words before figures, each by name: databases keep the keys of JSON in orders of their own.
            for key, inner in sorted(value.items(), key=lambda pair: (not isinstance(pair[1], str), str(pair[0])))
            if str(key) not in _KEPT_BACK and isinstance(inner, str | int | float) and not isinstance(inner, bool)
        }
        if plain:
            words = "; ".join(f"{causes.words(str(key))}: {inner}" for key, inner in plain.items() if inner != "")
            text = f"{causes.title(name)}: {words}" if name else words
            yield text[:1].upper() + text[1:], shared or bool(_MONEY.search(words))
        for key, inner in value.items():
            if isinstance(inner, dict | list) and str(key) not in _KEPT_BACK:
                yield from _lines(inner, str(key), is_money or bool(_MONEY.search(str(key))))
    elif isinstance(value, list):
        for inner in value:
            yield from _lines(inner, name, is_money)
    elif isinstance(value, str) and value.strip():
        yield value.strip(), is_money or bool(_MONEY.search(value))


def without_inside(text: str) -> str:
    """The text without links into the portal and without its files; the words of a link stay."""

    def link(found: re.Match[str]) -> str:
        return found.group(0) if not found.group(0).startswith("!") and leads_out(found.group(2)) else found.group(1)

    def reference(found: re.Match[str]) -> str:
        return found.group(0) if leads_out(found.group(1).strip("<>")) else ""

    def address(found: re.Match[str]) -> str:
        return found.group(0) if leads_out(found.group(0)) else INSIDE

    return _ADDRESS.sub(address, _REFERENCE.sub(reference, _LINK.sub(link, text)))


def leads_out(address: str) -> bool:
    """Whether a link leads to somewhere that is not this portal."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
    except ValueError:
        return False
    if parts.scheme.lower() == "mailto":
        return True
    return parts.scheme.lower() in ("http", "https") and bool(host) and host not in _own_hosts()


def _own_hosts() -> set[str]:
    named = {str(host).lstrip(".").lower() for host in settings.ALLOWED_HOSTS if host != "*"}
    base = urlsplit(settings.BASE_URL).hostname
    return named | ({base.lower()} if base else set()) | {"localhost", "127.0.0.1"}
