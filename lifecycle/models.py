"""Gathers the rooms' models for Django."""

from lifecycle.acceptance.models import Acceptance, Criterion, CriterionResult
from lifecycle.kpis.models import Baseline, CashLine, GoLive, Kpi, Measurement, Target, ValuePerUnit
from lifecycle.methodologies.models import Methodology, MethodologyDraft
from lifecycle.postmortems.models import (
    ActionEvent,
    ActionItem,
    ContributingFactor,
    Impact,
    Lesson,
    PostMortem,
    Revision,
    Taxonomy,
    TimelineEvent,
)
from lifecycle.projects.models import (
    Deliverable,
    DeliverableVersion,
    ExitAnswer,
    ExitQuestion,
    Member,
    Project,
    Stage,
    StageReturn,
    StageTask,
)
from lifecycle.signoff.models import Decision, Round, Signature

__all__ = [
    "Acceptance",
    "ActionEvent",
    "ActionItem",
    "Baseline",
    "CashLine",
    "ContributingFactor",
    "Criterion",
    "CriterionResult",
    "Decision",
    "Deliverable",
    "DeliverableVersion",
    "ExitAnswer",
    "ExitQuestion",
    "GoLive",
    "Impact",
    "Kpi",
    "Lesson",
    "Measurement",
    "Member",
    "Methodology",
    "MethodologyDraft",
    "PostMortem",
    "Project",
    "Revision",
    "Round",
    "Signature",
    "Stage",
    "StageReturn",
    "StageTask",
    "Target",
    "Taxonomy",
    "TimelineEvent",
    "ValuePerUnit",
]
