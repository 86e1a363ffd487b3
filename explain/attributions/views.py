"""Pages of explanations."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from explain.attributions import comparing, page, selectors, services, telling
from explain.attributions.charts.compared import shares
from explain.attributions.contradictions.selectors import contradictions_of
from explain.attributions.forms import AnswersForm, ChartsForm, ComparisonForm, ExplanationForm, RowForm
from explain.attributions.models import Explanation
from explain.attributions.papers.files import file_of
from explain.attributions.performance import shown
from explain.attributions.permits import may
from explain.attributions.specialists import charts_of
from explain.register.selectors import find_project
from foundation.web.refused import Refused
from foundation.web.views import signed_in


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, key: str) -> HttpResponse:
    """Ask for an explanation of a version on a data set."""
    user = signed_in(request)
    project = find_project(user, key)
    if project is None:
        raise Http404
    permit = may(user, "request_explanation", project)
    refused: Refused | None = None
    if request.method == "POST":
        form = ExplanationForm(request.POST, project=project)
        if form.is_valid():
            chosen = form.cleaned_data
            try:
                explanation = services.request_explanation(
                    actor=user,
                    project=project,
                    model_version=chosen["model_version"],
                    data_set=chosen["data_set"],
                    seed=chosen["seed"] or 0,
                    rows_limit=chosen["rows_limit"],
                    method=chosen["method"] or Explanation.Method.SHAP,
                )
            except Refused as error:
                refused = error
            else:
                if explanation.state == Explanation.State.DONE:
                    messages.info(request, "This explanation is there already: the same model, rows and seed.")
                return redirect(explanation.get_absolute_url())
    else:
        form = ExplanationForm(project=project, initial=_asked(request))
    context = {
        "project": project,
        "form": form,
        "refused": refused,
        "may_request": permit,
        "has_model": form.fields["model_version"].queryset.exists(),  # type: ignore[attr-defined]
        "has_data": form.fields["data_set"].queryset.exists(),  # type: ignore[attr-defined]
    }
    status = refused.status if refused else 400 if form.is_bound and not form.is_valid() else 200
    return render(request, "explain/attributions/new.html", context, status=status)


@require_GET
def explanation(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """One explanation: how far it is, why it was refused, or what it says. HTMX asks for one row's chart alone."""
    found = selectors.find_explanation(signed_in(request), key, pk, samples=True)
    if found is None:
        raise Http404
    return explanation_page(request, found)


def explanation_page(request: HttpRequest, found: Explanation, *, refused: Refused | None = None) -> HttpResponse:
    """The page of an explanation with its samples; `refused`: why the reason in the POST was not kept."""
    user = signed_in(request)
    context: dict[str, Any] = {"explanation": found, "project": found.project}
    if found.state != Explanation.State.DONE:
        context["may_request"] = may(user, "request_explanation", found.project)
        return render(request, "explain/attributions/explanation.html", context)
    asked = RowForm(request.GET)
    asked.is_valid()
    row, output = asked.cleaned_data.get("row"), asked.cleaned_data.get("output")
    dictionary = selectors.dictionary_of(found.project)
    context["summary"] = found.summary
    context["facts"] = telling.facts_line(found.summary)
    if request.headers.get("HX-Request"):
        place = page.chosen_output(found.summary, output)
        context |= {"one": page.one_row(found, dictionary, output=place, row=row), "output": place}
        return render(request, "explain/attributions/explanation.html#one-row", context)
    story = page.story_of(found, dictionary, output=output, row=row)
    contradictions = contradictions_of(found, dictionary)
    costs = AnswersForm(request.GET)
    costs.is_valid()
    answers = shown.told(
        found.summary,
        dictionary,
        has_target=bool(found.data_set.target_column),
        currency=found.project.currency,
        asked=shown.Asked(**{name: costs.cleaned_data.get(name) for name in ("threshold", "false_alarm", "miss")}),
    )
    if answers.again:
        context["may_request"] = may(user, "request_explanation", found.project)
    context |= {
        "answers": answers,
        "answers_form": costs,
        "story": story,
        "one": story.one,
        "output": story.output,
        "exactness": telling.exactness(found.summary),
        "steadiness": telling.steadiness(found.summary),
        "base": telling.base_text(found.summary),
        "additivity": telling.error_text(found.summary["max_additivity_error"]),
        "contradictions": contradictions,
        "may_explain": bool(contradictions) and may(user, "explain_contradiction", found.project),
        "refused": refused,
        "typed": {"feature": request.POST.get("feature"), "text": request.POST.get("text")} if refused else None,
    }
    return render(request, "explain/attributions/explanation.html", context, status=refused.status if refused else 200)


