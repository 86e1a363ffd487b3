"""Which projects claim a KPI, and when each of them was at work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from lifecycle.kpis.claims.models import KpiClaim
from lifecycle.kpis.claims.selectors import Standing
from lifecycle.kpis.models import GoLive, Kpi, Retirement
from lifecycle.projects.models import Project


def claimants_by_kpi(
    kpis: Iterable[Kpi], claims: Mapping[int, list[Standing]], instant: datetime, reader: Project
) -> dict[int, list[dict[str, Any]]]:
    """KPI id -> the KPI's project and those that claim it, as known at the instant; two queries where others claim any.

    `[{key, name, is_own, rules, live_on, ramp_until, retired_on}]`, `is_own`: the project that reads; `rules`: of its
    claims that count, sorted. A KPI that only its own project counts is not in the answer.
    """
    found: dict[int, list[tuple[int, str, str]]] = {}
    for kpi in kpis:
        others = {
            (claim.project_key, claim.project_id, claim.project_name)
            for claim in claims.get(kpi.pk, [])
            if claim.state != KpiClaim.State.WITHDRAWN and claim.project_id != kpi.project_id
        }
        if others:
            rows = [(pk, key, name) for key, pk, name in sorted(others)]
            found[kpi.pk] = [(kpi.project_id, kpi.project.key, kpi.project.name), *rows]
    if not found:
        return {}
    ids = {pk for rows in found.values() for pk, _, _ in rows}
    live = {
        row.project_id: row for row in GoLive.objects.filter(project__in=ids, recorded_at__lte=instant).order_by("pk")
    }
    retired = {
        row.project_id: row.retired_on
        for row in Retirement.objects.filter(project__in=ids, recorded_at__lte=instant).order_by("pk")
    }
    return {
        kpi_id: [
            {
                "key": key,
                "name": name,
                "is_own": pk == reader.pk,
                "rules": sorted({c.rule for c in claims[kpi_id] if c.project_id == pk and c.counts}),
                "live_on": _text(live[pk].on if pk in live else None),
                "ramp_until": _text(live[pk].ramp_until if pk in live else None),
                "retired_on": _text(retired.get(pk)),
            }
            for pk, key, name in rows
        ]
        for kpi_id, rows in found.items()
    }


def _text(day: Any) -> str | None:
    return day.isoformat() if day else None
