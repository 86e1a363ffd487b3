"""What a text must be before it is kept."""

from __future__ import annotations

from foundation.web.refused import Refused


def sound_text(text: str, *, limit: int, field: str, what: str, may_be_empty: bool = False) -> str:
    """The text with line ends as `\\n`, so that one text has one hash whatever sent it.

    Raises Refused when it is empty, longer than `limit` characters, or holds what no text holds.
    """
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    if not plain.strip():
        if may_be_empty:
            return ""
        raise Refused(f"{what} is empty. Write something first.", code="empty", status=400, field=field)
    if len(plain) > limit:
        raise Refused(
            f"{what} has {len(plain)} characters; the limit is {limit}. Shorten it, or attach it as a file.",
            code="text_too_long",
            status=400,
            field=field,
        )
    # NUL cannot be stored in PostgreSQL, half a surrogate pair cannot be encoded.
    if "\x00" in plain or any("\ud800" <= sign <= "\udfff" for sign in plain):
        raise Refused(
            f"{what} holds a sign that is no text. Paste it again as plain text.",
            code="text_unreadable",
            status=400,
            field=field,
        )
    return plain
