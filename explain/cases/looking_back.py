"""What the business case promised and what the outcome report found, for a post-mortem to freeze when it is opened."""

from __future__ import annotations

from decimal import Decimal

from explain.cases.figures import Headline, headline_of
from explain.cases.models import CaseVersion, Promise
from explain.cases.selectors import Comparison, compared, promises_of
from explain.outcomes.models import OutcomeReport
from explain.outcomes.selectors import current_report
from foundation.web.formats import money_text, number_text
from lifecycle.postmortems.promised import Promised, Sheet
from lifecycle.projects.models import Project

_NOT_KNOWN = "not known"


def promised_and_found(project: Project) -> Sheet | None:
    """The original promise beside the newest report; the report alone where nothing was promised in a business case.
    Five queries."""
    promises = promises_of(project)
    if promises:
        return _beside(promises[-1])
    report = current_report(project)
    return _alone(report) if report is not None and report.result else None


def _beside(promise: Promise) -> Sheet:
    """The first promise counts: later ones were made by people who knew more."""
    comparison = compared(promise)
    headline = headline_of(CaseVersion.objects.get(pk=promise.version_id).result, comparison.currency)
    name = f"Business case, version {promise.version.number}"
    rows = [*_values(headline, comparison.report), *_to_date(comparison), *_effects(comparison)]
    return Sheet(name, tuple(rows), f"/projects/{promise.project.key}/case/promise/")


def _values(headline: Headline | None, report: OutcomeReport | None) -> list[Promised]:
    if headline is None:
        return []
    npv, roi = (report.npv, report.roi_percent) if report else (None, None)
    return [
        Promised(
            f"Net present value, {headline.months} months",
            _with_range(headline.npv_said, headline.range_said),
            _NOT_KNOWN if npv is None or report is None else money_text(npv, report.currency, whole=True),
            kept=None if npv is None else npv >= headline.npv,
            is_money=True,
        ),
        Promised("Return on investment", headline.roi_said, _roi(roi), is_money=True),
    ]


def _to_date(comparison: Comparison) -> list[Promised]:
    if comparison.as_of is None:
        return []
    return [
        Promised(
            f"{row.label} up to {comparison.as_of:%B %Y}",
            _NOT_KNOWN if row.promised is None else money_text(row.promised, comparison.currency, whole=True),
            _NOT_KNOWN if row.realised is None else money_text(row.realised, comparison.currency, whole=True),
            kept=None if row.kept is None else row.kept <= 0 if row.label == "Costs" else row.kept >= 0,
            is_money=True,
        )
        for row in comparison.to_date
    ]


def _effects(comparison: Comparison) -> list[Promised]:
    """Effects in the unit of their KPI; more is better. Kept: the likeliest effect is at least the promised one; where it
    is smaller and the promise lies in its interval, nobody can say."""
    rows = []
    for row in comparison.kpis:
        kept, note = None, ""
        if row.measured is not None:
            promised = float(row.mode)
            kept = row.measured >= promised
            if not kept and row.interval is not None and promised <= row.interval[1]:
                kept, note = None, "less, but not surely so"
        rows.append(
            Promised(
                f"Effect: {row.name}",
                _with_range(row.promised_said, row.range_said),
                _effect(row.measured, row.interval, row.unit),
                note=note,
                kept=kept,
            )
        )
    return rows


def _alone(report: OutcomeReport) -> Sheet:
    rows = []
    for kpi in report.result["kpis"]:
        effect = kpi["effect"]
        if not effect or effect["effect"] is None:
            continue
        sign = -1 if kpi["direction"] == "decrease" else 1
        bounds = sorted(sign * bound for bound in effect["interval"] or [])
        interval = (bounds[0], bounds[1]) if bounds else None
        unit = "" if kpi["unit"] == "1" else kpi["unit"]
        rows.append(
            Promised(
                f"Effect: {kpi['name']}", "nothing in a business case", _effect(sign * effect["effect"], interval, unit)
            )
        )
    if report.net_to_date is not None:
        rows.append(
            Promised(
                "Net benefit to date",
                "nothing in a business case",
                money_text(report.net_to_date, report.currency, whole=True),
                is_money=True,
            )
        )
    if report.roi_percent is not None:
        rows.append(
            Promised("Return on investment", "nothing in a business case", _roi(report.roi_percent), is_money=True)
        )
    return Sheet(f"Outcome report {report.number}", tuple(rows), report.get_absolute_url())


def _effect(measured: float | None, interval: tuple[float, float] | None, unit: str) -> str:
    if measured is None:
        return "not measured"
    said = f"{number_text(measured)} {unit}".rstrip()
    return _with_range(said, f"{number_text(interval[0])} to {number_text(interval[1])}" if interval else "")


def _with_range(said: str, span: str) -> str:
    return f"{said} ({span})" if span else said


def _roi(percent: Decimal | None) -> str:
    return _NOT_KNOWN if percent is None else f"{number_text(percent, 0)} %"
