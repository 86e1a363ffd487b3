"""Figure dictionaries from plain data: what a manager's chart shows, and the same as a table.

Colours are tokens ("token:accent", "token:accent/0.15" with alpha): the browser puts the theme's properties
in their place, so one figure serves light and dark.
"""

from explain.outcomes.charts.frame import CONFIG, Figure
from explain.outcomes.charts.run import run_chart
from explain.outcomes.charts.shares import PortfolioBar, WaterfallStep, portfolio_bars, waterfall
from explain.outcomes.charts.value import j_curve, planned_v_realised

__all__ = [
    "CONFIG",
    "Figure",
    "PortfolioBar",
    "WaterfallStep",
    "j_curve",
    "planned_v_realised",
    "portfolio_bars",
    "run_chart",
    "waterfall",
]
