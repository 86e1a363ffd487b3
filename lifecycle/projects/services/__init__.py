"""Deeds on projects, one file for each family."""

from lifecycle.projects.selectors import missing_for_submission
from lifecycle.projects.services.answering import answer_question, tick_task, untick_task
from lifecycle.projects.services.editing import edit_project, plan_stage
from lifecycle.projects.services.ending import CLOSING_LIMIT, close_project, stop_project
from lifecycle.projects.services.locks import lock_project, lock_stage
from lifecycle.projects.services.members import add_member, person_named, remove_member
from lifecycle.projects.services.stages import (
    accept_project,
    begin_iteration,
    move_stage,
    open_next_stage,
    resume_project,
)
from lifecycle.projects.services.starting import lay_out_stage, start_project
from lifecycle.projects.services.upgrade import move_methodology, newer_version, preview_move
from lifecycle.projects.services.writing import mark_not_applicable, take_over, unmark_not_applicable, write_version

__all__ = [
    "CLOSING_LIMIT",
    "accept_project",
    "add_member",
    "answer_question",
    "begin_iteration",
    "close_project",
    "edit_project",
    "lay_out_stage",
    "lock_project",
    "lock_stage",
    "mark_not_applicable",
    "missing_for_submission",
    "move_methodology",
    "move_stage",
    "newer_version",
    "open_next_stage",
    "person_named",
    "plan_stage",
    "preview_move",
    "remove_member",
    "resume_project",
    "start_project",
    "stop_project",
    "take_over",
    "tick_task",
    "unmark_not_applicable",
    "untick_task",
    "write_version",
]
