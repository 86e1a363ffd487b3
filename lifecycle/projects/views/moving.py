"""Moving a project to a newer version of its methodology: what it would do, and doing it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from foundation.web.kept import initial_from_kept
from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.methodologies.difference import difference
from lifecycle.methodologies.selectors import newer_than
from lifecycle.projects.forms import MoveForm
from lifecycle.projects.permits import may
from lifecycle.projects.services import move_methodology, newer_version, preview_move
from lifecycle.projects.views.finding import build_on, find_project, tell


def methodology(request: HttpRequest, key: str) -> HttpResponse:
    """What moving to a newer version (`?to=`, else the newest) means for this project; a POST moves it."""
    user = signed_in(request)
    project = find_project(request, key)
    offered = list(newer_than(project.methodology).defer("content", "source"))
    status = 200
    if request.method == "POST":
        form = MoveForm(request.POST)
        status = 400
        if form.is_valid():
            try:
                move_methodology(actor=user, project=project, **form.cleaned_data)
            except Refused as refused:
                if refused.field == "number":
                    refused.field = ""  # nobody sees that field: the sentence stands above the form
                status = tell(form, refused)
            else:
                messages.success(request, "The project follows the new version now. Everybody in it has been told.")
                return redirect("projects:stages", key=key)
        named = request.POST.get("number", "")
    else:
        named = request.GET.get("to", "")
        form = MoveForm(initial=initial_from_kept(request))
    known = {each.number for each in offered}
    number = int(named) if named.isdecimal() and len(named) < 10 and int(named) in known else None
    context: dict[str, Any] = {
        "project": project,
        "offered": offered,
        "form": form,
        "may_move": may(user, "move_methodology", project),
    }
    if offered:
        target = newer_version(project, number)
        plan = preview_move(project, target)
        if form.is_bound:
            build_on(form, "number", target.number)  # the version that the page now shows
        else:
            form.initial["number"] = target.number
        whole = [change for change in difference(project.methodology.content, target.content) if not change.stage]
        context |= {
            "target": target,
            "plan": plan,
            "blockers": [sentence for _, sentence in plan.blockers],
            "whole": whole,
            "touched": [stage for stage in plan.stages if not stage.is_untouched or stage.effects],
            "untouched": [stage for stage in plan.stages if stage.is_untouched and not stage.effects],
        }
    return render(request, "lifecycle/projects/methodology.html", context, status=status)
