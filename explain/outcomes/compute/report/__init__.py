"""An outcome report from pinned inputs: effect of each KPI, money by month, ROI, NPV, payback, uncertainty."""

from explain.outcomes.compute.report.build import FORMULA_VERSION, SHAPE, build_report

__all__ = ["FORMULA_VERSION", "SHAPE", "build_report"]
