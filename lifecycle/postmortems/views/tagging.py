"""Tags, edited in their place."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from foundation.web.views import signed_in
from lifecycle.postmortems import services
from lifecycle.postmortems.forms.tags import TagsForm
from lifecycle.postmortems.views.checking import demand_valid
from lifecycle.postmortems.views.finding import find_or_404


@require_POST
def tags(request: HttpRequest, reference: str) -> HttpResponse:
    """Save all tags."""
    user = signed_in(request)
    found = find_or_404(user, reference)
    form = TagsForm(request.POST)
    given = demand_valid(form)
    services.set_tags(actor=user, postmortem=found, tags=form.tags(), lock=given["lock"])
    return redirect(f"{found.get_absolute_url()}#tags")
