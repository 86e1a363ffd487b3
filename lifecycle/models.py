"""Gathers the rooms' models for Django."""

from lifecycle.acceptance.models import Acceptance, Criterion, CriterionResult
from lifecycle.kpis.models import Baseline, CashLine, GoLive, Kpi, Measurement, Target, ValuePerUnit
from lifecycle.methodologies.models import Methodology
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
from lifecycle.projects.delegations import Delegation
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
from lifecycle.signoff.models import (
    Condition,
    ConditionEvent,
    Decision,
    Feedback,
    PolicyVersion,
    Round,
    Signature,
    Waiver,
)

__all__ = [
    "Acceptance",
    "ActionEvent",
    "ActionItem",
    "Baseline",
    "CashLine",
    "Condition",
    "ConditionEvent",
    "ContributingFactor",
    "Criterion",
    "CriterionResult",
    "Decision",
    "Delegation",
    "Deliverable",
    "DeliverableVersion",
    "ExitAnswer",
    "ExitQuestion",
    "Feedback",
    "GoLive",
    "Impact",
    "Kpi",
    "Lesson",
    "Measurement",
    "Member",
    "Methodology",
    "PolicyVersion",
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
    "Waiver",
]
