"""Pages of the roof: the inbox, the overview and trail of a project, search, and the components."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from foundation.audit import selectors as audit
from foundation.web.views import signed_in
from lifecycle.lessons.offers.beside import offers_of_project
from portal.home import selectors
from portal.home.samples import samples

RESULTS_SHOWN = 50
CASES_SHOWN = 10  # the best matches; the library has all


def _project(request: HttpRequest, key: str) -> Any:
    project = selectors.project_head(signed_in(request), key)
    if project is None:
        raise Http404("No such project.")
    return project


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for me, unread notices, and what my projects bring."""
    person = signed_in(request)
    found = selectors.inbox(person)
    notices = selectors.unread(person)
    return render(
        request,
        "portal/home/inbox.html",
        {
            "inbox": found,
            "waiting_count": found.count,
            "late": found.late(timezone.localdate()),
            "notices": notices[: selectors.UNREAD_SHOWN],
            "unread_notices": len(notices),
            "brought": selectors.brought_by_mine(person),
            "today": timezone.localdate(),
        },
    )


@require_safe
def waiting_count(request: HttpRequest) -> HttpResponse:
    """The number beside "Waiting for me" in the rail."""
    count = selectors.inbox(signed_in(request)).count
    return render(request, "foundation/web/waiting_count.html", {"waiting_count": count})


@require_safe
def project(request: HttpRequest, key: str) -> HttpResponse:
    """The overview of a project."""
    found = _project(request, key)
    return render(
        request,
        "portal/home/project.html",
        {
            "project": found,
            "overview": selectors.overview(signed_in(request), found),
            # Asked for only where there is one: most projects are like no case.
            "offers": offers_of_project(request, signed_in(request), found) if found.is_offered else None,
        },
    )


@require_safe
def trail(request: HttpRequest, key: str) -> HttpResponse:
    """Who did what in the project."""
    found = _project(request, key)
    page = Paginator(audit.entries(project_id=found.pk), 50).get_page(request.GET.get("page"))
    return render(
        request,
        "portal/home/trail.html",
        {"project": found, "page": page, "lines": audit.lines(list(page.object_list))},
    )


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Projects by name, and post-mortems by their words."""
    text = request.GET.get("q", "").replace("\0", "").strip()[:200]
    context: dict[str, Any] = {"text": text}
    if text:
        projects, shelf = selectors.search(signed_in(request), text)
        found = shelf[:CASES_SHOWN]
        snippets = shelf.snippets(found)
        context |= {
            "projects": projects[:RESULTS_SHOWN],
            "postmortems": [(row, snippets.get(row.pk, "")) for row in found],
            "postmortems_more": shelf.count() - len(found),
        }
    return render(request, "portal/home/search.html", context)


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """All components of the look on one page."""
    return render(request, "portal/home/components.html", samples())
