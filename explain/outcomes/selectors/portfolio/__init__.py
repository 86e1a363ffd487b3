"""What all projects together bring, for whoever may see them. Grades and currencies are never mixed without saying so."""

from explain.outcomes.selectors.portfolio.filters import Asked, Filters, asked
from explain.outcomes.selectors.portfolio.pipeline import Pipeline, pipeline_of
from explain.outcomes.selectors.portfolio.promises import Promises, promises_of
from explain.outcomes.selectors.portfolio.scope import projects_in
from explain.outcomes.selectors.portfolio.value import Portfolio, portfolio_of

__all__ = [
    "Asked",
    "Filters",
    "Pipeline",
    "Portfolio",
    "Promises",
    "asked",
    "pipeline_of",
    "portfolio_of",
    "projects_in",
    "promises_of",
]
