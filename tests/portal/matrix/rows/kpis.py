"""KPIs, baselines, readings and money."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile

from lifecycle.kpis.models import Baseline, CashLine
from tests.portal.matrix.table import Send
from tests.portal.matrix.world import Place

ROWS = """
#                                 nobody, outsider | viewer contributor lead sponsor reviewer risk customer | manager auditor administrator
GET    api:api-kpis               L N RRRRRRR RRR
POST   api:api-kpis               L N FDDFFFF FFF
GET    api:api-kpi                L N RRRRRRR RRR
PATCH  api:api-kpi                L N FDDFFFF FFF
GET    api:api-baselines          L N RRRRRRR RRR
POST   api:api-baselines          L N FDDFFFF FFF
POST   api:api-approve-baseline   L N FFFDFFD FFF
POST   api:api-withdraw-baseline  L N FDDFFFF FFF
GET    api:api-targets            L N RRRRRRR RRR
POST   api:api-targets            L N FDDFFFF FFF
GET    api:api-unit-values        L N RRRRRRR RRR
POST   api:api-unit-values        L N FDDFFFF FFF
GET    api:api-measurements       L N RRRRRRR RRR
POST   api:api-measurements       L N FDDFFFF FFF
POST   api:api-measurements-csv   L N FDDFFFF FFF
GET    api:api-controls           L N RRRRRRR RRR
POST   api:api-controls           L N FDDFFFF FFF
POST   api:api-end-control        L N FDDFFFF FFF
GET    api:api-exclusions         L N RRRRRRR RRR
POST   api:api-exclusions         L N FDDFFFF FFF
POST   api:api-approve-exclusion  L N FFFDFFD FFF
POST   api:api-end-exclusion      L N FDDFFFF FFF
GET    api:api-retirement         L N RRRRRRR RRR
POST   api:api-retirement         L N FDDFFFF FFF
GET    api:api-go-live            L N RRRRRRR RRR
POST   api:api-go-live            L N FDDFFFF FFF
GET    api:api-cash-lines         L N RRRRRRR RRR
POST   api:api-cash-lines         L N FDDFFFF FFF
POST   api:api-void-cash-line     L N FDDFFFF FFF
GET    kpis:list                  L N RRRRRRR RRR
GET    kpis:new                   L N FRRFFFF FFF
POST   kpis:new                   L N FDDFFFF FFF
GET    kpis:kpi                   L N RRRRRRR RRR
GET    kpis:edit                  L N FRRFFFF FFF
POST   kpis:edit                  L N FDDFFFF FFF
POST   kpis:add_reading           L N FDDFFFF FFF
GET    kpis:paste                 L N FRRFFFF FFF
POST   kpis:paste                 L N FDDFFFF FFF
GET    kpis:sample_csv            L N RRRRRRR RRR
POST   kpis:propose_baseline      L N FDDFFFF FFF
POST   kpis:approve_baseline      L N FFFDFFD FFF
POST   kpis:withdraw_baseline     L N FDDFFFF FFF
POST   kpis:set_target            L N FDDFFFF FFF
POST   kpis:set_unit_value        L N FDDFFFF FFF
POST   kpis:record_go_live        L N FDDFFFF FFF
POST   kpis:add_control           L N FDDFFFF FFF
POST   kpis:end_control           L N FDDFFFF FFF
POST   kpis:propose_exclusion     L N FDDFFFF FFF
POST   kpis:approve_exclusion     L N FFFDFFD FFF
POST   kpis:end_exclusion         L N FDDFFFF FFF
POST   kpis:record_retirement     L N FDDFFFF FFF
GET    kpis:money                 L N RRRRRRR RRR
POST   kpis:money                 L N FDDFFFF FFF
POST   kpis:void_cash_line        L N FDDFFFF FFF
GET    api:api-claims             L N RRRRRRR RRR
POST   api:api-claims             L N FDDFFFF FFF
POST   api:api-move-claim         L N FFDDFFF FFF
GET    kpis:claims                L N RRRRRRR RRR
GET    kpis:claims_csv            L N RRRRRRR RRR
GET    kpis:claims_xlsx           L N RRRRRRR RRR
POST   kpis:claims                L N FDDFFFF FFF
POST   kpis:move_claim            L N FFDDFFF FFF
GET    api:api-exchange-rates     L R RRRRRRR RRR / R
POST   api:api-exchange-rates     L F FFFFFFF DFD / F
GET    kpis:rates                 L R RRRRRRR RRR / R
GET    kpis:rates_csv             L R RRRRRRR RRR / R
GET    kpis:rates_xlsx            L R RRRRRRR RRR / R
POST   kpis:add_rate              L F FFFFFFF DFD / F
POST   kpis:upload_rates          L F FFFFFFF DFD / F
"""


def _defined(at: Place) -> dict[str, object]:
    return {"name": "Missed samples", "unit": "1", "direction": "decrease", "kind": "flow", "frequency": "month",
            "attribution": "1", "cashable": "1"}  # fmt: skip


def _line(at: Place) -> dict[str, object]:
    return {"side": "cost", "basis": "planned", "category": CashLine.Category.values[0], "month": "2026-04-01",
            "amount": "120.50", "currency": "EUR"}  # fmt: skip


def _csv() -> SimpleUploadedFile:
    return SimpleUploadedFile("readings.csv", b"date,value\n2026-03-02,10\n", "text/csv")


def _none_proposed(at: Place) -> None:
    Baseline.objects.filter(pk=at.baseline.pk).update(state="withdrawn")


_claim = Send(lambda at: {"project": at.project.key, "share": "0.2", "from_month": "2026-03-01"})
_why_not = Send(lambda at: {"reason": "Not ours."})
_rate = {"base": "USD", "quote": "EUR", "kind": "spot", "on": "2026-03-02", "rate": "0.92", "source": "Central bank"}
_window = Send(lambda at: {"starts_on": "2025-01-06", "ends_on": "2025-06-29"}, before=_none_proposed)
_target = Send(lambda at: {"value": 9.5, "due_on": "2026-12-31"})
_worth = Send(lambda at: {"amount": "38.50", "currency": "EUR", "valid_from": "2026-01-01"})
_strike = Send(lambda at: {"starts_on": "2025-04-07", "ends_on": "2025-04-13", "event": "A strike."})
_ended = Send(lambda at: {"retired_on": "2026-06-30", "decommissioned_on": "2026-12-31"})
_why = Send(lambda at: {"reason": "It was wrong."})
_live = Send(lambda at: {"on": "2026-03-02"})

SEND = {
    "POST kpis:new": Send(_defined),
    "POST api:api-kpis": Send(_defined),
    "POST kpis:edit": Send(lambda at: {**_defined(at), "unit": "d", "kind": "level", "frequency": "week"}),
    "PATCH api:api-kpi": Send(lambda at: {"meaning": "From order to report."}),
    "POST kpis:add_reading": Send(lambda at: {"day": "2026-03-02", "value": "10"}),
    "POST api:api-measurements": Send(lambda at: {"period": "2026-03-02", "value": 10}),
    "POST kpis:paste": Send(lambda at: {"file": _csv()}),
    "POST api:api-measurements-csv": Send(lambda at: {"file": _csv()}),
    "POST kpis:propose_baseline": _window,
    "POST api:api-baselines": _window,
    "POST kpis:withdraw_baseline": _why,
    "POST api:api-withdraw-baseline": _why,
    "POST kpis:set_target": _target,
    "POST api:api-targets": _target,
    "POST kpis:set_unit_value": _worth,
    "POST api:api-unit-values": _worth,
    "POST kpis:add_control": Send(lambda at: {"control": at.other_kpi.pk, "part": "control", "why": "No camera."}),
    "POST api:api-controls": Send(lambda at: {"control": at.other_kpi.key, "why": "No camera."}),
    "POST kpis:propose_exclusion": _strike,
    "POST api:api-exclusions": _strike,
    "POST kpis:record_retirement": _ended,
    "POST api:api-retirement": _ended,
    "POST kpis:record_go_live": _live,
    "POST api:api-go-live": _live,
    "POST kpis:money": Send(lambda at: {**_line(at), "month": "2026-04"}),
    "POST api:api-cash-lines": Send(_line),
    "POST kpis:void_cash_line": _why,
    "POST api:api-void-cash-line": _why,
    "POST api:api-claims": _claim,
    "POST kpis:claims": Send(
        lambda at: {"project": at.project.pk, "percent": "20", "from_month": "2026-03", "rule": "agreed"}
    ),
    "POST api:api-move-claim": _why_not,
    "POST kpis:move_claim": _why_not,
    "POST api:api-exchange-rates": Send(lambda at: _rate),
    "POST kpis:add_rate": Send(lambda at: _rate),
    "POST kpis:upload_rates": Send(lambda at: {"text": "USD;EUR;2026-03-02;0.92", "source": "Bank", "sure": "true"}),
}


def _claim_at(at: Place) -> dict[str, object]:
    return {"claim_id": at.kpi.claims.get(project=at.project).pk, "move": "dispute"}


FILL = {"kpis:move_claim": _claim_at, "api:api-move-claim": _claim_at}
