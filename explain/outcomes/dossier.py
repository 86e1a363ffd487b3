"""What this room tells in the dossier of a project: outcome reports with the figures they were computed from."""

from __future__ import annotations

from explain.outcomes.links.models import MetricLink
from explain.outcomes.models import OutcomeReport, PortfolioHead, ReportRecipient
from lifecycle.dossier.parts import Part, Seal, register


def register_parts() -> None:
    """Called when the app starts."""
    seals = (Seal("inputs", "inputs_hash"), Seal("result", "content_hash"))
    register(Part("outcome-reports", "outcome report", OutcomeReport, "project", seals=seals, left_out=("job",)))
    register(Part("report-recipients", "recipient of reports", ReportRecipient, "project"))
    register(Part("portfolio-heads", "head for the portfolio", PortfolioHead, "project", left_out=("series",)))
    register(Part("metric-links", "link of a metric to a KPI", MetricLink, "project"))
