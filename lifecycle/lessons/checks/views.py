"""Pages of checks: the way of each lesson, one check, and proposing one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.people.models import User
from foundation.web.kept import initial_from_kept
from foundation.web.views import signed_in
from lifecycle.lessons.checks import services
from lifecycle.lessons.checks.forms import ProposeForm
from lifecycle.lessons.checks.permits import may_decide, may_propose, may_tell_catch
from lifecycle.lessons.checks.selectors import checks_for, ways
from lifecycle.lessons.checks.sources import picked, sources_of
from lifecycle.lessons.models import LessonCheck
from lifecycle.methodologies.permits import may as may_author
from lifecycle.methodologies.services import SHIPPED
from lifecycle.postmortems.views.checking import demand_valid
from lifecycle.postmortems.views.finding import find_or_404
from lifecycle.projects.models import ExitQuestion, Project

PAGE = 25


@require_safe
def checks(request: HttpRequest) -> HttpResponse:
    """The way of each lesson."""
    user = signed_in(request)
    state = request.GET.get("state", "")
    found = checks_for(user)
    if state in LessonCheck.State.values:
        found = found.filter(state=state)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "lifecycle/lessons/checks.html",
        {"page": page, "ways": ways(user, list(page)), "state": state, "states": LessonCheck.State.choices},
    )


@require_safe
def check(request: HttpRequest, check_id: int) -> HttpResponse:
    """One check: where it comes from, who decided on it, who met it, and what it caught."""
    user = signed_in(request)
    found = _find(user, check_id)
    (way,) = ways(user, [found])
    path = f"/post-mortems/checks/{found.pk}/"
    rows = []
    for met in way.met:
        met.question.stage.project = met.project
        kept = initial_from_kept(request, f"{path}catches/{met.question.pk}/")
        rows.append({"met": met, "may_tell": may_tell_catch(user, met.project), "kept": kept})
    return render(
        request,
        "lifecycle/lessons/check.html",
        {
            "check": found,
            "way": way,
            "rows": rows,
            "path": path,
            "may_decide": may_decide(user, found),
            "may_put_back": found.state == LessonCheck.State.ACCEPTED and may_author(user, "author"),
            "is_shipped": found.methodology_key in SHIPPED,
            "copy_key": f"own_{found.methodology_key}",
            "kept_reason": initial_from_kept(request, f"{path}decline/").get("reason", ""),
            "kept_key": initial_from_kept(request, f"{path}accept/").get("copy_key", ""),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, reference: str) -> HttpResponse:
    """Propose a check from a lesson or a factor of a case."""
    user = signed_in(request)
    case = find_or_404(user, reference)
    sources = sources_of(case)
    choices = [(source.value, source.words) for source in sources]
    if request.method == "POST":
        given = demand_valid(ProposeForm(request.POST, case=case, sources=choices))
        lesson, factor = picked(case, given["source"])
        methodology_key, _, phase_key = given["place"].partition(":")
        made = services.propose_check(
            actor=user,
            case=case,
            methodology_key=methodology_key,
            phase_key=phase_key,
            text=given["text"],
            lesson=lesson,
            factor_node=factor,
        )
        messages.success(request, "The check is proposed. Somebody who may change the methodology decides on it.")
        return redirect("checks:check", check_id=made.pk)
    chosen = request.GET.get("from", "")
    source = next((each for each in sources if each.value == chosen), sources[0] if sources else None)
    initial: dict[str, Any] = {
        "source": source.value if source else "",
        "text": source.question if source else "",
        "place": f"{case.project.methodology.key}:{case.origin_phase}",
    }
    return render(
        request,
        "lifecycle/lessons/propose.html",
        {
            "case": case,
            "form": ProposeForm(case=case, sources=choices, initial={**initial, **initial_from_kept(request)}),
            "may_propose": may_propose(user, case),
            "has_sources": bool(sources),
        },
    )


@require_POST
def deed(request: HttpRequest, check_id: int, name: str) -> HttpResponse:
    """Accept, decline, or put back into the draft."""
    user = signed_in(request)
    found = _find(user, check_id)
    match name:
        case "accept":
            services.accept_check(actor=user, check=found, copy_key=str(request.POST.get("copy_key", "")))
            messages.success(
                request, "The question stands in the draft of the next version. Publish it when it is ready."
            )
        case "decline":
            services.decline_check(actor=user, check=found, reason=str(request.POST.get("reason", "")))
            messages.success(request, "Declined, with your reason.")
        case "put-back":
            services.put_check_back(actor=user, check=found)
            messages.success(request, "The question stands in the draft.")
        case _:
            raise Http404
    return redirect("checks:check", check_id=check_id)


@require_POST
def caught(request: HttpRequest, check_id: int, question_id: int) -> HttpResponse:
    """Say what the check caught in a project."""
    user = signed_in(request)
    found = _find(user, check_id)
    question = question_or_none(user, question_id)
    if question is None:
        raise Http404
    services.tell_catch(actor=user, check=found, question=question, text=str(request.POST.get("text", "")))
    messages.success(request, "Written down: the lesson was needed.")
    return redirect("checks:check", check_id=check_id)


def question_or_none(user: User, question_id: int) -> ExitQuestion | None:
    """An exit question of a project that the person may see."""
    return (
        ExitQuestion.objects.filter(pk=question_id, stage__project__in=Project.objects.visible_to(user).values("pk"))
        .select_related("stage__project__methodology")
        .first()
    )


def _find(user: User, check_id: int) -> LessonCheck:
    found = checks_for(user).filter(pk=check_id).first()
    if found is None:
        raise Http404
    return found
