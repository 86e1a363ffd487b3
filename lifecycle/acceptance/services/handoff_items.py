"""The items of a hand-off record, as they are written: each with a text, a link, or why it is not applicable."""

from __future__ import annotations

from collections.abc import Mapping

from foundation.web.refused import Refused
from lifecycle.acceptance.links import checked_link
from lifecycle.acceptance.models import ITEMS
from lifecycle.projects.services.texts import sound_text

TEXT_LIMIT = 20_000  # characters of an item

Item = Mapping[str, str]


def checked_items(items: Mapping[str, Item]) -> list[dict[str, str]]:
    """All items in their order, each with a text, a link or the reason why it is not applicable."""
    unknown = [key for key in items if key not in ITEMS]
    if unknown:
        raise Refused(
            f"{unknown[0]!r} is no item of the record. Use: {', '.join(ITEMS)}.",
            code="item_unknown",
            status=400,
            field="items",
        )
    kept = []
    for key, label in ITEMS.items():
        given = items.get(key, {})
        text = sound_text(
            given.get("text", ""), limit=TEXT_LIMIT, field=f"{key}_text", what=label, may_be_empty=True
        ).strip()
        link = checked_link(given.get("link", ""), field=f"{key}_link")
        why = sound_text(
            given.get("not_applicable", ""),
            limit=TEXT_LIMIT,
            field=f"{key}_not_applicable",
            what=f"Why {label} is not applicable",
            may_be_empty=True,
        ).strip()
        if why and (text or link):
            raise Refused(
                f"{label} has a content and is not applicable at once. Leave one of them out.",
                code="item_both",
                status=400,
                field=f"{key}_not_applicable",
            )
        kept.append({"key": key, "text": text, "link": link, "not_applicable": why})
    return kept
