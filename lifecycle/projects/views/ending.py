"""How a project ends: stopped, or closed with what came of it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from foundation.web.kept import initial_from_kept
from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.projects.closing import unsettled
from lifecycle.projects.forms import CloseForm
from lifecycle.projects.permits import may
from lifecycle.projects.services import close_project, stop_project
from lifecycle.projects.views.finding import find_project, tell


@require_POST
def stop(request: HttpRequest, key: str) -> HttpResponse:
    """Stop the project for a reason."""
    project = find_project(request, key)
    stopped = stop_project(actor=signed_in(request), project=project, reason=request.POST.get("reason", ""))
    messages.success(request, f"{stopped.name} is stopped. It stays readable.")
    return redirect(stopped)


def close(request: HttpRequest, key: str) -> HttpResponse:
    """What closing means, what is to be settled before, and the form."""
    user = signed_in(request)
    project = find_project(request, key)
    status = 200
    if request.method == "POST":
        form = CloseForm(request.POST)
        if form.is_valid():
            try:
                closed = close_project(actor=user, project=project, statement=form.cleaned_data["statement"])
            except Refused as refused:
                status = refused.status
                if not unsettled(user, project):  # what is unsettled stands above the form, with the way to it
                    tell(form, refused)
            else:
                messages.success(request, f"{closed.name} is closed. It stays readable.")
                return redirect(closed)
        else:
            status = 400
    else:
        form = CloseForm(initial=initial_from_kept(request) or None)
    allowed = may(user, "close_project", project)
    context = {
        "project": project,
        "form": form,
        "may_close": allowed,
        "unsettled": unsettled(user, project) if allowed else [],
    }
    return render(request, "lifecycle/projects/close.html", context, status=status)
