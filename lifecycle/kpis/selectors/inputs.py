"""Everything that an outcome report is computed from, as plain JSON."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from lifecycle.kpis.circumstances import Exclusion, KpiControl
from lifecycle.kpis.models import Baseline, CashLine, GoLive, Kpi, Target, ValuePerUnit
from lifecycle.kpis.periods import organisation_day
from lifecycle.kpis.selectors.circumstances import (
    Bridge,
    bridges,
    controls_by_kpi,
    exclusions_by_kpi,
    retirement_of,
)
from lifecycle.kpis.selectors.series import Point, as_instant, go_live_of, is_retrospective, series_by_kpi
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
    """Project, KPIs, go-live and cash lines as they were known at the end of `as_of`; ten queries, and one
    more where a KPI was defined anew.

    Money and rates are strings, dates ISO strings, readings `[period, value, revision]`. Order is stable,
    so that equal facts give an equal hash. Shape:
    `{"shape", "as_of", "project": {key, name, currency, discount_rate, horizon_months, started_on},
    "go_live": {on, ramp_until} | null, "retirement": {on, decommissioned_on} | null,
    "kpis": [{key, name, unit, direction, kind, frequency, version, is_primary, attribution, cashable,
    simulated, volume_kpi, derived_from, counts, season,
    controls: [{key, name, part, why, joined_on, added_on}], exclusions: [{starts_on, ends_on, event, proposed_by,
    approved_by, approved_on}], bridge: {periods, first, last, former_mean, present_mean} | null, baseline: {id, starts_on, ends_on, values, values_hash, mean,
    moving_range, count, retrospective, frozen_at} | null, before: readings before the baseline's window,
    series: readings after it (all when there is no baseline), target: {value, due_on} | null,
    unit_values: [{amount, low, high, currency, valid_from, valid_to, evidence}]}],
    "volumes": {key of a volume KPI: all its readings},
    "compared": {key of a KPI that another one is compared with: all its readings},
    "cash_lines": [{id, side, basis, category, month, until, amount, currency, kpi, note}]}`.
    """
    instant = as_instant(as_of)
    kpis = list(
        Kpi.objects.filter(project=project, created_at__lte=instant)
        .select_related("volume_kpi", "derived_from")
        .order_by("key")
    )
    ids = [kpi.pk for kpi in kpis]
    series = {
        kpi_id: [point for point in points if point.period <= as_of]
        for kpi_id, points in series_by_kpi(kpis, instant).items()
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
    volumes = {kpi.volume_kpi.key: kpi.volume_kpi_id for kpi in kpis if kpi.volume_kpi is not None}
    controls = controls_by_kpi(ids, instant)
    compared = {row.control.key: row.control_id for rows in controls.values() for row in rows}
    exclusions = exclusions_by_kpi(ids, as_of)
    bridged = bridges(kpis, series, instant)
    go_live, retirement = go_live_of(project, instant), retirement_of(project, instant)
    lines = (
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
            | _circumstances(controls[kpi.pk], exclusions[kpi.pk], bridged.get(kpi.pk), as_of)
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
            }
            for line in lines
        ],
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
        "key": kpi.key,
        "name": kpi.name,
        "unit": kpi.unit,
        "direction": kpi.direction,
        "kind": kpi.kind,
        "frequency": kpi.frequency,
        "version": kpi.version,
        "is_primary": kpi.is_primary,
        "attribution": money_as_text(kpi.attribution),
        "cashable": money_as_text(kpi.cashable),
        "simulated": kpi.simulated,
        "volume_kpi": kpi.volume_kpi.key if kpi.volume_kpi else None,
        "derived_from": kpi.derived_from.key if kpi.derived_from else None,
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
            }
            for row in unit_values
        ],
    }


def _circumstances(
    controls: list[KpiControl], exclusions: list[Exclusion], bridge: Bridge | None, as_of: date
) -> dict[str, Any]:
    return {
        "controls": [
            {
                "key": row.control.key,
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
