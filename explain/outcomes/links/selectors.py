"""Reads of links: for pages, and what a report is computed from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from explain.outcomes.links.models import MetricLink
from explain.outcomes.models import OutcomeReport
from explain.register.models import GateAsk, ModelVersion
from lifecycle.kpis.models import Kpi
from lifecycle.kpis.periods import organisation_day
from lifecycle.projects.models import Project

ASKED, UPLOADED = "asked", "uploaded"  # what tells when a version was put into use


@dataclass(frozen=True)
class Shown:
    """A link with what the newest report says of it; None where the report does not know it."""

    link: MetricLink
    told: dict[str, Any] | None


def links_of(project: Project) -> QuerySet[MetricLink]:
    """All links, ended ones too, with their KPIs and people. One query."""
    return (
        MetricLink.objects.filter(project=project)
        .select_related("project", "kpi__project", "created_by", "ended_by")
        .order_by("pk")
    )


def standing_links_of(kpi: Kpi) -> list[MetricLink]:
    """The links to a KPI that are not ended. One query."""
    return list(MetricLink.objects.filter(kpi=kpi, ended_at__isnull=True).order_by("pk"))


def links_shown(project: Project) -> tuple[OutcomeReport | None, list[Shown]]:
    """The newest done report, and all links with what it says of them, those that are ended last. Two queries."""
    report = OutcomeReport.objects.filter(project=project, is_current=True).defer("inputs").first()
    told = told_by(report)
    links = sorted(links_of(project), key=lambda link: (link.ended_at is not None, link.pk))
    return report, [Shown(link, told.get(link.pk)) for link in links]


def told_by(report: OutcomeReport | None) -> dict[int, dict[str, Any]]:
    """What a report says of links, by their id; reports of former versions know none."""
    return {told["id"]: told for told in report.result.get("links", [])} if report is not None else {}


def metrics_by_model(project: Project) -> dict[str, list[str]]:
    """Names of models to the metrics that their accepted versions state, both sorted. One query."""
    found: dict[str, set[str]] = {}
    rows = ModelVersion.objects.filter(project=project, state=ModelVersion.State.ACCEPTED)
    for name, metrics in rows.values_list("name", "metrics"):
        found.setdefault(name, set()).update(metrics)
    return {name: sorted(found[name]) for name in sorted(found)}


def links_for_report(project: Project, instant: datetime, versions: list[ModelVersion]) -> list[dict[str, Any]]:
    """The links that stood at the instant, as plain JSON; one query, one more where there are links.

    `versions`: accepted versions at the instant, by number. `[{id, kpi (key), kpi_version, model, metric, better, point,
    expected, against, hypothesis, basis, steps: [[day, version, metric or null], ...]}]`. A version counts as in use
    from the day on which a pipeline was let through to production with it; where no pipeline ever asked, from the day of
    its upload. `basis` tells which.
    """
    links = list(
        MetricLink.objects.filter(project=project, created_at__lte=instant)
        .filter(Q(ended_at__isnull=True) | Q(ended_at__gt=instant))
        .select_related("kpi")
        .order_by("pk")
    )
    if not links:
        return []
    asked = list(
        GateAsk.objects.filter(
            project=project, environment=GateAsk.Environment.PRODUCTION, allowed=True, asked_at__lte=instant
        )
        .order_by("asked_at", "pk")
        .values_list("model_version_id", "asked_at")
    )
    return [_link(link, versions, asked) for link in links]


def _link(link: MetricLink, versions: list[ModelVersion], asked: list[tuple[int, datetime]]) -> dict[str, Any]:
    of_model = {version.pk: version for version in versions if version.name == link.model_name}
    turns = [(of_model[pk], at) for pk, at in asked if pk in of_model]
    basis = ASKED if turns else UPLOADED
    if not turns:
        turns = sorted(((version, version.uploaded_at) for version in of_model.values()), key=lambda turn: turn[1])
    steps: list[list[Any]] = []
    for version, at in turns:
        step = [organisation_day(at).isoformat(), version.number, version.metrics.get(link.metric)]
        # Pipelines ask again and again for the version that is in use.
        if not steps or steps[-1][1] != version.number:
            steps.append(step)
    return {
        "id": link.pk,
        "kpi": link.kpi.key,
        "kpi_version": link.kpi_version,
        "model": link.model_name,
        "metric": link.metric,
        "better": link.better,
        "point": link.point,
        "expected": link.expected,
        "against": link.against,
        "hypothesis": link.hypothesis,
        "basis": basis,
        "steps": steps,
    }
