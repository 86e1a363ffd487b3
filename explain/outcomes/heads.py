"""Keeping the portfolio's narrow row of a project in step with its current report."""

from __future__ import annotations

from explain.outcomes.compute.portfolio.head import head_of
from explain.outcomes.models import OutcomeReport, PortfolioHead


def head_row(report: OutcomeReport) -> PortfolioHead:
    """The row of a done report, not stored yet. The report needs its result."""
    return PortfolioHead(
        project_id=report.project_id,
        report=report,
        number=report.number,
        as_of=report.as_of,
        currency=report.currency,
        grade=report.grade,
        formula_version=report.formula_version,
        chance_positive=report.chance_positive,
        **head_of(report.result),
    )


def keep_head(report: OutcomeReport) -> None:
    """Put the head of the report, which has become the current one, in place of the former. Runs inside a transaction."""
    PortfolioHead.objects.filter(project=report.project_id).delete()
    head_row(report).save(force_insert=True)


def keep_grade(report: OutcomeReport) -> None:
    """Take over the grade of a report whose figures were signed, or whose signature was taken back."""
    PortfolioHead.objects.filter(report=report).update(grade=report.grade)
