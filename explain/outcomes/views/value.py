"""What a project is worth: its reports, and who is told of them each month."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from explain.outcomes.beside import sections_for
from explain.outcomes.charts.of_report import curve_of
from explain.outcomes.forms import RecipientForm, ReportForm
from explain.outcomes.models import ReportRecipient
from explain.outcomes.permits import may_request_report
from explain.outcomes.selectors import current_report, recipients_of, report_rows, waiting_report
from explain.outcomes.services import add_recipient, remove_recipient, request_report
from explain.outcomes.shown import shown
from explain.outcomes.views.finding import project_of
from foundation.web.kept import initial_from_kept
from foundation.web.views import signed_in
from lifecycle.projects.models import Project
from lifecycle.projects.services import person_named


@require_http_methods(["GET", "HEAD", "POST"])
def value(request: HttpRequest, key: str) -> HttpResponse:
    """What the project is worth: the newest report, the one in the making, and the list."""
    person = signed_in(request)
    project = project_of(request, key)
    if request.method == "POST":
        form = ReportForm(request.POST)
        if form.is_valid():
            report = request_report(
                actor=person, project=project, as_of=form.cleaned_data["as_of"], seed=form.cleaned_data["seed"] or 0
            )
            return redirect("outcomes:report", key=project.key, number=report.number)
    else:
        form = ReportForm(initial=initial_from_kept(request))
    current = current_report(project)
    context: dict[str, Any] = {
        "project": project,
        "report": current,
        "waiting": waiting_report(project),
        "rows": report_rows(project),
        "may_ask": may_request_report(person, project),
        "form": form,
        "beside": sections_for(project),
        "recipients": recipients_of(project),
        "recipient_form": RecipientForm(initial=initial_from_kept(request, _recipients_path(project))),
    }
    if current is not None:
        context |= {"result": shown(current.result), "curve": curve_of(current.result)}
    return render(request, "explain/outcomes/value.html", context, status=400 if form.errors else 200)


@require_POST
def recipients(request: HttpRequest, key: str) -> HttpResponse:
    """Put somebody on the list of those who are told of each month's report."""
    person, project = signed_in(request), project_of(request, key)
    form = RecipientForm(request.POST)
    if form.is_valid():
        made = add_recipient(actor=person, project=project, person=person_named(form.cleaned_data["person"]))
        messages.success(request, f"{made.person.name} is told of the report of each month.")
    else:
        messages.error(request, "Write the name or the e-mail address of whom to tell.")
    return redirect("outcomes:value", key=project.key)


@require_POST
def recipient_off(request: HttpRequest, key: str, recipient_id: int) -> HttpResponse:
    """Take somebody off the list."""
    person, project = signed_in(request), project_of(request, key)
    found = ReportRecipient.objects.select_related("person", "project").filter(pk=recipient_id, project=project).first()
    if found is None:
        raise Http404
    remove_recipient(actor=person, recipient=found)
    messages.success(request, f"{found.person.name} is no longer told of the report of each month.")
    return redirect("outcomes:value", key=project.key)


def _recipients_path(project: Project) -> str:
    return reverse("outcomes:recipients", kwargs={"key": project.key})
