"""Saying that two cases are alike, or that they are not."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from foundation.people.models import User
from foundation.web.nouns import house_noun
from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.lessons.models import SimilarPair
from lifecycle.lessons.similar.services import say_of_pair
from lifecycle.postmortems import selectors
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.views.finding import find_or_404

_SAID = {
    SimilarPair.Verdict.SIMILAR: "Noted: the two are alike. It stays so when they are compared again.",
    SimilarPair.Verdict.NOT_SIMILAR: "Noted: the two are not alike. It stays so when they are compared again.",
    SimilarPair.Verdict.NONE: "Taken back.",
}


def other_case(user: User, reference: str) -> PostMortem:
    """The other case, as refused when it is not there as when it is not to be seen."""
    found = selectors.find(user, reference.strip().upper()[:16])
    if found is None:
        raise Refused(
            f"There is no such {house_noun()} among those you may read. Give its reference, such as PM-2026-0007.",
            code="other_unknown",
            status=400,
            field="other",
        )
    return found


@require_POST
def say(request: HttpRequest, reference: str) -> HttpResponse:
    """One verdict on a pair."""
    user = signed_in(request)
    case = find_or_404(user, reference)
    verdict = str(request.POST.get("verdict", ""))
    say_of_pair(actor=user, case=case, other=other_case(user, str(request.POST.get("other", ""))), verdict=verdict)
    messages.success(request, _SAID[SimilarPair.Verdict(verdict)])
    return redirect(f"{case.get_absolute_url()}#similar")
