"""The first page: sums by grade of evidence, months, and which projects stand out."""

from explain.outcomes.selectors.portfolio.value.page import BUBBLES, portfolio_of
from explain.outcomes.selectors.portfolio.value.shapes import Portfolio

__all__ = ["BUBBLES", "Portfolio", "portfolio_of"]
