"""Pages of the portfolio and its downloads: read the filters, find, render."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from explain.outcomes import beside
from explain.outcomes.charts.of_portfolio import charts_of_pipeline, charts_of_portfolio
from explain.outcomes.compute.portfolio.accuracy import Accuracy
from explain.outcomes.definitions import DEFINITIONS
from explain.outcomes.exports import as_csv, as_xlsx, table_named, tables_of
from explain.outcomes.forms import FilterForm
from explain.outcomes.selectors import Portfolio, asked, pipeline_of, portfolio_of, promises_of
from explain.outcomes.selectors.portfolio import Asked, projects_in
from explain.outcomes.selectors.portfolio.filters import ALL, LABELS, choices_for
from explain.outcomes.selectors.portfolio.value import BUBBLES
from foundation.audit.since import SinceLastDeed
from foundation.people.models import User
from foundation.web import workbook
from foundation.web.views import as_file, signed_in
from lifecycle.kpis.periods import organisation_today

BUBBLE_NOTE = f"The {BUBBLES} projects whose worth is largest, in either direction. The larger, the more was spent."
APPROVALS = (
    "Days from the request for an approval to its answer. Requests that still wait count as lasting at least so long "
    "(Kaplan and Meier 1958)."
)


@require_safe
def portfolio(request: HttpRequest) -> HttpResponse:
    """What all projects bring that the person may see."""
    person, known, found = _asked(request)
    page = _page(request)
    value = known.answer(f"value {page} {found.filters.query}", lambda: portfolio_of(person, found.filters, page=page))
    context = {
        "portfolio": value,
        "charts": charts_of_portfolio(value),
        "grades": _grades(found, value),
        "mixed": found.filters.query_with(grade=ALL),
        "each": found.filters.query_with(grade=""),
        "page": value.page,
        "bubble_note": BUBBLE_NOTE,
        "beside": beside.sections_of_portfolio(
            beside.Looked(person, projects_in(person, found.filters), found.filters.query)
        ),
    }
    return _shown(request, "value", found, context)


@require_safe
def pipeline(request: HttpRequest) -> HttpResponse:
    """What lies at each stage, how long stages take, what waiting costs."""
    person, known, found = _asked(request)
    value = known.answer(f"pipeline {found.filters.query}", lambda: pipeline_of(person, found.filters))
    context = {
        "pipeline": value,
        "charts": charts_of_pipeline(value),
        "approval_meaning": ("Approvals", APPROVALS),
    }
    return _shown(request, "pipeline", found, context)


@require_safe
def accuracy(request: HttpRequest) -> HttpResponse:
    """Of what closed cases promised, how much came."""
    person, known, found = _asked(request)
    value = known.answer(f"accuracy {found.filters.query}", lambda: promises_of(person, found.filters))
    context = {
        "promises": value,
        "whole": _shares(value.whole),
        "tables": [
            (f"By {label}", label, [(group.name, group.accuracy, _shares(group.accuracy)) for group in groups])
            for label, groups in (("team", value.by_unit), ("method", value.by_method))
        ],
    }
    return _shown(request, "accuracy", found, context)


@require_safe
def portfolio_xlsx(request: HttpRequest) -> HttpResponse:
    """All tables under the filters of the address, as a workbook."""
    person = signed_in(request)
    return as_file(as_xlsx(tables_of(person, asked(person, request.GET))), workbook.MEDIA_TYPE, "portfolio.xlsx")


@require_safe
def portfolio_csv(request: HttpRequest) -> HttpResponse:
    """One table under the filters of the address."""
    person = signed_in(request)
    table = table_named(person, asked(person, request.GET), request.GET.get("table", "projects"))
    return as_file(as_csv(table), "text/csv; charset=utf-8", f"portfolio-{table.name}.csv")


def _asked(request: HttpRequest) -> tuple[User, SinceLastDeed, Asked]:
    """Who asks, what is known since the last deed, and the filters of the address."""
    person = signed_in(request)
    known = SinceLastDeed(person.pk, organisation_today())
    return person, known, asked(person, request.GET, known.answer("choices", lambda: choices_for(person)))


def _shown(request: HttpRequest, tab: str, found: Asked, context: dict[str, Any]) -> HttpResponse:
    filters = found.filters
    shared = {
        "tab": tab,
        "filters": filters,
        "form": FilterForm(found),
        "refused": found.refused,
        "applied": [
            (LABELS[name], dict(found.choices.get(name, [])).get(value, value), filters.query_with(**{name: ""}))
            for name, value in filters.as_query().items()
        ],
        "defined": DEFINITIONS,
    }
    status = 400 if found.refused else 200
    return render(request, f"explain/outcomes/portfolio/{tab}.html", {**shared, **context}, status=status)


def _shares(accuracy: Accuracy) -> dict[str, Decimal | None]:
    """Shares as percentages."""
    names = ("median", "low", "high", "discount")
    return {name: None if (share := getattr(accuracy, name)) is None else 100 * share for name in names}


def _grades(found: Asked, value: Portfolio) -> list[tuple[str, str, bool]]:
    """Grade, address and whether it is chosen, for the grades whose curves may be shown."""
    there = [total.grade for total in value.totals if total.grade]
    chosen = value.chosen
    return [(grade, found.filters.query_with(grade=grade), grade == chosen) for grade in there]


def _page(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return int(text) if text.isdecimal() and len(text) < 7 else 1
