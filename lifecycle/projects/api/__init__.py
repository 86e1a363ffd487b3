"""REST views of the room: the same services as the pages."""

from lifecycle.projects.api.moving import MethodologyMove
from lifecycle.projects.api.projects import MemberList, MemberOne, ProjectClose, ProjectList, ProjectOne, ProjectStop
from lifecycle.projects.api.stages import AnswerList, StageList, StageOne, TaskOne
from lifecycle.projects.api.versions import (
    DeliverableOne,
    Former,
    NotApplicable,
    VersionFile,
    VersionList,
    VersionOne,
)

__all__ = [
    "AnswerList",
    "DeliverableOne",
    "Former",
    "MemberList",
    "MemberOne",
    "MethodologyMove",
    "NotApplicable",
    "ProjectClose",
    "ProjectList",
    "ProjectOne",
    "ProjectStop",
    "StageList",
    "StageOne",
    "TaskOne",
    "VersionFile",
    "VersionList",
    "VersionOne",
]
