"""What a KPI is, and what happens when it becomes something else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import slugify

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.claims.selectors import own_shares
from lifecycle.kpis.claims.services import claim_own, share_of
from lifecycle.kpis.locking import locked_kpi, locked_project
from lifecycle.kpis.models import Baseline, Kpi
from lifecycle.kpis.permits import RECORD, may
from lifecycle.kpis.services.conversion import convert_series, demand_no_hidden_factor
from lifecycle.kpis.services.months import carry_months
from lifecycle.projects.models import Project

# A change of one of these is a new meaning, hence a new version.
MEANING = ("unit", "direction", "kind", "frequency", "counts", "season")
# How it is judged: fixed with the baseline, but the readings say the same.
JUDGING = frozenset({"direction", "counts", "season"})

SEASONS = {7: Kpi.Frequency.DAY, 12: Kpi.Frequency.MONTH, 52: Kpi.Frequency.WEEK}


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
    _check(kpi)
    former = _give_up_primary(kpi) if is_primary else ""
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
    after = _content(kpi, attribution)
    if former:
        after["former_primary"] = former
    record(actor=actor, verb="define_kpi", thing=kpi, kind="kpi", project_id=project.pk, after=after)
    return kpi


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
    before = _content(kpi, own)
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
    _check(kpi)
    after = _content(kpi, own if attribution is None else share_of(attribution, "attribution"))
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
    if kpi.is_primary and not before["is_primary"] and (former := _give_up_primary(kpi)):
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


def _free_key(project: Project, name: str) -> str:
    stem = slugify(name)[:50] or "kpi"
    taken = set(Kpi.objects.filter(project=project, key__startswith=stem).values_list("key", flat=True))
    # The page for a new KPI has the address kpis/new/.
    taken.add("new")
    return next(key for key in [stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3))] if key not in taken)


def _check(kpi: Kpi) -> None:
    """Refuse what is no definition; the database holds the same line for shares and keys."""

    def refuse(field: str, sentence: str) -> None:
        raise Refused(sentence, code="kpi_invalid", status=400, field=field)

    if not kpi.name or len(kpi.name) > 120:
        refuse("name", "A KPI needs a name of at most 120 characters, such as “Days to first report”.")
    if not kpi.unit or len(kpi.unit) > 40:
        refuse("unit", "A KPI needs a unit of at most 40 characters, such as min, %, EUR, or 1 for a count.")
    if kpi.key == "new" or slugify(kpi.key) != kpi.key or not kpi.key or len(kpi.key) > 60:
        refuse("key", f"{kpi.key!r} cannot be a key. Use small letters, digits and hyphens, such as days-to-report.")
    for field, values in (
        ("direction", Kpi.Direction.values),
        ("kind", Kpi.Kind.values),
        ("frequency", Kpi.Frequency.values),
    ):
        if getattr(kpi, field) not in values:
            refuse(field, f"{getattr(kpi, field)!r} is no {field}. Use one of: {', '.join(values)}.")
    if not isinstance(kpi.cashable, Decimal) or not kpi.cashable.is_finite() or not 0 <= kpi.cashable <= 1:
        refuse("cashable", "A share lies between 0 and 1; 0.5 is a half.")
    for field in ("volume_kpi", "derived_from"):
        other: Kpi | None = getattr(kpi, field)
        if other is None:
            continue
        if other.project_id != kpi.project_id:
            refuse(field, f"{other.name} belongs to another project. Choose a KPI of this one.")
        if other.pk == kpi.pk:
            refuse(field, "A KPI cannot refer to itself. Choose another one, or none.")
    if kpi.volume_kpi is not None and kpi.volume_kpi.frequency != kpi.frequency:
        refuse(
            "volume_kpi",
            f"{kpi.volume_kpi.name} is {kpi.volume_kpi.get_frequency_display()}; its periods have to be those of this KPI.",
        )
    if kpi.counts and kpi.kind != Kpi.Kind.FLOW:
        refuse("counts", "A count adds up over time: choose “sum per period” as what a reading is, or no count.")
    if kpi.season is not None and SEASONS.get(kpi.season) != kpi.frequency:
        refuse("season", "A season is 7 for daily readings, 52 for weekly and 12 for monthly ones, or none.")
    seen, link = {kpi.pk}, kpi.derived_from
    while link is not None:
        if link.pk in seen:
            refuse("derived_from", "The chain of KPIs would lead back to itself. Choose another one, or none.")
        seen.add(link.pk)
        link = link.derived_from


def _give_up_primary(kpi: Kpi) -> str:
    """The project has one primary KPI; the former one steps back. Returns its key, for the trail."""
    former = Kpi.objects.filter(project_id=kpi.project_id, is_primary=True).exclude(pk=kpi.pk).first()
    if former is None:
        return ""
    former.is_primary = False
    former.save(update_fields=["is_primary"])
    return former.key


def _content(kpi: Kpi, attribution: Decimal) -> dict[str, Any]:
    return {
        "key": kpi.key,
        "name": kpi.name,
        "meaning": kpi.meaning,
        "unit": kpi.unit,
        "direction": str(kpi.direction),
        "kind": str(kpi.kind),
        "frequency": str(kpi.frequency),
        "volume_kpi": kpi.volume_kpi.key if kpi.volume_kpi else None,
        "derived_from": kpi.derived_from.key if kpi.derived_from else None,
        "counts": kpi.counts,
        "season": kpi.season,
        "is_primary": kpi.is_primary,
        "attribution": format(attribution.normalize(), "f"),
        "cashable": format(kpi.cashable.normalize(), "f") if isinstance(kpi.cashable, Decimal) else None,
        "version": kpi.version,
    }
