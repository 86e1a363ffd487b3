"""Gathers the rooms' models for Django."""

from explain.attributions.models import Explanation
from explain.outcomes.models import OutcomeReport, PortfolioHead
from explain.register.models import DataSet, Feature, GateAsk, ModelVersion

__all__ = ["DataSet", "Explanation", "Feature", "GateAsk", "ModelVersion", "OutcomeReport", "PortfolioHead"]
