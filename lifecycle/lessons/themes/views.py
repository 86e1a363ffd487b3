"""The page of themes."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from foundation.audit.since import SinceLastDeed
from foundation.web.views import signed_in
from lifecycle.lessons.themes import selectors
from lifecycle.lessons.themes.page import page_of


@require_safe
def themes(request: HttpRequest) -> HttpResponse:
    """What published post-mortems have in common, of those that the person may see."""
    user = signed_in(request)
    asked = selectors.asked(request.GET)
    known = SinceLastDeed(user.pk, timezone.localdate())
    choices = known.answer("choices of themes", lambda: selectors.choices(user))
    page = known.answer(f"themes {asked.query}", lambda: page_of(selectors.themes_for(user, asked)))
    return render(
        request,
        "lifecycle/lessons/themes.html",
        {
            "page": page,
            "themes": page.themes,
            "asked": asked,
            "choices": choices,
            "has_more": bool(asked.since or asked.until or asked.risk or asked.severity),
        },
    )
