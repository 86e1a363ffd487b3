"""A deliverable: read it, write it in place, attach a file, compare versions, take them away as files."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from foundation.web.differences import lines_between
from foundation.web.kept import initial_from_kept
from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.projects import moves
from lifecycle.projects.forms import FileForm, ReasonForm, TextForm
from lifecycle.projects.models import Deliverable, DeliverableVersion
from lifecycle.projects.permits import may
from lifecycle.projects.selectors import former_version, version_of, versions_of
from lifecycle.projects.services import mark_not_applicable, take_over, unmark_not_applicable, write_version
from lifecycle.projects.services.writing import TEXT_LIMIT
from lifecycle.projects.views.finding import build_on, find_deliverable, tell


def deliverable(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """The newest version, the forms for the next one, and the list of all."""
    found = find_deliverable(request, key, pk)
    if request.method != "POST":
        return _page(request, found)
    return _attach(request, found) if "file" in request.FILES or "attach" in request.POST else _write(request, found)


def _write(request: HttpRequest, deliverable: Deliverable) -> HttpResponse:
    form = TextForm(request.POST)
    if not form.is_valid():
        return _page(request, deliverable, text_form=form, status=400)
    try:
        version = write_version(
            actor=signed_in(request),
            deliverable=deliverable,
            text=form.cleaned_data["text"],
            note=form.cleaned_data["note"],
            expected_number=form.cleaned_data["expected_number"],
        )
    except Refused as refused:
        return _refused(request, deliverable, form, refused)
    return _saved(request, deliverable, version)


def _attach(request: HttpRequest, deliverable: Deliverable) -> HttpResponse:
    form = FileForm(request.POST, request.FILES, auto_id="file_%s")
    if not form.is_valid():
        return _page(request, deliverable, file_form=form, status=400)
    upload = form.cleaned_data["file"]
    try:
        version = write_version(
            actor=signed_in(request),
            deliverable=deliverable,
            file=upload,
            filename=upload.name,
            note=form.cleaned_data["note"],
            expected_number=form.cleaned_data["expected_number"],
        )
    except Refused as refused:
        return _refused(request, deliverable, form, refused)
    return _saved(request, deliverable, version)


def _refused(
    request: HttpRequest, deliverable: Deliverable, form: TextForm | FileForm, refused: Refused
) -> HttpResponse:
    """The page with what was typed still in its place; after a conflict with the other text and the difference."""
    status = tell(form, refused)
    deliverable.refresh_from_db(fields=["latest_number", "latest_hash", "not_applicable"])
    theirs = None
    if refused.code == "version_conflict":
        theirs = version_of(deliverable)
        # Saving again is now a choice made on sight of the other version.
        build_on(form, "expected_number", deliverable.latest_number)
    if isinstance(form, TextForm):
        return _page(request, deliverable, text_form=form, theirs=theirs, status=status)
    return _page(request, deliverable, file_form=form, theirs=theirs, status=status)


def _saved(request: HttpRequest, deliverable: Deliverable, version: DeliverableVersion) -> HttpResponse:
    if version.number == deliverable.latest_number:
        messages.info(request, f"Nothing changed: version {version.number} has the same content.")
    else:
        messages.success(request, f"Version {version.number} is saved.")
    return redirect(f"/projects/{deliverable.stage.project.key}/deliverables/{deliverable.pk}/?saved={version.number}")


def _page(
    request: HttpRequest,
    deliverable: Deliverable,
    *,
    text_form: TextForm | None = None,
    file_form: FileForm | None = None,
    theirs: DeliverableVersion | None = None,
    status: int = 200,
) -> HttpResponse:
    user = signed_in(request)
    latest = version_of(deliverable) if deliverable.latest_number else None
    may_write = may(user, "write_deliverable", deliverable)
    kept = initial_from_kept(request) if text_form is None else {}
    start = latest.text if latest else outline(deliverable)
    initial = {"text": start, "expected_number": deliverable.latest_number}
    gate = deliverable.stage.gate
    context: dict[str, Any] = {
        "project": deliverable.stage.project,
        "stage": deliverable.stage,
        "deliverable": deliverable,
        "latest": latest,
        "versions": versions_of(deliverable),
        "former": former_version(deliverable) if not latest and deliverable.stage.iteration > 1 else None,
        "may_write": may_write,
        "is_editing": bool(text_form or kept or "edit" in request.GET or (may_write and latest is None)),
        "text_form": text_form or TextForm(initial={**initial, **kept}),
        "file_form": file_form or FileForm(initial={"expected_number": deliverable.latest_number}, auto_id="file_%s"),
        "theirs": theirs,
        "difference": lines_between(theirs.text, str(text_form.data.get("text", ""))) if theirs and text_form else None,
        "reason_form": ReasonForm(auto_id="na_%s"),
        "may_be_excused": deliverable.need != Deliverable.Need.REQUIRED
        or deliverable.key in (gate.get("may_be_not_applicable") or []),
        "is_decided": deliverable.stage.state in (moves.IN_REVIEW, moves.APPROVED),
        "draft_key": f"{user.pk}:deliverable:{deliverable.pk}",
        "saved": request.GET.get("saved", ""),
    }
    return render(request, "lifecycle/projects/deliverable.html", context, status=status)


def outline(deliverable: Deliverable) -> str:
    """The headings that the methodology's template gives, as the start of a document."""
    return "\n\n".join(f"# {section}\n" for section in deliverable.sections)


