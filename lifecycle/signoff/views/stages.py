"""Pages on which a stage is submitted, or the project goes back to an earlier one."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from foundation.people.models import User
from foundation.web.kept import initial_from_kept
from foundation.web.views import signed_in
from lifecycle.projects.beside import origins_of
from lifecycle.projects.models import Project
from lifecycle.signoff import selectors, services
from lifecycle.signoff.forms.rounds import GoBackForm, SubmitForm
from lifecycle.signoff.selectors.evidence import questions_in
from lifecycle.signoff.services.returning import actual_cost


@require_http_methods(["GET", "POST"])
def submit(request: HttpRequest, key: str, stage_key: str) -> HttpResponse:
    """Put a stage to a decision."""
    person = signed_in(request)
    emergency = "emergency" in request.GET
    page = selectors.submit_page(_project(person, key), stage_key, person, emergency=emergency)
    if page is None:
        raise Http404
    if request.method == "POST":
        form = SubmitForm(request.POST, is_emergency=emergency)
        if form.is_valid():
            review = services.submit_round(
                actor=person,
                stage=page.stage,
                title=form.cleaned_data["title"],
                comment=form.cleaned_data["comment"],
                due_on=form.cleaned_data["due_on"],
                emergency=form.cleaned_data.get("emergency", ""),
            )
            messages.success(request, "Submitted. Those who may decide have been told.")
            return redirect("signoff:round", review.pk)
    else:
        form = SubmitForm(initial=initial_from_kept(request), is_emergency=emergency)
    context = {"page": page, "stage": page.stage, "project": page.stage.project, "form": form}
    context["origins"] = origins_of(person, page.stage.project, questions_in(page.items))
    return render(request, "lifecycle/signoff/submit.html", context)


@require_http_methods(["GET", "POST"])
def go_back(request: HttpRequest, key: str, stage_key: str) -> HttpResponse:
    """Take the project back to an earlier stage."""
    person = signed_in(request)
    page = selectors.go_back_page(_project(person, key), stage_key, person)
    if page is None:
        raise Http404
    names = {target.key: target.name for target in page.targets}
    choices = [(f"{loop['to']}|{loop['key']}", f"{names[loop['to']]}: {loop['trigger']}") for loop in page.loops]
    choices += [(target.key, f"{target.name}, for another reason") for target in page.targets]
    if request.method == "POST":
        form = GoBackForm(request.POST, choices=choices)
        if form.is_valid():
            to, _, loop = form.cleaned_data["to"].partition("|")
            event = services.go_back(
                actor=person, stage=page.stage, to_key=to, reason=form.cleaned_data["reason"], loop_key=loop
            )
            messages.success(request, f"{event.to_stage.name} is open again, as iteration {event.to_stage.iteration}.")
            return redirect(event.to_stage.get_absolute_url())
    else:
        form = GoBackForm(choices=choices, initial=initial_from_kept(request))
    context = {
        "page": page,
        "stage": page.stage,
        "project": page.stage.project,
        "form": form,
        "cost": actual_cost(page.stage.project, until=timezone.localdate()),
    }
    return render(request, "lifecycle/signoff/go_back.html", context)


def _project(person: User, key: str) -> Project:
    project: Project = get_object_or_404(Project.objects.visible_to(person).select_related("methodology"), key=key)
    return project
