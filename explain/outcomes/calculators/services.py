"""Deeds on calculations: ask for one, forget the old ones.

Nothing of the portal is changed by them, so the trail does not speak of them.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import Final

from django.db import transaction
from django.utils import timezone

from explain.outcomes.calculators.command import MOST_BYTES, NAMES, read
from explain.outcomes.calculators.models import Calculation
from explain.outcomes.compute.refusal import CalculationRefused
from foundation.jobs.models import Job
from foundation.jobs.periodic import Deed
from foundation.jobs.services import request_job
from foundation.people.models import User
from foundation.web.refused import Refused

KIND: Final = "calculation"
MOST_WAITING: Final = 5  # of one person
REST: Final = timedelta(minutes=5)  # before a page asks anew for what no worker could answer
MOST_KEPT: Final = 50  # of one person, with their answers
NEEDS_NO_LIBRARY: Final = ("cash-flow",)


def is_at_hand(calculator: str) -> bool:
    """Whether the calculator can say all of its answer where this runs. The web image holds no numpy."""
    return calculator in NEEDS_NO_LIBRARY or find_spec("numpy") is not None


def ask_calculation(*, actor: User, calculator: str, text: bytes, again: bool = True) -> Calculation:
    """The calculation of this request, by a worker; the same request is the same row while it is kept.

    One whose job was given up or cancelled is tried anew: at once with `again`, else after a rest. Raises CalculationRefused for what is no sound JSON,
    and Refused too_many_waiting (429).
    """
    if calculator not in NAMES:
        raise CalculationRefused("unknown_calculator", f"One of {', '.join(NAMES)} is needed.")
    if len(text) > MOST_BYTES:
        raise CalculationRefused("too_large", f"At most {MOST_BYTES:,} bytes of JSON can be read.")
    read(text)
    return _kept(actor, calculator, text, again)


@transaction.atomic
def _kept(actor: User, calculator: str, text: bytes, again: bool) -> Calculation:
    # The person's row is the lock: two pages that ask at once count each other.
    User.objects.select_for_update().get(pk=actor.pk)
    Calculation.objects.over().filter(asker=actor).delete()
    request_hash = hashlib.sha256(text).hexdigest()
    mine = Calculation.objects.filter(asker=actor)
    found = mine.filter(calculator=calculator, request_hash=request_hash).select_related("job").first()
    if found is not None and not (found.is_stranded and (again or found.asked_at < timezone.now() - REST)):
        return found
    if mine.filter(state=Calculation.State.WAITING, job__state__in=Job.OPEN).count() >= MOST_WAITING:
        raise Refused(
            f"{MOST_WAITING} calculations of yours wait for a worker already. Look at those first, or try again in a minute.",
            code="too_many_waiting",
            status=429,
        )
    if found is None:
        spare = mine.order_by("-asked_at", "-pk").values_list("pk", flat=True)[MOST_KEPT - 1 :]
        Calculation.objects.filter(pk__in=list(spare)).delete()
        found = Calculation(asker=actor, calculator=calculator, request=text.decode(), request_hash=request_hash)
    found.asked_at = timezone.now()
    found.save()
    found.job = request_job(kind=KIND, args={"calculation": found.pk}, actor=actor, dedup_key=f"calculation:{found.pk}")
    found.save(update_fields=["job"])
    return found


def forget_calculations(begins_at: datetime) -> None:
    """Remove what is kept no longer, request and answer."""
    Calculation.objects.over().delete()


FORGETTING: Final = Deed("forget_calculations", timedelta(minutes=30), forget_calculations)