@require_POST
def preview(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """The text as it will look, for the place under the editor."""
    find_deliverable(request, key, pk)
    text = request.POST.get("text", "")
    return render(
        request,
        "lifecycle/projects/deliverable.html#preview",
        {"preview_text": text[:TEXT_LIMIT], "is_cut": len(text) > TEXT_LIMIT},
    )


@require_POST
def applies(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Say that a deliverable does not apply and why, or that it does after all."""
    found = find_deliverable(request, key, pk)
    user = signed_in(request)
    if "undo" in request.POST:
        unmark_not_applicable(actor=user, deliverable=found)
        messages.success(request, "The deliverable applies again.")
    else:
        mark_not_applicable(actor=user, deliverable=found, reason=request.POST.get("reason", ""))
        messages.success(request, "The deliverable is marked as not applicable.")
    return redirect("projects:deliverable", key=key, pk=pk)


@require_POST
def former(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Take over the newest version of the former iteration."""
    found = find_deliverable(request, key, pk)
    version = take_over(actor=signed_in(request), deliverable=found)
    messages.success(request, f"{version.note}. Read it through: what was true then may have changed.")
    return redirect("projects:deliverable", key=key, pk=pk)


def version(request: HttpRequest, key: str, pk: int, number: int) -> HttpResponse:
    """One version as it was, and what changed since another (`?since=`; the one before, by default)."""
    found = find_deliverable(request, key, pk)
    shown = version_of(found, number)
    if shown is None:
        raise Http404
    since = request.GET.get("since", "")
    other = version_of(found, int(since) if since.isdecimal() and len(since) < 7 else number - 1)
    both = other is not None and other.number != number and not shown.file and not other.file
    return render(
        request,
        "lifecycle/projects/version.html",
        {
            "project": found.stage.project,
            "stage": found.stage,
            "deliverable": found,
            "version": shown,
            "other": other if other and other.number != number else None,
            "both": both,
            "difference": lines_between(other.text, shown.text) if other and both else None,
            "versions": versions_of(found),
        },
    )


def download(request: HttpRequest, key: str, pk: int, number: int) -> HttpResponseBase:
    """A version as a file, always as an attachment: what people upload never runs in the portal's pages."""
    found = find_deliverable(request, key, pk)
    shown = version_of(found, number)
    if shown is None:
        raise Http404
    return attachment(shown)


def attachment(version: DeliverableVersion) -> HttpResponseBase:
    """The file under its own name, or the text as Markdown. Raises Refused when the store has lost the file."""
    response: HttpResponseBase
    if version.file:
        try:
            stored = version.file.open("rb")
        except FileNotFoundError:
            raise Refused(
                "The file is not in the store any more. Its fingerprint stays on record; ask an administrator for "
                "the backup.",
                code="file_gone",
            ) from None
        response = FileResponse(
            stored, as_attachment=True, filename=version.filename, content_type="application/octet-stream"
        )
    else:
        name = f"{version.deliverable.key}-v{version.number}.md"
        response = HttpResponse(version.text, content_type="text/markdown; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