@require_GET
def paper(request: HttpRequest, key: str, pk: int, ending: str) -> HttpResponse:
    """A finished explanation as a file for people without an account: `ending` html or pdf."""
    found = selectors.find_explanation(signed_in(request), key, pk, samples=True)
    if found is None or found.state != Explanation.State.DONE or ending not in ("html", "pdf"):
        raise Http404
    return file_of(found, selectors.dictionary_of(found.project), ending)


@require_GET
def charts(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """All charts of a finished explanation. HTMX asks for another feature, or for other groups of rows, alone."""
    found = selectors.find_explanation(signed_in(request), key, pk, samples=True)
    if found is None or found.state != Explanation.State.DONE:
        raise Http404
    asked = ChartsForm(request.GET)
    asked.is_valid()
    given = asked.cleaned_data
    drawn = charts_of(
        found,
        selectors.dictionary_of(found.project),
        output=given.get("output"),
        feature=given.get("feature") or "",
        row=given.get("row"),
        column=given.get("column") or "",
    )
    template = "explain/attributions/charts.html"
    context = {
        "explanation": found,
        "project": found.project,
        "summary": found.summary,
        "facts": telling.facts_line(found.summary),
        "facts_at": found.get_absolute_url(),
        "drawn": drawn,
    }
    part = request.headers.get("HX-Target")
    return render(request, f"{template}#{part}" if part in ("dependence", "groups") else template, context)


@require_GET
def compare(request: HttpRequest, key: str) -> HttpResponse:
    """Two explanations of the project side by side: two versions of the model, or the same one on two sets of rows."""
    project = find_project(signed_in(request), key)
    if project is None:
        raise Http404
    newest = list(selectors.finished(project).values_list("pk", flat=True)[:2])
    chosen = request.GET.dict()
    if len(newest) > 1:
        # what a link leaves open: the newest, and the newest other one
        chosen.setdefault("second", str(newest[0]))
        chosen.setdefault("first", str(next(pk for pk in newest if str(pk) != chosen["second"])))
    form = ComparisonForm(chosen, project=project)
    context: dict[str, Any] = {"project": project, "form": form, "enough": len(newest) > 1, "one": len(newest) == 1}
    if len(newest) > 1 and form.is_valid():
        first, second = form.cleaned_data["first"], form.cleaned_data["second"]
        dictionary = selectors.dictionary_of(project)
        names = comparing.names_of(first, second)
        found = comparing.compare(first.summary["drivers"], second.summary["drivers"])
        context |= {
            "first": first,
            "second": second,
            "names": names,
            "found": found,
            "said": comparing.sentences(found, dictionary, names=names),
            "reservations": comparing.reservations(first.summary, second.summary),
            "chart": shares(found.pairs, dictionary, names=names),
            "same": first.pk == second.pk,
        }
    status = 400 if len(newest) > 1 and not form.is_valid() else 200
    return render(request, "explain/attributions/compare.html", context, status=status)


def _asked(request: HttpRequest) -> dict[str, Any]:
    """The model and data that a link on another page named, by their keys."""
    names = {"model": "model_version", "data": "data_set"}
    return {field: int(request.GET[name]) for name, field in names.items() if request.GET.get(name, "").isdigit()}
