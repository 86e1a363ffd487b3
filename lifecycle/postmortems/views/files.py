"""Files of a post-mortem: brought, shown to those who may read it, taken out."""

from __future__ import annotations

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from foundation.web.markdown import OwnFile
from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.postmortems import services
from lifecycle.postmortems.models import Attachment, PostMortem
from lifecycle.postmortems.sniffing import kind_named
from lifecycle.postmortems.views.finding import find_or_404


@require_POST
def attach(request: HttpRequest, reference: str) -> HttpResponse:
    """Bring a file."""
    user = signed_in(request)
    found = find_or_404(user, reference)
    brought = request.FILES.get("file")
    if brought is None:
        raise Refused("Choose a file first.", code="file_empty", status=400, field="file")
    made = services.attach_file(actor=user, postmortem=found, file=brought, name=brought.name or "")
    messages.success(request, f"{made.name} is kept. Write {mention(made)} where a text speaks of it.")
    return redirect(f"{found.get_absolute_url()}#files")


@require_POST
def detach(request: HttpRequest, reference: str, file_id: int) -> HttpResponse:
    """Take a file out."""
    user = signed_in(request)
    found = find_or_404(user, reference)
    services.remove_file(actor=user, postmortem=found, file_id=file_id)
    return redirect(f"{found.get_absolute_url()}#files")


@require_safe
def download(request: HttpRequest, reference: str, file_id: int) -> HttpResponseBase:
    """A file, to those who may read the post-mortem."""
    return sent(find_or_404(signed_in(request), reference), file_id)


def sent(found: PostMortem, file_id: int) -> HttpResponseBase:
    """The bytes: pictures in the page, all else as a download, and nothing that a browser would run."""
    row = Attachment.objects.filter(postmortem=found, pk=file_id).first()
    if row is None:
        raise Http404
    try:
        stored = row.file.open("rb")
    except FileNotFoundError:
        raise Refused(
            "The file is not in the store any more. Its fingerprint stays on record; ask an administrator for the "
            "backup.",
            code="file_gone",
        ) from None
    kind = kind_named(row.media_type)
    is_picture = kind is not None and kind.is_picture
    response = FileResponse(
        stored,
        as_attachment=not is_picture,
        filename=row.name,
        content_type=row.media_type if kind else "application/octet-stream",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def mention(row: Attachment) -> str:
    """How a text shows or names the file."""
    kind = kind_named(row.media_type)
    return f"![what is seen](file:{row.pk})" if kind and kind.is_picture else f"[{row.name}](file:{row.pk})"


def own_files(found: PostMortem) -> dict[int, OwnFile]:
    """What texts of the post-mortem may show and name; from rows that are read already where they are."""
    files = {}
    for row in found.attachments.all():
        kind = kind_named(row.media_type)
        address = f"{found.get_absolute_url()}files/{row.pk}/"
        files[row.pk] = OwnFile(address, is_picture=bool(kind and kind.is_picture))
    return files
