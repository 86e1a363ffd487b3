"""Everything that an outcome report is computed from, as plain JSON."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from lifecycle.kpis.claims.selectors import Standing, standing_claims, steps_of
from lifecycle.kpis.models import Baseline, CashLine, Exclusion, GoLive, Kpi, KpiControl, Target, ValuePerUnit
from lifecycle.kpis.periods import end_of_day, organisation_day
from lifecycle.kpis.rates.selectors import rates_for
from lifecycle.kpis.selectors.circumstances import (
    Bridge,
    bridges,
    controls_by_kpi,
    exclusions_by_kpi,
    retirement_of,
)
from lifecycle.kpis.selectors.claimants import claimants_by_kpi
from lifecycle.kpis.selectors.series import Point, go_live_of, is_retrospective, series_by_kpi
from lifecycle.projects.models import Project

SHAPE = "kpis/2"


def money_as_text(amount: Decimal | None) -> str | None:
    """A stored amount as text without trailing zeros, never in scientific writing: 1000, 0.1, 12.3456."""
    if amount is None:
        return None
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _points(series: list[Point]) -> list[list[Any]]:
    return [[point.period.isoformat(), point.value, point.revision] for point in series]


def inputs_for_report(project: Project, as_of: date) -> dict[str, Any]:
    """Project, KPIs, go-live and cash lines as they were known at the end of `as_of`; twelve queries, one more where
    amounts are in other currencies, one more where a KPI was defined anew, and two more where several projects claim one.

    Money and rates are strings, dates ISO strings, readings `[period, value, revision]`. Order is stable,
    so that equal facts give an equal hash. Shape:
    `{"shape", "as_of", "project": {key, name, currency, discount_rate, horizon_months, started_on},
    "go_live": {on, ramp_until} | null, "retirement": {on, decommissioned_on} | null, "rates": see `rates_for`,
    "kpis": [{key, name, unit, direction, kind, frequency, version, is_primary, attribution, cashable,
    claims: see `steps_of` (null: nothing was ever claimed), owner: {key, name, kpi} | null,
    simulated, volume_kpi, derived_from, counts, season,
    controls: [{key, name, part, why, joined_on, added_on}], exclusions: [{starts_on, ends_on, event, proposed_by,
    approved_by, approved_on}], bridge: {periods, first, last, former_mean, present_mean} | null, baseline: {id, starts_on, ends_on, values, values_hash, mean,
    moving_range, count, retrospective, frozen_at} | null, before: readings before the baseline's window,
    series: readings after it (all when there is no baseline), target: {value, due_on} | null,
    unit_values: [{amount, low, high, currency, valid_from, valid_to, evidence, set_on}],
    claimants: see `claimants_by_kpi` (absent: nobody else claims it)}],
    "volumes": {key of a volume KPI: all its readings},
    "compared": {key of a KPI that another one is compared with: all its readings},
    "cash_lines": [{id, side, basis, category, month, until, amount, currency, kpi, note, recorded_on}]}`.
    KPIs of other projects on which this one claims a share follow its own; their keys have the owner's key in front.
    """
    instant = end_of_day(as_of)
    kpis, claims = _counted_here(project, instant)
    ids = [kpi.pk for kpi in kpis]
    claimants = claimants_by_kpi(kpis, claims, instant, project)
    controls = controls_by_kpi(ids, instant)
    beside = [kpi.volume_kpi for kpi in kpis if kpi.volume_kpi is not None]
    beside += [row.control for rows in controls.values() for row in rows]
    series = {
        kpi_id: [point for point in points if point.period <= as_of]
        for kpi_id, points in series_by_kpi([*kpis, *beside], instant).items()
    }
    baselines: dict[int, Baseline] = {}
    versions = {kpi.pk: kpi.version for kpi in kpis}
    for baseline in Baseline.objects.filter(
        kpi_id__in=ids, state__in=[Baseline.State.FROZEN, Baseline.State.SUPERSEDED], frozen_at__lte=instant
    ).order_by("frozen_at", "pk"):
        if baseline.kpi_version == versions[baseline.kpi_id]:
            baselines[baseline.kpi_id] = baseline
    defined = {kpi.pk: kpi.defined_at for kpi in kpis}

    def is_of_definition(kpi_id: int, at: datetime) -> bool:
        since = defined[kpi_id]
        return since is None or at >= since

    targets: dict[int, Target] = {}
    for target in Target.objects.filter(kpi_id__in=ids, set_at__lte=instant).order_by("pk"):
        if is_of_definition(target.kpi_id, target.set_at):
            targets[target.kpi_id] = target
    unit_values: dict[int, list[ValuePerUnit]] = {kpi_id: [] for kpi_id in ids}
    for row in ValuePerUnit.objects.filter(kpi_id__in=ids, set_at__lte=instant).order_by("valid_from", "pk"):
        if is_of_definition(row.kpi_id, row.set_at):
            unit_values[row.kpi_id].append(row)
    volumes = {_key(kpi.volume_kpi, project): kpi.volume_kpi_id for kpi in kpis if kpi.volume_kpi is not None}
    compared = {_key(row.control, project): row.control_id for rows in controls.values() for row in rows}
    exclusions = exclusions_by_kpi(ids, as_of)
    bridged = bridges(kpis, series, instant)
    go_live, retirement = go_live_of(project, instant), retirement_of(project, instant)
    lines = list(
        CashLine.objects.filter(project=project, recorded_at__lte=instant)
        .filter(Q(voided_at__isnull=True) | Q(voided_at__gt=instant))
        .select_related("kpi")
        .order_by("month", "pk")
    )
    return {
        "shape": SHAPE,
        "as_of": as_of.isoformat(),
        "project": {
            "key": project.key,
            "name": project.name,
            "currency": project.currency,
            "discount_rate": money_as_text(project.discount_rate),
            "horizon_months": project.horizon_months,
            "started_on": project.started_on.isoformat(),
        },
        "go_live": None
        if go_live is None
        else {
            "on": go_live.on.isoformat(),
            "ramp_until": go_live.ramp_until.isoformat() if go_live.ramp_until else None,
        },
        "retirement": None
        if retirement is None or retirement.retired_on is None
        else {
            "on": retirement.retired_on.isoformat(),
            "decommissioned_on": retirement.decommissioned_on.isoformat() if retirement.decommissioned_on else None,
        },
        "kpis": [
            _kpi(kpi, baselines.get(kpi.pk), go_live, series[kpi.pk], targets.get(kpi.pk), unit_values[kpi.pk])
            | _circumstances(project, controls[kpi.pk], exclusions[kpi.pk], bridged.get(kpi.pk), as_of)
            | _of_project(kpi, project, claims.get(kpi.pk), as_of)
            | ({"claimants": claimants[kpi.pk]} if kpi.pk in claimants else {})
            for kpi in kpis
        ],
        "volumes": {key: _points(series[kpi_id]) for key, kpi_id in sorted(volumes.items()) if kpi_id in series},
        "compared": {key: _points(series[kpi_id]) for key, kpi_id in sorted(compared.items()) if kpi_id in series},
        "cash_lines": [
            {
                "id": line.pk,
                "side": line.side,
                "basis": line.basis,
                "category": line.category,
                "month": line.month.isoformat(),
                "until": line.until.isoformat() if line.until else None,
                "amount": money_as_text(line.amount),
                "currency": line.currency,
                "kpi": line.kpi.key if line.kpi else None,
                "note": line.note,
                "recorded_on": organisation_day(line.recorded_at).isoformat(),
            }
            for line in lines
        ],
        "rates": rates_for(
            {line.currency for line in lines} | {row.currency for rows in unit_values.values() for row in rows},
            project.currency,
            instant=instant,
            as_of=as_of,
            plan_days={organisation_day(line.recorded_at) for line in lines}
            | {organisation_day(row.set_at) for rows in unit_values.values() for row in rows},
        ),
    }


def _counted_here(project: Project, instant: datetime) -> tuple[list[Kpi], dict[int, list[Standing]]]:
    """The project's KPIs, then those of others on which it had a claim that counts, and all claims on them."""
    found = (
        Kpi.objects.filter(Q(project=project) | Q(claims__project=project), created_at__lte=instant)
        .select_related("project", "volume_kpi__project", "derived_from__project")
        .distinct()
        .order_by("key", "pk")
    )
    kpis = list(found)
    claims = standing_claims([kpi.pk for kpi in kpis], instant)
    own = [kpi for kpi in kpis if kpi.project_id == project.pk]
    claimed = [
        kpi
        for kpi in kpis
        if kpi.project_id != project.pk
        and any(claim.counts and claim.project_id == project.pk for claim in claims.get(kpi.pk, []))
    ]
    return [*own, *sorted(claimed, key=lambda kpi: _key(kpi, project))], claims


