"""Inputs of a report, small enough to check by hand."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from explain.outcomes.models import OutcomeReport
from explain.outcomes.runs import make_report
from explain.outcomes.services import request_report
from foundation.people.models import User
from lifecycle.kpis.models import Baseline, CashLine, GoLive, Kpi, Measurement, ValuePerUnit
from lifecycle.projects.models import Project
from tests.explain.outcomes.examples import around, line, monthly

MakeKpi = Callable[..., dict[str, Any]]
MakeInputs = Callable[..., dict[str, Any]]


@pytest.fixture
def kpi() -> MakeKpi:
    """kpi(after=..., **changes): a monthly flow, lower is better, with a baseline of 100 over all of 2024."""

    def make(after: list[float] | None = None, **changes: Any) -> dict[str, Any]:
        values = monthly(date(2024, 1, 1), around(100.0, 12))
        made: dict[str, Any] = {
            "key": "defects",
            "name": "Defects",
            "unit": "1",
            "direction": "decrease",
            "kind": "flow",
            "frequency": "month",
            "version": 1,
            "is_primary": True,
            "attribution": "1",
            "cashable": "1",
            "simulated": "",
            "volume_kpi": None,
            "derived_from": None,
            "baseline": {
                "id": 1,
                "starts_on": "2024-01-01",
                "ends_on": "2024-12-31",
                "values": values,
                "values_hash": "f" * 64,
                "mean": 100.0,
                "moving_range": 1.0,
                "count": 12,
                "retrospective": False,
                "frozen_at": "2025-01-02T00:00:00+00:00",
            },
            "before": [],
            "series": monthly(date(2025, 1, 1), after if after is not None else around(90.0, 12)),
            "target": None,
            "unit_values": [
                {
                    "amount": "10",
                    "low": None,
                    "high": None,
                    "currency": "EUR",
                    "valid_from": "2024-01-01",
                    "valid_to": None,
                    "evidence": "",
                }
            ],
        }
        return deepcopy({**made, **changes})

    return make


@pytest.fixture
def inputs(kpi: MakeKpi) -> MakeInputs:
    """inputs(kpis=..., lines=..., **changes): live since 1 January 2025, seen from the end of that year, no discount."""

    def make(
        kpis: list[dict[str, Any]] | None = None,
        lines: list[dict[str, Any]] | None = None,
        project: dict[str, Any] | None = None,
        **changes: Any,
    ) -> dict[str, Any]:
        return deepcopy(
            {
                "shape": "kpis/1",
                "as_of": "2025-12-31",
                "project": {
                    "key": "triage",
                    "name": "Tumour triage",
                    "currency": "EUR",
                    "discount_rate": "0",
                    "horizon_months": 24,
                    "started_on": "2024-12-01",
                    **(project or {}),
                },
                "go_live": {"on": "2025-01-01", "ramp_until": None},
                "kpis": [kpi()] if kpis is None else kpis,
                "volumes": {},
                "cash_lines": [line("cost", "actual", "2025-01-01", "600")] if lines is None else lines,
                **changes,
            }
        )

    return make


MakeLive = Callable[..., Project]


@pytest.fixture
def live() -> MakeLive:
    """live(project, actor, improvement=10.0): monthly readings about 100 in 2024 and lower in 2025, frozen in time, worth
    10 EUR a unit; 600 EUR were spent in January 2025, 800 EUR of benefits promised for the year."""

    def make(
        project: Project, actor: User, approver: User, improvement: float = 10.0, currency: str = "EUR"
    ) -> Project:
        long_ago = datetime(2024, 12, 31, 12, tzinfo=UTC)
        project.started_on, project.discount_rate, project.horizon_months = date(2024, 1, 1), Decimal(0), 24
        project.save()
        kpi = Kpi.objects.create(
            project=project, key="defects", name="Defects", unit="1", direction="decrease", kind="flow",
            frequency="month", is_primary=True, created_by=actor, created_at=long_ago,
        )  # fmt: skip
        before = monthly(date(2024, 1, 1), around(100.0, 12))
        after = monthly(date(2025, 1, 1), around(100.0 - improvement, 12))
        Measurement.objects.bulk_create(
            Measurement(
                kpi=kpi, period=date.fromisoformat(day), value=value, source="demo", recorded_by=actor,
                recorded_at=long_ago,
            )
            for day, value, _ in [*before, *after]
        )  # fmt: skip
        Baseline.objects.create(
            kpi=kpi, kpi_version=1, starts_on=date(2024, 1, 1), ends_on=date(2024, 12, 31), state="frozen",
            values=before, values_hash="f" * 64, mean=100.0, moving_range=1.0, count=12, proposed_by=actor,
            approved_by=approver, frozen_at=long_ago,
        )  # fmt: skip
        ValuePerUnit.objects.create(
            kpi=kpi, amount=Decimal(10), currency=currency, valid_from=date(2024, 1, 1), set_by=actor, set_at=long_ago
        )
        GoLive.objects.create(project=project, on=date(2025, 1, 1), recorded_by=actor, recorded_at=long_ago)
        for side, basis, category, amount in (
            ("cost", "actual", "build", 600),
            ("cost", "planned", "build", 500),
            ("benefit", "planned", "benefit", 800),
        ):
            CashLine.objects.create(
                project=project, side=side, basis=basis, category=category, month=date(2025, 1, 1),
                amount=Decimal(amount), currency="EUR", recorded_by=actor, recorded_at=long_ago,
            )  # fmt: skip
        return project

    return make


@pytest.fixture
def reported(live: MakeLive, project: Project, lead: User, sponsor: User) -> OutcomeReport:
    """A done report of the project, as of the end of 2025."""
    live(project, lead, sponsor)
    report = request_report(actor=lead, project=project, as_of=date(2025, 12, 31))
    assert report.job is not None
    assert make_report(report.job.pk) == "done"
    report.refresh_from_db()
    return report
