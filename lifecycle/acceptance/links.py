"""Links that people type: to pages of the web or of the portal, and to nothing else."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from foundation.web.refused import Refused

LINK_LIMIT = 300  # characters
_is_address = URLValidator(schemes=["http", "https"])


def checked_link(text: str, *, field: str) -> str:
    """The link without blanks around it; empty stays empty. Raises Refused: link_invalid."""
    link = text.strip()
    inside = link.startswith("/") and not link.startswith("//") and "\\" not in link
    if not link or (inside and len(link) <= LINK_LIMIT and link.isprintable()):
        return link
    try:
        if len(link) > LINK_LIMIT:
            raise ValidationError("too long")
        _is_address(link)
    except ValidationError:
        raise Refused(
            f"{link[:80]!r} is no link. Give an address that begins with https://, or a path of this portal.",
            code="link_invalid",
            status=400,
            field=field,
        ) from None
    return link