def _key(kpi: Kpi, project: Project) -> str:
    """The KPI's key; with its project's key in front where that is another one (keys hold no two hyphens in a row)."""
    return kpi.key if kpi.project_id == project.pk else f"{kpi.project.key}--{kpi.key}"


def _of_project(kpi: Kpi, project: Project, claims: list[Standing] | None, as_of: date) -> dict[str, Any]:
    """What of a KPI depends on who reads it."""
    is_own = kpi.project_id == project.pk
    steps = None if claims is None else steps_of(claims, project.pk)
    now = [step["share"] for step in steps or [] if step["from_month"] <= as_of.isoformat()]
    return {
        "key": _key(kpi, project),
        "owner": None if is_own else {"key": kpi.project.key, "name": kpi.project.name, "kpi": kpi.key},
        "is_primary": is_own and kpi.is_primary,
        "attribution": "1" if steps is None else now[-1] if now else "0",
        "claims": steps,
        "volume_kpi": _key(kpi.volume_kpi, project) if kpi.volume_kpi else None,
        "derived_from": _key(kpi.derived_from, project) if kpi.derived_from else None,
    }


def _kpi(
    kpi: Kpi,
    baseline: Baseline | None,
    go_live: GoLive | None,
    series: list[Point],
    target: Target | None,
    unit_values: list[ValuePerUnit],
) -> dict[str, Any]:
    return {
        "name": kpi.name,
        "unit": kpi.unit,
        "direction": kpi.direction,
        "kind": kpi.kind,
        "frequency": kpi.frequency,
        "version": kpi.version,
        "cashable": money_as_text(kpi.cashable),
        "simulated": kpi.simulated,
        "counts": kpi.counts,
        "season": kpi.season,
        "baseline": None
        if baseline is None
        else {
            "id": baseline.pk,
            "starts_on": baseline.starts_on.isoformat(),
            "ends_on": baseline.ends_on.isoformat(),
            "values": baseline.values,
            "values_hash": baseline.values_hash,
            "mean": baseline.mean,
            "moving_range": baseline.moving_range,
            "count": baseline.count,
            # From the go-live as it was known then; the stored flag follows the newest one.
            "retrospective": is_retrospective(go_live.on if go_live else None, baseline.frozen_at),
            "frozen_at": baseline.frozen_at.isoformat() if baseline.frozen_at else None,
        },
        "before": _points([point for point in series if baseline is not None and point.period < baseline.starts_on]),
        "series": _points([point for point in series if baseline is None or point.period > baseline.ends_on]),
        "target": None if target is None else {"value": target.value, "due_on": target.due_on.isoformat()},
        "unit_values": [
            {
                "amount": money_as_text(row.amount),
                "low": money_as_text(row.low),
                "high": money_as_text(row.high),
                "currency": row.currency,
                "valid_from": row.valid_from.isoformat(),
                "valid_to": row.valid_to.isoformat() if row.valid_to else None,
                "evidence": row.evidence,
                "set_on": organisation_day(row.set_at).isoformat(),
            }
            for row in unit_values
        ],
    }


def _circumstances(
    project: Project, controls: list[KpiControl], exclusions: list[Exclusion], bridge: Bridge | None, as_of: date
) -> dict[str, Any]:
    return {
        "controls": [
            {
                "key": _key(row.control, project),
                "name": row.control.name,
                "part": row.part,
                "why": row.why,
                "joined_on": row.joined_on.isoformat() if row.joined_on and row.joined_on <= as_of else None,
                "added_on": organisation_day(row.added_at).isoformat(),
            }
            for row in controls
        ],
        "exclusions": [
            {
                "starts_on": row.starts_on.isoformat(),
                "ends_on": row.ends_on.isoformat(),
                "event": row.event,
                "proposed_by": row.proposed_by.name,
                "approved_by": row.approved_by.name if row.approved_by else None,
                "approved_on": organisation_day(row.approved_at).isoformat() if row.approved_at else None,
            }
            for row in exclusions
        ],
        "bridge": None
        if bridge is None
        else {
            "periods": bridge.periods,
            "first": bridge.first.isoformat() if bridge.first else None,
            "last": bridge.last.isoformat() if bridge.last else None,
            "former_mean": bridge.former_mean,
            "present_mean": bridge.present_mean,
        },
    }
