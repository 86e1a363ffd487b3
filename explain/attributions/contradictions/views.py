"""Saying why, on the page of an explanation."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from explain.attributions import selectors
from explain.attributions.contradictions.services import explain_contradiction
from explain.attributions.models import Explanation
from explain.attributions.views import explanation_page
from foundation.web.refused import Refused
from foundation.web.views import signed_in


@require_POST
def explain(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Keep the reason; a refusal is shown on the page, beside what was typed."""
    user = signed_in(request)
    found = selectors.find_explanation(user, key, pk, samples=True)
    if found is None or found.state != Explanation.State.DONE:
        raise Http404
    feature, text = request.POST.get("feature", ""), request.POST.get("text", "")
    try:
        explain_contradiction(actor=user, explanation=found, feature=feature, text=text)
    except Refused as refused:
        return explanation_page(request, found, refused=refused)
    messages.success(request, "The reason is kept.")
    return redirect(f"{found.get_absolute_url()}#against")
