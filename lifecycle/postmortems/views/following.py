"""Being told of new ones, from the library."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from foundation.web.nouns import house_noun
from foundation.web.views import signed_in
from lifecycle.postmortems import services


@require_POST
def follow(request: HttpRequest) -> HttpResponse:
    """`on=1` or nothing."""
    is_on = services.follow(actor=signed_in(request), is_on=request.POST.get("on") == "1")
    noun = house_noun()
    messages.success(
        request,
        f"You are told when {noun.a} is published that everybody may read."
        if is_on
        else f"You are no longer told of {noun.many} of other projects.",
    )
    return redirect("postmortems:list")
