"""Reads of calculations: only who asked finds one."""

from __future__ import annotations

from django.http import Http404

from explain.outcomes.calculators.models import Calculation
from foundation.people.models import User


def calculation_for(person: User, number: int) -> Calculation:
    """The calculation that this person asked for. Http404 for another's, and for one that is kept no longer."""
    found = Calculation.objects.kept_for(person.pk).select_related("job").filter(pk=number).first()
    if found is None:
        raise Http404("No such calculation is kept.")
    return found
