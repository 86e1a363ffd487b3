"""The trail as a page for those who see everything."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from foundation.audit import selectors
from foundation.audit.forms import Filter
from foundation.audit.verify import verify_chain
from foundation.web.views import signed_in


@require_http_methods(["GET", "POST"])
def trail(request: HttpRequest) -> HttpResponse:
    """All entries, filtered; a POST walks the chain and says whether it holds."""
    if not signed_in(request).sees_all:
        raise PermissionDenied
    form = Filter(request.GET or None)
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    # A filter that cannot be read must not look like one that found everything.
    unread = form.is_bound and not form.is_valid()
    found = selectors.entries(
        person=wanted.get("person", ""),
        verb=wanted.get("verb", ""),
        projects=[] if unread else wanted.get("project"),
        since=wanted.get("since"),
        until=wanted.get("until"),
    )
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    return render(
        request,
        "foundation/audit/trail.html",
        {
            "form": form,
            "page": page,
            "lines": selectors.lines(list(page.object_list)),
            "finding": verify_chain() if request.method == "POST" else None,
            "filtered": any(wanted.values()),
            "unread": unread,
        },
    )
