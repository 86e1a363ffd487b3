"""Deeds on post-mortems, one file for each family."""

from lifecycle.postmortems.services.actions import (
    accept_action,
    cancel_action,
    change_action,
    decline_action,
    finish_action,
    return_action,
    start_action,
    verify_action,
)
from lifecycle.postmortems.services.opening import open_postmortem
from lifecycle.postmortems.services.rows import (
    ActionValues,
    EventValues,
    FactorValues,
    ImpactValues,
    LessonValues,
    Values,
)
from lifecycle.postmortems.services.tags import set_tags
from lifecycle.postmortems.services.taxonomy import current_taxonomy, load_taxonomy
from lifecycle.postmortems.services.workflow import (
    close,
    publish,
    reopen,
    return_to_draft,
    start_new_version,
    submit_for_review,
)
from lifecycle.postmortems.services.writing import add_row, edit_postmortem, edit_row, remove_row

__all__ = [
    "ActionValues",
    "EventValues",
    "FactorValues",
    "ImpactValues",
    "LessonValues",
    "Values",
    "accept_action",
    "add_row",
    "cancel_action",
    "change_action",
    "close",
    "current_taxonomy",
    "decline_action",
    "edit_postmortem",
    "edit_row",
    "finish_action",
    "load_taxonomy",
    "open_postmortem",
    "publish",
    "remove_row",
    "reopen",
    "return_action",
    "return_to_draft",
    "set_tags",
    "start_action",
    "start_new_version",
    "submit_for_review",
    "verify_action",
]
