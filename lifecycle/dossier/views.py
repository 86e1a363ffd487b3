"""Pages of the room: a project's dossier, and the record of a round as PDF."""

from __future__ import annotations

import tempfile
from typing import IO

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from foundation.people.models import User
from foundation.web.pdf import MEDIA_TYPE
from foundation.web.views import signed_in
from lifecycle.dossier import selectors
from lifecycle.dossier.paper import round_pdf
from lifecycle.dossier.permits import may_export
from lifecycle.dossier.services import export_dossier
from lifecycle.projects.models import Project
from lifecycle.projects.views.finding import find_project
from lifecycle.signoff.models import Round


@require_http_methods(["GET", "POST"])
def dossier(request: HttpRequest, key: str) -> HttpResponseBase:
    """What a dossier holds, those that were handed out, and a head looked up; POST hands one out."""
    person = signed_in(request)
    project = find_project(request, key)
    if request.method == "POST":
        return packed(person, project)
    asked = request.GET.get("head", "").strip()[:200]
    verdict = may_export(person, project)
    return render(
        request,
        "lifecycle/dossier/dossier.html",
        {
            "project": project,
            "may_export": verdict,
            "handed_out": selectors.handed_out(project) if verdict else [],
            "asked": asked,
            "found": selectors.with_head(project, asked) if asked and verdict else None,
        },
    )


def packed(person: User, project: Project) -> HttpResponseBase:
    """A fresh dossier as a download; its head stands in `X-Dossier-Head`."""
    # On disk: the files of a project do not fit into memory. Gone when the response is closed.
    target: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    try:
        found = export_dossier(actor=person, project=project, target=target)
    except BaseException:
        target.close()
        raise
    target.seek(0)
    response = FileResponse(
        target, as_attachment=True, filename=f"dossier-{project.key}.zip", content_type="application/zip"
    )
    response.headers["X-Dossier-Head"] = found.built.head
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_GET
def round_record(request: HttpRequest, round_id: int) -> HttpResponse:
    """The record of a round as PDF."""
    review = find_round(signed_in(request), round_id)
    response = HttpResponse(round_pdf(review, at=timezone.now()), content_type=MEDIA_TYPE)
    name = f"record-{review.project.key}-{review.stage.key}-{review.number}.pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def find_round(person: User, round_id: int) -> Round:
    """A round that was submitted, of a project that the person may read."""
    found: Round | None = (
        Round.objects.visible_to(person)
        .exclude(digest="")
        .select_related("stage", "project__methodology", "requester")
        .filter(pk=round_id)
        .first()
    )
    if found is None:
        raise Http404
    return found
