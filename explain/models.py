"""Gathers the rooms' models for Django."""

from explain.attributions.contradictions.models import ContradictionNote
from explain.attributions.models import Explanation
from explain.attributions.what_if.models import WhatIf
from explain.cases.models import CaseVersion, Promise, Scenario
from explain.outcomes.calculators.models import Calculation
from explain.outcomes.links.models import MetricLink
from explain.outcomes.models import OutcomeReport, PortfolioHead, ReportRecipient
from explain.register.models import DataSet, Feature, GateAsk, ModelVersion
from explain.steering.models import Proposal

__all__ = [
    "Calculation",
    "CaseVersion",
    "ContradictionNote",
    "DataSet",
    "Explanation",
    "Feature",
    "GateAsk",
    "MetricLink",
    "ModelVersion",
    "OutcomeReport",
    "PortfolioHead",
    "Promise",
    "Proposal",
    "ReportRecipient",
    "Scenario",
    "WhatIf",
]
