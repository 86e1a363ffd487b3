"""Small pieces of which worked examples are made."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any


def around(level: float, count: int) -> list[float]:
    """Values that swing evenly about a level, so that their mean is the level and they vary; count divisible by 4."""
    return [level + (1.0, -1.0, -1.0, 1.0)[k % 4] for k in range(count)]


def weekly(first: date, values: list[float]) -> list[list[Any]]:
    """[period, value, revision] for weeks from a Monday on."""
    return [[(first + timedelta(weeks=k)).isoformat(), value, 1] for k, value in enumerate(values)]


def monthly(first: date, values: list[float]) -> list[list[Any]]:
    """[period, value, revision] for months."""
    index = first.year * 12 + first.month - 1
    return [[date((index + k) // 12, (index + k) % 12 + 1, 1).isoformat(), value, 1] for k, value in enumerate(values)]


def line(side: str, basis: str, month: str, amount: str, **changes: Any) -> dict[str, Any]:
    """One cash line."""
    return {
        "id": 1,
        "side": side,
        "basis": basis,
        "category": "benefit" if side == "benefit" else "build",
        "month": month,
        "until": None,
        "amount": amount,
        "currency": "EUR",
        "kpi": None,
        "note": "",
        **changes,
    }


def codes(report: dict[str, Any]) -> list[str]:
    """The caveats of a report."""
    return [caveat["code"] for caveat in report["caveats"]]


def warned(report: dict[str, Any], place: int = 0) -> list[str]:
    """The warnings of one of its KPIs."""
    return [warning["code"] for warning in report["kpis"][place]["warnings"]]
