"""One report: its page, its files, and the signature of finance under its figures."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from explain.outcomes.beside import sections_for
from explain.outcomes.charts.of_report import curve_of, link_chart_of, plan_bars_of, run_chart_of, waterfall_of
from explain.outcomes.forms import VerifyForm, WithdrawVerificationForm
from explain.outcomes.models import OutcomeReport
from explain.outcomes.papers import pdf_of, spreadsheet_of
from explain.outcomes.permits import may_verify, may_withdraw_verification
from explain.outcomes.selectors import signatures_of
from explain.outcomes.services import verify_report, withdraw_verification
from explain.outcomes.shown import shown
from explain.outcomes.views.finding import report_of
from foundation.people.models import User
from foundation.people.signing_fields import ask_for_code
from foundation.web import pdf as paper
from foundation.web import workbook
from foundation.web.kept import initial_from_kept
from foundation.web.views import signed_in


@require_safe
def report(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """One report: figures, charts, tables, and how they were computed."""
    person, found = signed_in(request), report_of(request, key, number)
    return render(request, "explain/outcomes/report.html", _context(request, person, found))


@require_safe
def report_pdf(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The report as PDF."""
    return pdf_answer(report_of(request, key, number, done=True))


@require_safe
def report_spreadsheet(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """The report as XLSX."""
    return spreadsheet_answer(report_of(request, key, number, done=True))


@require_POST
def verify(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Sign the figures."""
    person, found = signed_in(request), report_of(request, key, number, done=True)
    form = VerifyForm(request.POST)
    ask_for_code(person, form)
    if not form.is_valid():
        return _again(request, person, found, verify_form=form)
    verify_report(actor=person, report_id=found.pk, **form.cleaned_data)
    messages.success(request, "You signed the figures of this report. They count as verified.")
    return redirect(found)


@require_POST
def withdraw(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Take the signature back."""
    person, found = signed_in(request), report_of(request, key, number, done=True)
    form = WithdrawVerificationForm(request.POST)
    ask_for_code(person, form)
    if not form.is_valid():
        return _again(request, person, found, withdraw_form=form)
    withdraw_verification(actor=person, report_id=found.pk, **form.cleaned_data)
    messages.success(request, "The signature is taken back. The report has its computed grade again.")
    return redirect(found)


def pdf_answer(report: OutcomeReport) -> HttpResponse:
    """The PDF as a file to keep."""
    return _file(report, pdf_of(report), paper.MEDIA_TYPE, "pdf")


def spreadsheet_answer(report: OutcomeReport) -> HttpResponse:
    """The spreadsheet as a file to keep."""
    return _file(report, spreadsheet_of(report), workbook.MEDIA_TYPE, "xlsx")


def _file(report: OutcomeReport, content: bytes, media_type: str, ending: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=media_type)
    name = f"{report.project.key}-outcome-report-{report.number}.{ending}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _again(request: HttpRequest, person: User, found: OutcomeReport, **forms: Any) -> HttpResponse:
    return render(request, "explain/outcomes/report.html", {**_context(request, person, found), **forms}, status=400)


def _context(request: HttpRequest, person: User, found: OutcomeReport) -> dict[str, Any]:
    context: dict[str, Any] = {"project": found.project, "report": found, "beside": sections_for(found.project)}
    if not found.result:
        return context
    result, page = found.result, shown(found.result)
    context |= {
        "result": page,
        "curve": curve_of(result),
        "bars": plan_bars_of(result),
        "waterfall": waterfall_of(result),
        "run_charts": [(kpi, run_chart_of(kpi, result)) for kpi in page["kpis"]],
        "links": [{"told": link, "chart": link_chart_of(link, result)} for link in result.get("links", [])],
        "signatures": signatures_of(found),
        "may_verify": may_verify(person, found),
        "may_withdraw": may_withdraw_verification(person, found),
    }
    where = {"key": found.project.key, "number": found.number}
    if context["may_verify"]:
        kept = initial_from_kept(request, reverse("outcomes:verify", kwargs=where))
        context["verify_form"] = VerifyForm(initial={**kept, "content_hash": found.content_hash})
        ask_for_code(person, context["verify_form"])
    if context["may_withdraw"]:
        context["withdraw_form"] = WithdrawVerificationForm(
            initial=initial_from_kept(request, reverse("outcomes:withdraw_verification", kwargs=where))
        )
        ask_for_code(person, context["withdraw_form"])
    return context
