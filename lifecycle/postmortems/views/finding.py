"""Finding what a page is about."""

from __future__ import annotations

from django.http import Http404

from foundation.people.models import User
from lifecycle.postmortems import selectors
from lifecycle.postmortems.models import PostMortem


def find_or_404(user: User, reference: str) -> PostMortem:
    """The post-mortem, or 404 when it is not there or not to be seen."""
    found = selectors.find(user, reference)
    if found is None:
        raise Http404
    return found
