"""Answering an offer."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from foundation.web.views import signed_in
from lifecycle.lessons.offers.selectors import offers_of
from lifecycle.lessons.offers.services import answer_offer
from lifecycle.projects.views.finding import find_project


@require_POST
def answer(request: HttpRequest, key: str, offer_id: int) -> HttpResponse:
    """What the team makes of a case; back to the page on which it was said."""
    project = find_project(request, key)
    offer = offers_of(project).filter(pk=offer_id).first()
    if offer is None:
        raise Http404
    answer_offer(
        actor=signed_in(request),
        offer=offer,
        answer=str(request.POST.get("answer", "")),
        reason=str(request.POST.get("reason", "")),
    )
    messages.success(request, "The answer is saved. It stands on the page of the decision.")
    back = str(request.POST.get("back", ""))
    is_own = back.startswith(project.get_absolute_url()) and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return redirect(f"{back if is_own else project.get_absolute_url()}#lessons")
