"""The library: all post-mortems that a person may see, searched and narrowed."""

from __future__ import annotations

from typing import Any, cast

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from foundation.web.views import signed_in
from lifecycle.postmortems import library, permits
from lifecycle.postmortems import taxonomy as causes
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.services import current_taxonomy, follows
from lifecycle.projects.models import Project

PAGE = 25


@require_safe
def postmortems(request: HttpRequest) -> HttpResponse:
    """Visible post-mortems by words and choices, newest or best match first. The number of queries is the same for all."""
    user = signed_in(request)
    asked = library.asked(request.GET)
    shelf = library.Shelf(user, asked)
    page: Page[PostMortem] = Paginator(cast(Any, shelf), PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    snippets = shelf.snippets(rows)
    project = Project.objects.visible_to(user).filter(key=asked.project).first() if asked.project else None
    content = current_taxonomy().content
    query = request.GET.copy()
    query.pop("page", None)
    other = query.copy()
    other["sort"] = library.NEWEST if asked.by_match else library.MATCH
    return render(
        request,
        "lifecycle/postmortems/postmortems.html",
        {
            "page": page,
            "rows": [(row, snippets.get(row.pk, "")) for row in rows],
            "count": shelf.count(),
            "asked": asked,
            "project": project,
            "may_open": permits.may_open(user, project) if project else None,
            "kinds": PostMortem.Kind.choices,
            "states": PostMortem.State.choices,
            "severities": PostMortem.Severity.choices,
            "triggers": causes.trigger_choices(content),
            "detections": causes.list_choices(content, "detection"),
            "factor_groups": causes.node_choices(content),
            "groups": [(group, causes.title(group)) for group in content["factor_groups"]],
            "tags": library.tags_in_use(user),
            "has_more": bool(
                asked.severity or asked.trigger or asked.detection or asked.tag or asked.since or asked.until
            ),
            "query": query.urlencode(),
            "other_sort": other.urlencode(),
            "is_told": follows(user),
        },
    )
