"""The trail as a page for those who see everything."""

from __future__ import annotations

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from foundation.audit import selectors
from foundation.audit.verify import verify_chain
from foundation.web.views import signed_in


class Filter(forms.Form):
    """What to look for."""

    person = forms.CharField(required=False, max_length=120)
    verb = forms.CharField(
        label="Deed", required=False, max_length=60, widget=forms.TextInput(attrs={"placeholder": "approve"})
    )
    project = forms.IntegerField(label="Project number", required=False, min_value=1)
    since = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))


@require_http_methods(["GET", "POST"])
def trail(request: HttpRequest) -> HttpResponse:
    """All entries, filtered; a POST walks the chain and says whether it holds."""
    if not signed_in(request).sees_all:
        raise PermissionDenied
    form = Filter(request.GET or None)
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    found = selectors.entries(
        person=wanted.get("person", ""),
        verb=wanted.get("verb", ""),
        project_id=wanted.get("project"),
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
        },
    )
