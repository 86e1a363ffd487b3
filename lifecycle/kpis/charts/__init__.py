"""Figures of the room from plain data, each with the same numbers as a table."""

from lifecycle.kpis.charts.frame import Chart, unit_words
from lifecycle.kpis.charts.money import money_chart
from lifecycle.kpis.charts.run import run_chart, spark_path

__all__ = ["Chart", "money_chart", "run_chart", "spark_path", "unit_words"]
