"""Claims on a KPI as a page."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.web.comma_separated import MEDIA_TYPE as CSV
from foundation.web.comma_separated import comma_separated
from foundation.web.kept import initial_from_kept
from foundation.web.refused import Refused
from foundation.web.views import as_file, signed_in
from foundation.web.workbook import MEDIA_TYPE as XLSX
from foundation.web.workbook import workbook
from lifecycle.kpis.beside import sections_for
from lifecycle.kpis.claims import permits, services
from lifecycle.kpis.claims.exports import claims_sheet, months_sheet
from lifecycle.kpis.claims.forms import ClaimForm
from lifecycle.kpis.claims.models import KpiClaim
from lifecycle.kpis.claims.selectors import claims_page
from lifecycle.kpis.forms import MonthField
from lifecycle.kpis.periods import aligned, organisation_today
from lifecycle.kpis.permits import RECORD, may
from lifecycle.kpis.views.finding import kpi_of, taken

_SAID = {
    permits.CONSENT: "You agreed for your project.",
    permits.DISPUTE: "The claim is in dispute. The other side is told.",
    permits.WITHDRAW: "The claim is withdrawn. It stays in the record.",
    permits.END: "The claim has an end.",
    permits.SETTLE: "The dispute is settled.",
}


@require_http_methods(["GET", "POST"])
def claims(request: HttpRequest, key: str, kpi_key: str) -> HttpResponse:
    """Who counts how much of the KPI; POST proposes a claim."""
    user, kpi = signed_in(request), kpi_of(request, key, kpi_key)
    page = claims_page(kpi, user)
    form: ClaimForm | None = None
    if request.method == "POST":
        if not page.may_propose:
            may(user, RECORD, kpi.project).demand()
        form = ClaimForm(request.POST, projects=page.may_propose)
        if form.is_valid():
            terms = form.terms()
            if taken(form, lambda: services.propose_claim(actor=user, kpi=kpi, **terms)):
                messages.success(request, "The claim is proposed. Whoever has to agree is told.")
                return redirect("kpis:claims", key=kpi.project.key, kpi_key=kpi.key)
    elif page.may_propose:
        first = aligned(organisation_today(), "month")
        form = ClaimForm(projects=page.may_propose, initial={"from_month": first} | initial_from_kept(request))
    context = {
        "project": kpi.project,
        "kpi": kpi,
        "page": page,
        "form": form,
        "refused": may(user, RECORD, kpi.project),
        "beside": sections_for(kpi, on="claims"),
    }
    bound = form is not None and form.is_bound
    return render(request, "lifecycle/kpis/claims/claims.html", context, status=400 if bound else 200)


@require_safe
def claims_file(request: HttpRequest, key: str, kpi_key: str, form: str) -> HttpResponse:
    """The claims as CSV, or as a workbook with the months too."""
    user, kpi = signed_in(request), kpi_of(request, key, kpi_key)
    page = claims_page(kpi, user)
    named = f"{kpi.project.key}-{kpi.key}-claims"
    if form == "csv":
        return as_file(comma_separated(claims_sheet(page)), CSV, f"{named}.csv")
    content = workbook([claims_sheet(page), months_sheet(page)], title=f"Claims on {kpi.name}")
    return as_file(content, XLSX, f"{named}.xlsx")


@require_POST
def move_claim(request: HttpRequest, key: str, kpi_key: str, claim_id: int, move: str) -> HttpResponse:
    """Agree, dispute, settle, end or withdraw."""
    user, kpi = signed_in(request), kpi_of(request, key, kpi_key)
    claim = get_object_or_404(KpiClaim, kpi=kpi, pk=claim_id)
    if move not in _SAID:
        raise Http404
    note = request.POST.get("reason", "")[:300]
    if move == permits.CONSENT:
        done = services.consent_to_claim(actor=user, claim_id=claim.pk, note=note)
        if done.state == KpiClaim.State.DISPUTED:
            messages.warning(
                request,
                "You agreed, but together the claims are more than the whole. The claim is kept in dispute, and shares are "
                "cut in proportion until one of them is lowered, ended or withdrawn.",
            )
            return redirect("kpis:claims", key=kpi.project.key, kpi_key=kpi.key)
    elif move == permits.DISPUTE:
        services.dispute_claim(actor=user, claim_id=claim.pk, reason=note)
    elif move == permits.SETTLE:
        services.settle_claim(actor=user, claim_id=claim.pk, note=note)
    elif move == permits.WITHDRAW:
        services.withdraw_claim(actor=user, claim_id=claim.pk, reason=note)
    else:
        permits.may_move(user, permits.END, _with_projects(claim)).demand()
        try:
            until = MonthField(label="").clean(request.POST.get("until", ""))
        except ValidationError:
            raise Refused(
                "Say up to which month the claim counts, such as 2026-03.",
                code="until_missing",
                status=400,
                field="until",
            ) from None
        services.end_claim(actor=user, claim_id=claim.pk, until=until, note=note)
    messages.success(request, _SAID[move])
    return redirect("kpis:claims", key=kpi.project.key, kpi_key=kpi.key)


def _with_projects(claim: KpiClaim) -> KpiClaim:
    return KpiClaim.objects.select_related("project", "kpi__project").get(pk=claim.pk)
