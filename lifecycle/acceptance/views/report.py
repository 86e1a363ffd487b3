"""The exit report: a page to write and read it, and a PDF."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from foundation.people.models import User
from foundation.web.kept import initial_from_kept
from foundation.web.views import signed_in
from lifecycle.acceptance import selectors, services
from lifecycle.acceptance.forms import ReportForm
from lifecycle.acceptance.handoff_permits import may_issue_report, may_read_internal, may_write_report
from lifecycle.acceptance.models import ExitReport
from lifecycle.acceptance.report_pdf import pdf_of
from lifecycle.acceptance.report_template import report_of
from lifecycle.acceptance.services.reporting import open_sections
from lifecycle.acceptance.views.finding import demand_valid, project_of
from lifecycle.projects.models import Project
from lifecycle.projects.permits import roles_of


@require_http_methods(["GET", "HEAD", "POST"])
def exit_report(request: HttpRequest, key: str) -> HttpResponse:
    """Read the report; the team writes it with `?edit`. POST saves the draft."""
    user = signed_in(request)
    project = project_of(user, key)
    roles = roles_of(user, project)
    reads_internal = may_read_internal(user, roles=roles)
    report = selectors.report_shown(project, reads_internal=reads_internal)
    may_write = may_write_report(user, project, roles=roles)
    if request.method == "POST":
        form = ReportForm(request.POST, report=report or _blank(user, project))
        given = demand_valid(form)
        services.write_report(actor=user, project=project, sections=form.sections(), edits=given["edits"])
        messages.success(request, "The draft is saved.")
        return redirect("acceptance:exit_report", key=key)
    context: dict[str, Any] = {
        "project": project,
        "report": report,
        "parts": report.parts(for_customer=not reads_internal) if report else [],
        "reads_internal": reads_internal,
        "may_write": may_write,
        "may_issue": may_issue_report(user, project, roles=roles),
        "missing": open_sections(report) if report else [],
        "former": list(selectors.reports_of(project).filter(state=ExitReport.State.ISSUED)),
    }
    if may_write and "edit" in request.GET:
        kept = initial_from_kept(request)
        context["form"] = ReportForm(report=report or _blank(user, project), initial=kept)
    return render(request, "lifecycle/acceptance/exit_report.html", context)


@require_POST
def issue(request: HttpRequest, key: str) -> HttpResponse:
    """Issue the draft."""
    user = signed_in(request)
    made = services.issue_report(actor=user, project=project_of(user, key))
    messages.success(request, f"{made.name} {made.number} is issued.")
    return redirect("acceptance:exit_report", key=key)


@require_GET
def pdf(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """One version as PDF; the customer's version unless internal parts are asked for by who may read them."""
    user = signed_in(request)
    project = project_of(user, key)
    reads_internal = may_read_internal(user, roles=roles_of(user, project))
    report = selectors.reports_of(project).filter(number=number).first()
    if report is None or (report.state == ExitReport.State.DRAFT and not reads_internal):
        raise Http404
    return pdf_answer(report, for_customer=not (reads_internal and "internal" in request.GET))


def pdf_answer(report: ExitReport, *, for_customer: bool) -> HttpResponse:
    """The PDF as a file to keep."""
    answer = HttpResponse(pdf_of(report, for_customer=for_customer), content_type="application/pdf")
    name = f"{report.project.key}-{report.name.lower().replace(' ', '-')}-{report.number}.pdf"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _blank(user: User, project: Project) -> ExitReport:
    """The template's empty sections, before anything is saved."""
    name, sections = report_of(project.methodology)
    return ExitReport(project=project, number=1, name=name, sections=sections, edited_by=user)
