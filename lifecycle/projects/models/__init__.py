"""Rows of projects, one file for each family."""

from lifecycle.projects.models.delegations import Delegation, DelegationQuerySet
from lifecycle.projects.models.deliverables import Deliverable, DeliverableVersion, deliverable_path
from lifecycle.projects.models.projects import TEAM, Member, Project, ProjectQuerySet, Role, people_in
from lifecycle.projects.models.stages import ExitAnswer, ExitQuestion, Stage, StageQuerySet, StageReturn, StageTask

__all__ = [
    "TEAM",
    "Delegation",
    "DelegationQuerySet",
    "Deliverable",
    "DeliverableVersion",
    "ExitAnswer",
    "ExitQuestion",
    "Member",
    "Project",
    "ProjectQuerySet",
    "Role",
    "Stage",
    "StageQuerySet",
    "StageReturn",
    "StageTask",
    "deliverable_path",
    "people_in",
]
