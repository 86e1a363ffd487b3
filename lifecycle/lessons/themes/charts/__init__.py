"""Charts of themes: plain figures with colour tokens, each with the same numbers as a table."""

from lifecycle.lessons.themes.charts.bars import bars
from lifecycle.lessons.themes.charts.frame import Chart
from lifecycle.lessons.themes.charts.grid import grid, halved

__all__ = ["Chart", "bars", "grid", "halved"]
