"""What happens when a KPI becomes something else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.claims.selectors import own_shares
from lifecycle.kpis.claims.services import claim_own, share_of
from lifecycle.kpis.locking import locked_kpi
from lifecycle.kpis.models import Baseline, Kpi
from lifecycle.kpis.permits import RECORD, may
from lifecycle.kpis.services.conversion import convert_series, demand_no_hidden_factor
from lifecycle.kpis.services.definitions.rules import check_definition, content_of, give_up_primary
from lifecycle.kpis.services.months import carry_months

# A change of one of these is a new meaning, hence a new version.
MEANING = ("unit", "direction", "kind", "frequency", "counts", "season")
# How it is judged: fixed with the baseline, but the readings say the same.
JUDGING = frozenset({"direction", "counts", "season"})


@transaction.atomic
def edit_kpi(
    *,
    actor: User,
    kpi: Kpi,
    name: str | None = None,
    meaning: str | None = None,
    unit: str | None = None,
    direction: str | None = None,
    kind: str | None = None,
    frequency: str | None = None,
    volume_kpi: Kpi | None = None,
    clear_volume_kpi: bool = False,
    derived_from: Kpi | None = None,
    clear_derived_from: bool = False,
    counts: bool | None = None,
    season: int | None = None,
    clear_season: bool = False,
    is_primary: bool | None = None,
    attribution: Decimal | None = None,
    cashable: Decimal | None = None,
    supersede_baseline: bool = False,
    keep_readings: bool = False,
    convert_readings: bool = False,
    reason: str = "",
) -> Kpi:
    """Change a KPI; None leaves a field as it is.

    `attribution`: what the project claims of its own KPI from its first month on; a new claim takes the place of the
    former ones. A change of unit, direction, kind, frequency, season or of whether it counts is a new version. It is refused while a baseline is
    frozen unless `supersede_baseline`; an open proposal is withdrawn with it. Readings, targets and values
    so far then belong to the former definition and are no longer mixed with new ones, unless
    `keep_readings` says that the numbers still mean the same (never with another frequency, or a unit of another
    size), or `convert_readings` turns them into the new unit: new revisions, the old ones stay.
    Raises Refused: not_permitted, project_read_only, kpi_invalid, baseline_is_frozen, readings_cannot_stay,
    unit_mismatch.
    """
    kpi = locked_kpi(kpi.pk)
    may(actor, RECORD, kpi.project).demand()
    own = own_shares([kpi])[kpi.pk]
    before = content_of(kpi, own)
    given: dict[str, Any] = {
        "name": name, "meaning": meaning, "unit": unit, "direction": direction, "kind": kind, "frequency": frequency,
        "volume_kpi": volume_kpi, "derived_from": derived_from, "counts": counts, "season": season, "is_primary": is_primary,
        "cashable": cashable,
    }  # fmt: skip
    for field, value in given.items():
        if value is not None:
            setattr(kpi, field, value.strip() if field in ("name", "unit") else value)
    if clear_volume_kpi:
        kpi.volume_kpi = None
    if clear_derived_from:
        kpi.derived_from = None
    if clear_season:
        kpi.season = None
    check_definition(kpi)
    after = content_of(kpi, own if attribution is None else share_of(attribution, "attribution"))
    if after == before:
        return kpi
    changed = [field for field in MEANING if before[field] != after[field]]
    ended: dict[str, Any] = {}
    if changed:
        if convert_readings and keep_readings:
            raise _cannot_stay(
                "keep_readings", "Readings are either converted or kept as they are. Choose one of the two."
            )
        ended = _new_version(
            kpi, changed, before, actor, supersede_baseline=supersede_baseline, keep_readings=keep_readings,
            convert_readings=convert_readings,
        )  # fmt: skip
        after["version"] = kpi.version
    if kpi.is_primary and not before["is_primary"] and (former := give_up_primary(kpi)):
        ended["former_primary"] = former
    kpi.save(force_update=True)
    if attribution is not None and attribution != own:
        claim_own(kpi, attribution, actor)
    record(
        actor=actor,
        verb="edit_kpi",
        thing=kpi,
        kind="kpi",
        project_id=kpi.project_id,
        before={field: value for field, value in before.items() if after[field] != value},
        after={field: value for field, value in after.items() if before[field] != value} | ended,
        reason=reason,
    )
    return kpi


def _new_version(
    kpi: Kpi,
    changed: list[str],
    before: dict[str, Any],
    actor: User,
    *,
    supersede_baseline: bool,
    keep_readings: bool,
    convert_readings: bool,
) -> dict[str, Any]:
    frozen = Baseline.objects.select_for_update().filter(kpi=kpi, state=Baseline.State.FROZEN).first()
    names = " and ".join(changed)
    if frozen is not None and not supersede_baseline:
        raise Refused(
            f"A baseline is frozen for {before['name']}, so its {names} cannot change unnoticed. "
            "Confirm that the baseline is given up, or define a new KPI.",
            code="baseline_is_frozen",
            field="supersede_baseline",
        )
    if (keep_readings or convert_readings) and "frequency" in changed:
        raise _cannot_stay(
            "keep_readings",
            "Readings of another frequency cannot be kept: their periods differ. Record the series anew.",
        )
    if convert_readings and set(changed) - JUDGING != {"unit"}:
        raise _cannot_stay("convert_readings", "Readings are converted only where the unit changes and nothing else.")
    if keep_readings and "unit" in changed:
        demand_no_hidden_factor(before["unit"], kpi.unit)
    ended: dict[str, Any] = {}
    if frozen is not None:
        frozen.state = Baseline.State.SUPERSEDED
        frozen.save(update_fields=["state"])
        ended["superseded_baseline"] = frozen.pk
    proposed = Baseline.objects.filter(kpi=kpi, state=Baseline.State.PROPOSED).first()
    if proposed is not None:
        proposed.state = Baseline.State.WITHDRAWN
        proposed.save(update_fields=["state"])
        ended["withdrawn_baseline"] = proposed.pk
    kpi.version += 1
    if convert_readings:
        ended["converted_readings"] = convert_series(actor, kpi, before["unit"])
        ended["readings"] = "those so far belong to the former definition, converted ones to the new one"
        # The converted readings are as old as the definition, and older than the entry of the trail.
        ended["defined_at"] = kpi.defined_at.isoformat() if kpi.defined_at else None
    elif not JUDGING.issuperset(changed) and not keep_readings:
        kpi.defined_at = timezone.now()
        ended["readings"] = "those so far belong to the former definition"
    else:
        carry_months(kpi, kpi.version - 1)
    return ended


def _cannot_stay(field: str, sentence: str) -> Refused:
    return Refused(sentence, code="readings_cannot_stay", status=400, field=field)
