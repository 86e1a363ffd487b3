"""What every page's frame needs; lazy, so that a page without the rail pays nothing."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject


def frame(request: HttpRequest) -> dict[str, Any]:
    """`unread`: the person's unread notices, counted when the rail asks."""

    def unread() -> int:
        user = request.user
        return user.notices.filter(read_at__isnull=True).count() if user.is_authenticated else 0

    return {"unread_notices": SimpleLazyObject(unread)}
