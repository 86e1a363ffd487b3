"""Pages of the frame itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from foundation.web.kept import keep_posted

if TYPE_CHECKING:
    from foundation.people.models import User


def signed_in(request: HttpRequest) -> User:
    """The person of a page that asks for sign-in; PermissionDenied should a page be left open by mistake."""
    if isinstance(request.user, AnonymousUser):
        raise PermissionDenied
    return request.user


def as_file(content: bytes, media_type: str, name: str) -> HttpResponse:
    """A file to take away under its name."""
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token no longer fits: what was typed is kept, and the form is shown again."""
    back = request.headers.get("Referer", "")
    if request.method == "POST" and back and hasattr(request, "session"):
        keep_posted(request)
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    return render(request, "foundation/web/csrf_failure.html", {"back": back}, status=403)


@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers, 503 when not; needs no sign-in, tells nothing else."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database unavailable"}, status=503)
    return JsonResponse({"status": "ok"})


@login_not_required
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for it by this name."""
    return redirect("/static/tollgate/mark.svg", permanent=True)
