"""Links of a report: metric and KPI on one time axis, and whether the KPI followed the metric."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from explain.outcomes.compute.report.windows import Readings, Window, last_over, readings


def link_tables(inputs: dict[str, Any], window: Window) -> list[dict[str, Any]]:
    """One entry for each link that stood on the day of the report, as plain JSON; `inputs["links"]` is what
    `explain.outcomes.links.selectors.links_for_report` gives. A link changes no figure of money.
    """
    kpis = {kpi["key"]: kpi for kpi in inputs["kpis"]}
    return [_link(link, kpis[link["kpi"]], window) for link in inputs.get("links", []) if link["kpi"] in kpis]


def _link(link: dict[str, Any], kpi: dict[str, Any], window: Window) -> dict[str, Any]:
    # Statistics libraries are loaded by the worker that computes, never by a page.
    from explain.outcomes.compute.links import FORMULA_VERSION, SHORT, Step, link_finding, sentence_of
    from explain.outcomes.compute.report.asking import Excluded

    excluded = [Excluded.read(row) for row in kpi.get("exclusions", [])]
    known = _known(kpi)
    live = window.go_live is not None and window.go_live <= window.as_of
    found = link_finding(
        [Step(date.fromisoformat(day), version, metric) for day, version, metric in link["steps"]],
        known,
        frequency=kpi["frequency"],
        since=window.judged_from if live else None,
        until=window.last_day,
        expected=link["expected"],
        point=link["point"],
        season=kpi.get("season"),
        left_out=lambda day: any(one.holds(day) for one in excluded),
        obstacles=["kpi_redefined"] if link["kpi_version"] != kpi["version"] else [],
    )
    plain = asdict(found)
    end = last_over(kpi["frequency"], window.as_of)
    return {
        **{name: link[name] for name in ("id", "model", "metric", "point", "hypothesis", "expected", "against", "basis")},
        "kpi": kpi["key"],
        "kpi_name": kpi["name"],
        "unit": kpi["unit"],
        "held": found.held,
        "status": found.status,
        "reasons": list(found.reasons),
        "observed": found.observed,
        "interval": None if found.interval is None else list(found.interval),
        "standard_error": found.standard_error,
        "degrees_of_freedom": found.degrees_of_freedom,
        "sentence": sentence_of(
            found, kpi=kpi["name"], unit=kpi["unit"], metric=link["metric"], point=link["point"],
            expected=link["expected"],
        ),
        "uses": [
            {
                **use,
                "first": use["first"].isoformat(),
                "last": use["last"].isoformat(),
                "interval": None if use["interval"] is None else list(use["interval"]),
                "why": SHORT.get(use["why"], ""),
            }
            for use in plain["uses"]
        ],
        "steps": link["steps"],
        "series": [[day.isoformat(), value] for day, value in sorted(known.items()) if day <= end],
        "formula_version": FORMULA_VERSION,
    }  # fmt: skip


def _known(kpi: dict[str, Any]) -> Readings:
    """All readings of the KPI: before its baseline, the frozen ones, and after."""
    frozen = kpi["baseline"]["values"] if kpi["baseline"] else []
    return readings([*kpi.get("before", []), *frozen, *kpi["series"]])
