"""Pages of questions about a row."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from explain.attributions import page, selectors, telling
from explain.attributions.any_row import read_row
from explain.attributions.dictionary import Dictionary
from explain.attributions.models import Explanation
from explain.attributions.summary import Row
from explain.attributions.what_if import services, shown
from explain.attributions.what_if.forms import MOST, RowForm, WhatIfForm
from explain.attributions.what_if.models import WhatIf
from explain.attributions.what_if.permits import may_ask
from explain.attributions.what_if.selectors import SHOWN, find_what_if, what_ifs_of
from foundation.people.models import User
from foundation.web.refused import Refused
from foundation.web.views import signed_in


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Change values of a row and ask what the model would say."""
    user, found = _found(request, key, pk)
    permit = may_ask(user, found.project)
    given = RowForm(request.POST if request.method == "POST" else request.GET)
    given.is_valid()
    wanted = given.cleaned_data.get("row")
    refused: Refused | None = services.refuses(found)
    dictionary = selectors.dictionary_of(found.project)
    context: dict[str, Any] = {"explanation": found, "project": found.project, "may_ask": permit}
    row = None if refused else _row(found, wanted)
    if row is not None:
        form = _form(request, found, row, dictionary, again=given.cleaned_data.get("again"))
        if request.method == "POST" and form.is_valid():
            try:
                asked = services.ask_what_if(
                    actor=user, explanation=found, row=wanted or row["row"], changes=form.changes()
                )
            except Refused as error:
                refused = error
            else:
                return redirect(asked.get_absolute_url())
        place = page.chosen_output(found.summary, given.cleaned_data.get("output"))
        context |= {
            "form": form,
            "row": row["row"],
            "missed": wanted if wanted is not None and wanted != row["row"] else None,
            "left_out": max(0, len(found.summary["features"]) - MOST),
            "now": telling.row_line(
                found.model_version.purpose,
                found.summary,
                place,
                answer=row["predictions"][place],
                base=row["base_values"][place],
            ),
        }
    elif request.method == "POST":
        permit.demand()
    context |= {"refused": refused, "before": _before(found, dictionary)}
    bad = request.method == "POST" and row is not None and not context["form"].is_valid()
    status = refused.status if refused and request.method == "POST" else 400 if bad else 200
    return render(request, "explain/attributions/what_if/ask.html", context, status=status)


@require_GET
def answer(request: HttpRequest, key: str, pk: int, number: int) -> HttpResponse:
    """One question: how far its answer is, why there is none, or what the model would say."""
    user, found = _found(request, key, pk)
    asked = find_what_if(found, number)
    if asked is None:
        raise Http404
    given = RowForm(request.GET)
    given.is_valid()
    dictionary = selectors.dictionary_of(found.project)
    context = {
        "explanation": found,
        "project": found.project,
        "asked": asked,
        "changes": shown.changes_in_words(asked, found, dictionary),
        "may_ask": may_ask(user, found.project),
        "before": _before(found, dictionary, besides=asked),
        "summary": found.summary,
    }
    if asked.state == WhatIf.State.DONE:
        context["shown"] = shown.shown_of(asked, found, dictionary, output=given.cleaned_data.get("output"))
    return render(request, "explain/attributions/what_if/answer.html", context)


def _found(request: HttpRequest, key: str, pk: int) -> tuple[User, Explanation]:
    user = signed_in(request)
    found = selectors.find_explanation(user, key, pk, samples=True)
    if found is None or found.state != Explanation.State.DONE:
        raise Http404
    return user, found


def _row(found: Explanation, wanted: int | None) -> Row | None:
    """The row that is asked about; the one with the highest answer where none is named, or it is not there."""
    row = read_row(found, wanted) if wanted is not None else None
    if row is not None:
        return row
    kept: list[Row] = found.samples["row_sample"]
    place = page.chosen_output(found.summary, None)
    highest = max(kept, key=lambda each: each["predictions"][place], default=None)
    return None if highest is None else read_row(found, highest["row"])


def _form(
    request: HttpRequest, found: Explanation, row: Row, dictionary: Dictionary, *, again: int | None
) -> WhatIfForm:
    former = find_what_if(found, again) if again is not None else None
    return WhatIfForm(
        request.POST if request.method == "POST" else None,
        row=row,
        features=found.summary["features"],
        strongest=[driver["feature"] for driver in found.summary["drivers"]],
        seen=shown.seen_in(found),
        dictionary=dictionary,
        typed=former.changes if former is not None else None,
    )


def _before(found: Explanation, dictionary: Dictionary, besides: WhatIf | None = None) -> list[shown.Line]:
    """What was asked of this explanation before."""
    questions = what_ifs_of(found)
    if besides is not None:
        questions = questions.exclude(pk=besides.pk)
    return shown.lines_of(questions[:SHOWN], found.summary, dictionary)
