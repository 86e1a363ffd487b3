"""A new KPI."""

from __future__ import annotations

from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.claims.services import claim_own, share_of
from lifecycle.kpis.locking import locked_project
from lifecycle.kpis.models import Kpi
from lifecycle.kpis.permits import RECORD, may
from lifecycle.kpis.services.definitions.rules import check_definition, content_of, give_up_primary
from lifecycle.projects.models import Project


@transaction.atomic
def define_kpi(
    *,
    actor: User,
    project: Project,
    name: str,
    unit: str,
    direction: str,
    kind: str,
    frequency: str,
    key: str = "",
    meaning: str = "",
    volume_kpi: Kpi | None = None,
    derived_from: Kpi | None = None,
    counts: bool = False,
    season: int | None = None,
    is_primary: bool = False,
    attribution: Decimal = Decimal(1),
    cashable: Decimal = Decimal(1),
    simulated: str = "",
) -> Kpi:
    """A new KPI, and the claim of its project on the share `attribution` of it. `key` empty: made from the name. The first KPI that is primary takes the place of the former.

    Raises Refused: not_permitted, project_read_only, kpi_invalid, kpi_key_taken.
    """
    project = locked_project(project.pk)
    may(actor, RECORD, project).demand()
    kpi = Kpi(
        project=project,
        key=key or _free_key(project, name),
        name=name.strip(),
        meaning=meaning,
        unit=unit.strip(),
        direction=direction,
        kind=kind,
        frequency=frequency,
        volume_kpi=volume_kpi,
        derived_from=derived_from,
        counts=counts,
        season=season,
        is_primary=is_primary,
        cashable=cashable,
        simulated=simulated,
        created_by=actor,
    )
    share_of(attribution, "attribution")
    check_definition(kpi)
    former = give_up_primary(kpi) if is_primary else ""
    try:
        with transaction.atomic():
            kpi.save(force_insert=True)
    except IntegrityError:
        raise Refused(
            f"The project has a KPI {kpi.key!r} already. Choose another name.",
            code="kpi_key_taken",
            field="key" if key else "name",
        ) from None
    claim_own(kpi, attribution, actor)
    after = content_of(kpi, attribution)
    if former:
        after["former_primary"] = former
    record(actor=actor, verb="define_kpi", thing=kpi, kind="kpi", project_id=project.pk, after=after)
    return kpi


def _free_key(project: Project, name: str) -> str:
    stem = slugify(name)[:50] or "kpi"
    taken = set(Kpi.objects.filter(project=project, key__startswith=stem).values_list("key", flat=True))
    # The page for a new KPI has the address kpis/new/.
    taken.add("new")
    return next(key for key in [stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3))] if key not in taken)
