"""Pages on methodologies: which there are, and what each asks for."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from lifecycle.methodologies.selectors import version_of, versions
from lifecycle.methodologies.shape import loops_of, phases_of, shape_of


def list_(request: HttpRequest) -> HttpResponse:
    """All versions, with the projects that use each."""
    rows = [{"methodology": methodology, "shape": shape_of(methodology)} for methodology in versions()]
    return render(request, "lifecycle/methodologies/list.html", {"rows": rows})


def methodology(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """One version: phases, tasks, deliverables, exit questions, gates, ways back."""
    found = version_of(key, number)
    if found is None:
        raise Http404
    return render(
        request,
        "lifecycle/methodologies/methodology.html",
        {
            "methodology": found,
            "shape": shape_of(found),
            "phases": phases_of(found),
            "loops": loops_of(found),
            "gaps": (found.content.get("framework") or {}).get("known_gaps") or [],
            "sources": (found.content.get("framework") or {}).get("sources") or [],
        },
    )
