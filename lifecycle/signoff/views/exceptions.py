"""Pages of exceptions: those of one project with the form to grant one, and the report over all projects."""

from __future__ import annotations

import csv

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.people.models import User
from foundation.people.signing_fields import ask_for_code
from foundation.web.kept import initial_from_kept
from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.projects.models import Project
from lifecycle.projects.permits import roles_of
from lifecycle.projects.views.finding import find_project, tell
from lifecycle.signoff.exceptions import Deviation, Wanted, deviations, deviations_of
from lifecycle.signoff.forms.exceptions import ReportFilter, WaiverForm
from lifecycle.signoff.models import Waiver
from lifecycle.signoff.permits.policies import may_grant, may_read_all
from lifecycle.signoff.services.waivers import end_waiver, grant_waiver

PAGE = 50
COLUMNS = ("kind", "project", "what", "who", "by", "from", "until", "state", "reason")


@require_http_methods(["GET", "POST"])
def of_project(request: HttpRequest, key: str) -> HttpResponse:
    """Exceptions of one project; a POST grants one."""
    person = signed_in(request)
    project = find_project(request, key)
    roles = roles_of(person, project)
    status = 200
    if request.method == "POST":
        form = WaiverForm(request.POST, project=project)
        ask_for_code(person, form)
        if form.is_valid():
            try:
                waiver = grant_waiver(actor=person, project=project, **form.facts())
            except Refused as refused:
                status = tell(form, refused)
            else:
                messages.success(request, f"Signed: {waiver.reason}")
                return redirect("signoff:exceptions", key)
        else:
            status = 400
    else:
        form = WaiverForm(initial=initial_from_kept(request), project=project)
        ask_for_code(person, form)
    return render(
        request,
        "lifecycle/signoff/exceptions.html",
        {
            "project": project,
            "rows": deviations_of(project, actor=person, roles=roles),
            "form": form,
            "may_grant": may_grant(person, project, roles=roles),
        },
        status=status,
    )


@require_POST
def end(request: HttpRequest, waiver_id: int) -> HttpResponse:
    """End an exception before its day."""
    person = signed_in(request)
    waiver = get_object_or_404(
        Waiver.objects.select_related("project"), pk=waiver_id, project__in=Project.objects.visible_to(person)
    )
    end_waiver(actor=person, waiver_id=waiver.pk, reason=request.POST.get("reason", "")[:2000])
    messages.success(request, "The exception has ended. What is submitted from now on follows the policy again.")
    return redirect("signoff:exceptions", waiver.project.key)


@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """Exceptions of all projects."""
    form, rows, unread = _asked(request)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    return render(
        request,
        "lifecycle/signoff/exceptions_report.html",
        {
            "form": form,
            "page": page,
            "unread": unread,
            "filtered": bool(form.is_bound and not unread and form.wanted() != Wanted()),
            "query": query.urlencode(),
            "projects": Project.objects.order_by("name").values_list("key", "name")[:300],
        },
    )


@require_safe
def download(request: HttpRequest) -> HttpResponse:
    """The same report as a CSV file."""
    form, rows, unread = _asked(request)
    if unread:
        text = " ".join(str(message) for messages_ in form.errors.values() for message in messages_)
        raise Refused(f"The filter could not be read. {text}", code="invalid", status=400)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="exceptions-{timezone.localdate():%Y-%m-%d}.csv"'
    writer = csv.writer(response)
    writer.writerow(COLUMNS)
    writer.writerows([_cell(value) for value in _values(row)] for row in rows)
    return response


def _asked(request: HttpRequest) -> tuple[ReportFilter, list[Deviation], bool]:
    """The filter, what it finds, and whether it could not be read: then nothing is shown."""
    person: User = signed_in(request)
    if not may_read_all(person):
        raise PermissionDenied
    form = ReportFilter(request.GET or None)
    if form.is_bound and not form.is_valid():
        return form, [], True
    wanted = form.wanted() if form.is_bound else Wanted()
    return form, deviations(Project.objects.visible_to(person), wanted), False


def _values(row: Deviation) -> tuple[str, ...]:
    return (
        row.kind_words,
        row.project.name if row.project else "all projects",
        row.what,
        row.who,
        row.by,
        row.since.isoformat(),
        row.until.isoformat() if row.until else "",
        row.word,
        row.reason,
    )


def _cell(text: str) -> str:
    """A spreadsheet must show what people wrote, and not run it."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
