"""Pages of the room: find, ask, render."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from explain.cases import permits, services
from explain.cases.charts import payback_curve, promise_curve, tornado
from explain.cases.content import PARTS, Part, checked_part, part_named
from explain.cases.content.flows import Levers, Terms
from explain.cases.content.parts import WORTH
from explain.cases.counting import tried
from explain.cases.figures import headline_of
from explain.cases.forms import LeversForm, NameForm, ScenarioForm, part_form, typed
from explain.cases.models import CaseVersion, Scenario
from explain.cases.selectors import (
    case_numbered,
    compared,
    latest_case,
    promises_of,
    scenarios_of,
    structured_deliverables,
    versions_of,
)
from explain.cases.services.planning import is_taken_over
from explain.cases.shown import break_evens, delay_said, part_shown, stakeholder_grid
from foundation.web.kept import initial_from_kept, take_kept
from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Project
from lifecycle.projects.permits import roles_of


@require_safe
def case(request: HttpRequest, key: str) -> HttpResponse:
    """The business case: its figures, its parts, its versions."""
    person, project = signed_in(request), _project(request, key)
    latest = latest_case(project)
    asked = request.GET.get("version", "")
    version = _version(project, asked) if asked else latest
    kpis = _kpis(project)
    roles = roles_of(person, project)
    deliverables = structured_deliverables(project)
    context: dict[str, Any] = {
        "project": project,
        "version": version,
        "latest": latest,
        "versions": versions_of(project),
        "may_write": permits.may(person, permits.WRITE, project, roles=roles),
        "deliverables": deliverables,
        "stage": next((each.stage for each in deliverables.values()), None),
        "promises": promises_of(project),
        "saved_draft": _draft_key(request, project, request.GET["saved"]) if request.GET.get("saved") in PARTS else "",
        "parts": [
            part_shown(
                part, version.content.get(name) if version else None, project.currency, kpis, deliverables.get(name)
            )
            for name, part in PARTS.items()
        ],
    }
    if version is not None:
        context |= {
            "headline": headline_of(version.result, version.terms.get("currency", project.currency)),
            "scenarios": scenarios_of(version),
        }
        if version.result:
            context |= {
                "curve": payback_curve(version.result, version.terms["currency"]),
                "tornado": tornado(version.result, version.terms["currency"]),
            }
        if "stakeholder_map" in version.content:
            context["grid"] = stakeholder_grid(version.content["stakeholder_map"]["stakeholders"])
    return render(request, "explain/cases/case.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def part(request: HttpRequest, key: str, name: str) -> HttpResponse:
    """One part as a form."""
    person, project = signed_in(request), _project(request, key)
    found = part_named(name.replace("-", "_"))
    if found is None:
        raise Http404
    kpis = _kpis(project)
    latest = latest_case(project)
    permits.may(person, permits.WRITE, project).demand()
    if request.method == "POST":
        given = typed(found, lambda field: request.POST.get(field, ""))
        if request.POST.get("more"):
            return _form_page(request, project, found, latest, given, {}, kpis, more=request.POST["more"])
        clean, faults = checked_part(found, given, kpis=kpis)
        if faults:
            return _form_page(request, project, found, latest, given, faults, kpis, status=400)
        try:
            version = services.write_case(
                actor=person,
                project=project,
                parts={found.name: clean},
                expected_number=_number(request),
                note=request.POST.get("note", ""),
            )
        except Refused as refused:
            # In place, so that nothing typed is lost and the reason stands above the fields.
            return _form_page(request, project, found, latest, given, {}, kpis, status=refused.status, refused=refused)
        messages.success(request, f"{found.label}: kept as version {version.number}.")
        return redirect(f"{reverse('cases:case', args=[project.key])}?saved={found.name}")
    kept = take_kept(request, request.path)
    given = typed(found, lambda field: (kept.get(field) or [""])[0]) if kept else _written(latest, found)
    return _form_page(request, project, found, latest, given, {}, kpis)


@require_POST
def put_forward(request: HttpRequest, key: str) -> HttpResponse:
    """The newest version goes before the deciders of the first stage."""
    project = _project(request, key)
    number = request.POST.get("number", "0")
    version = services.put_forward(
        actor=signed_in(request), project=project, number=int(number) if number.isdigit() and len(number) < 9 else 0
    )
    messages.success(request, f"Version {version.number} is put forward: those who decide the first stage will see it.")
    return redirect("cases:case", key=project.key)


@require_safe
def what_if(request: HttpRequest, key: str) -> HttpResponse:
    """Other figures, tried and not stored; the address holds them all."""
    person, project = signed_in(request), _project(request, key)
    asked = request.GET.get("version", "")
    version = _version(project, asked) if asked else latest_case(project)
    form = LeversForm(request.GET) if any(name in request.GET for name in LeversForm.base_fields) else LeversForm()
    context: dict[str, Any] = {"project": project, "version": version, "form": form}
    status = 200
    if version is not None and version.result:
        currency = version.terms["currency"]
        levers = Levers()
        if form.is_bound:
            if form.is_valid():
                levers = form.levers()
            else:
                status = 400
        result, refused, drawing = version.result, None, None
        try:
            result, drawing = tried(person, version.content[WORTH], Terms.of(version.terms), levers, version.result)
        except Refused as no:
            refused, status = no, no.status
        context |= {
            "levers": levers,
            "refused": refused,
            "drawing": drawing,
            "base": headline_of(version.result, currency),
            "headline": headline_of(result, currency),
            "curve": payback_curve(result, currency, None if levers.is_plain else version.result),
            "tornado": tornado(result, currency),
            "breaks": break_evens(result, version.content[WORTH], Terms.of(version.terms), levers),
            "delay_moves": delay_said(result["cost_of_delay"]["end_moves"], currency),
            "delay_stays": delay_said(result["cost_of_delay"]["end_stays"], currency),
            "scenarios": [
                (each, headline_of(each.result, currency), _address(project, version, each.levers))
                for each in scenarios_of(version)
            ],
            "save_form": NameForm(
                initial=initial_from_kept(request, reverse("cases:scenarios", args=[project.key])), auto_id="save_%s"
            ),
            "may_save": permits.may(person, permits.SAVE_SCENARIO, project),
            "rate_percent": 100 * Terms.of(version.terms).rate,
        }
    return render(request, "explain/cases/what_if.html", context, status=status)


@require_POST
def scenarios(request: HttpRequest, key: str) -> HttpResponse:
    """Keep a what-if under a name."""
    project = _project(request, key)
    form = ScenarioForm(request.POST)
    if not form.is_valid():
        name, found = next(iter(form.errors.items()))
        raise Refused(f"{form.fields[name].label or name}: {found[0]}", code="invalid", status=400, field=name)
    version = _version(project, str(form.cleaned_data["version"]))
    scenario = services.save_scenario(
        actor=signed_in(request),
        version=version,
        name=form.cleaned_data["name"],
        kind=form.cleaned_data["kind"],
        levers=form.levers(),
    )
    messages.success(request, f"The scenario “{scenario.name}” is kept.")
    return redirect(_address(project, version, scenario.levers))


@require_POST
def drop_scenario(request: HttpRequest, key: str, scenario_id: int) -> HttpResponse:
    """Remove a scenario."""
    project = _project(request, key)
    scenario = get_object_or_404(
        Scenario.objects.select_related("version__project"), pk=scenario_id, version__project=project
    )
    services.drop_scenario(actor=signed_in(request), scenario=scenario)
    messages.success(request, f"The scenario “{scenario.name}” is removed.")
    return redirect(_address(project, scenario.version, {}))


@require_safe
def promise(request: HttpRequest, key: str) -> HttpResponse:
    """What was promised, beside plan and reality."""
    person, project = signed_in(request), _project(request, key)
    found = promises_of(project)
    context: dict[str, Any] = {"project": project, "promises": found}
    if found:
        comparison = compared(found[0])
        context |= {
            "comparison": comparison,
            "promise_chart": promise_curve(comparison),
            "taken_over": is_taken_over(project, found[0].version.number),
            "may_take_over": permits.may(person, permits.TAKE_OVER, project),
        }
    return render(request, "explain/cases/promise_page.html", context)


@require_POST
def take_over(request: HttpRequest, key: str) -> HttpResponse:
    """Write the promise into the plan."""
    project = _project(request, key)
    lines = services.take_over(actor=signed_in(request), project=project)
    messages.success(request, f"{len(lines)} planned lines were written.")
    return redirect("cases:promise", key=project.key)


def _form_page(
    request: HttpRequest,
    project: Project,
    found: Part,
    latest: CaseVersion | None,
    given: dict[str, Any],
    faults: dict[str, str],
    kpis: dict[str, str],
    *,
    status: int = 200,
    refused: Refused | None = None,
    more: str = "",
) -> HttpResponse:
    number = latest.number if latest else 0
    context = {
        "project": project,
        "form": part_form(found, given, faults, kpis=kpis, more=more),
        "number": number,
        # What was typed builds on the version that was shown then; after a refusal the writer has been told of newer ones.
        "builds_on": number if request.method != "POST" or refused else min(_number(request), number),
        "draft_key": _draft_key(request, project, found.name),
        "faults": faults,
        "refused": refused,
        "note": request.POST.get("note", ""),
    }
    return render(request, "explain/cases/part.html", context, status=status)


def _number(request: HttpRequest) -> int:
    """The version on which a form was written; 0 for none."""
    text = request.POST.get("expected_number", "0")
    return int(text) if text.isdigit() and len(text) < 9 else 0


def _draft_key(request: HttpRequest, project: Project, name: str) -> str:
    """Under which a browser keeps what was typed and not saved."""
    return f"{signed_in(request).pk}:case:{project.pk}:{name}"


def _written(latest: CaseVersion | None, found: Part) -> dict[str, Any]:
    return dict(latest.content.get(found.name, {})) if latest else {}


def _address(project: Project, version: CaseVersion, levers: dict[str, Any]) -> str:
    return f"{reverse('cases:what_if', args=[project.key])}?{urlencode({'version': version.number, **levers})}"


def _kpis(project: Project) -> dict[str, str]:
    return dict(Kpi.objects.filter(project=project).values_list("key", "name"))


def _version(project: Project, asked: str) -> CaseVersion:
    found = case_numbered(project, int(asked)) if asked.isdigit() and len(asked) < 9 else None
    if found is None:
        raise Http404
    found.project = project
    return found


def _project(request: HttpRequest, key: str) -> Project:
    found: Project = get_object_or_404(Project.objects.visible_to(request.user).select_related("methodology"), key=key)
    return found
