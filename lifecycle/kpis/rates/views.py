"""Exchange rates as a page: everybody reads them, managers and administrators enter them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST, require_safe

from foundation.web.comma_separated import MEDIA_TYPE as CSV
from foundation.web.comma_separated import comma_separated
from foundation.web.kept import initial_from_kept
from foundation.web.refused import Refused
from foundation.web.views import as_file, signed_in
from foundation.web.workbook import MEDIA_TYPE as XLSX
from foundation.web.workbook import workbook
from lifecycle.kpis.rates import selectors, services
from lifecycle.kpis.rates.exports import rates_sheet
from lifecycle.kpis.rates.forms import RateForm, RatesForm
from lifecycle.kpis.rates.permits import may_enter
from lifecycle.kpis.rates.rows import from_text

PAGE = 60


@require_GET
def rates(request: HttpRequest) -> HttpResponse:
    """The newest rates, and forms to enter more."""
    return _page(request)


@require_safe
def rates_file(request: HttpRequest, form: str) -> HttpResponse:
    """All rates, or those of the pair that was asked for, as CSV or as a workbook."""
    signed_in(request)
    sheet = rates_sheet(selectors.rates_shown(**_pair(request)))
    if form == "csv":
        return as_file(comma_separated(sheet), CSV, "exchange-rates.csv")
    return as_file(workbook([sheet], title="Exchange rates"), XLSX, "exchange-rates.xlsx")


@require_POST
def add_rate(request: HttpRequest) -> HttpResponse:
    """Record one rate."""
    person = signed_in(request)
    may_enter(person).demand()
    form = RateForm(request.POST)
    if form.is_valid():
        try:
            made = services.record_rate(actor=person, **form.cleaned_data)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, refused.message)
        else:
            messages.success(request, "The rate is recorded." if made else "This rate is recorded already.")
            return redirect("kpis:rates")
    return _page(request, rate=form, status=400)


@require_POST
def upload_rates(request: HttpRequest) -> HttpResponse:
    """Read a file or pasted rows and show them; nothing is recorded before the person has seen them."""
    person = signed_in(request)
    may_enter(person).demand()
    form = RatesForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, many=form, status=400)
    given = form.cleaned_data
    file = given["file"] or given["text"]
    try:
        text = file if isinstance(file, str) else file.read().decode("utf-8-sig")
        good, faults = from_text(text, given["source"])
        if not given["sure"]:
            context = {
                "good": good, "faults": faults, "count": len(good) + len(faults), "text": text, "source": given["source"]
            }  # fmt: skip
            return render(request, "lifecycle/kpis/rates/preview.html", context, status=400 if faults else 200)
        done = services.record_rates(actor=person, rows=good, faults=faults, partial=given["partial"])
    except UnicodeDecodeError:
        form.add_error("file", 'The file is not in UTF-8. Save it as "CSV UTF-8" and upload it again.')
        return _page(request, many=form, status=400)
    except Refused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.message)
        return _page(request, many=form, status=400)
    left_out = f" {len(done.faults)} were left out." if done.faults else ""
    messages.success(
        request,
        f"{done.recorded} rate{'' if done.recorded == 1 else 's'} recorded: {done.added} new, {done.corrected} corrected, {done.unchanged} as before.{left_out}",
    )
    return redirect("kpis:rates")


def _page(
    request: HttpRequest, rate: RateForm | None = None, many: RatesForm | None = None, status: int = 200
) -> HttpResponse:
    allowed = may_enter(signed_in(request))
    asked = _pair(request)
    shown = Paginator(selectors.rates_shown(**asked), PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {"may_enter": allowed, "rates": shown, "asked": asked, "open": "many" if many else ""}
    if allowed:
        context["rate_form"] = rate or RateForm(
            auto_id="id_rate_%s", initial=RateForm.first() | initial_from_kept(request, "/rates/add/")
        )
        context["many_form"] = many or RatesForm(
            auto_id="id_many_%s", initial=initial_from_kept(request, "/rates/upload/")
        )
    return render(request, "lifecycle/kpis/rates/rates.html", context, status=status)


def _pair(request: HttpRequest) -> dict[str, str]:
    """The currencies that were asked for, empty where none is."""
    return {name: request.GET.get(name, "").strip().upper()[:3] for name in ("base", "quote")}
