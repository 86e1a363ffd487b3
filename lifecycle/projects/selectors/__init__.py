"""Reads of projects, stages and deliverables, one file for each family: one query shape for each page."""

from lifecycle.projects.selectors.deliverables import (
    deliverables_of,
    former_answers,
    former_version,
    missing_for_submission,
    version_of,
    versions_of,
)
from lifecycle.projects.selectors.lists import Filters, board, members_of, projects_for
from lifecycle.projects.selectors.stages import StageLine, StageRead, open_rounds, stage_lines, stage_of, stage_read
from lifecycle.projects.selectors.steps import Step, ended_stages, mark_resting, present_stages, step_of, track
from lifecycle.projects.selectors.waiting import waiting_for

__all__ = [
    "Filters",
    "StageLine",
    "StageRead",
    "Step",
    "board",
    "deliverables_of",
    "ended_stages",
    "former_answers",
    "former_version",
    "mark_resting",
    "members_of",
    "missing_for_submission",
    "open_rounds",
    "present_stages",
    "projects_for",
    "stage_lines",
    "stage_of",
    "stage_read",
    "step_of",
    "track",
    "version_of",
    "versions_of",
    "waiting_for",
]
