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
from lifecycle.postmortems.services.drafts import as_initial, drop_unsaved, form_saved, keep_unsaved, unsaved_of
from lifecycle.postmortems.services.effects import plan_effect, record_effect
from lifecycle.postmortems.services.files import attach_file, data_of_files, remove_file
from lifecycle.postmortems.services.following import follow, follows
from lifecycle.postmortems.services.opening import open_postmortem
from lifecycle.postmortems.services.row_deeds import add_row, edit_row, remove_row, save_row
from lifecycle.postmortems.services.rows import (
    ActionValues,
    EventValues,
    FactorValues,
    ImpactValues,
    LessonValues,
    Values,
    WhyValues,
)
from lifecycle.postmortems.services.rules import change_rule, rule_of, rules
from lifecycle.postmortems.services.tags import set_tags
from lifecycle.postmortems.services.taxonomy import current_taxonomy, load_taxonomy
from lifecycle.postmortems.services.templates import (
    change_template,
    copy_template,
    is_built_in,
    retire_template,
    template_of,
    templates_on_offer,
)
from lifecycle.postmortems.services.together import Beside, Clashed
from lifecycle.postmortems.services.workflow import (
    close,
    publish,
    reopen,
    return_to_draft,
    start_new_version,
    submit_for_review,
)
from lifecycle.postmortems.services.writing import Saved, edit_postmortem, save_text

__all__ = [
    "ActionValues",
    "Beside",
    "Clashed",
    "EventValues",
    "FactorValues",
    "ImpactValues",
    "LessonValues",
    "Saved",
    "Values",
    "WhyValues",
    "accept_action",
    "add_row",
    "as_initial",
    "attach_file",
    "cancel_action",
    "change_action",
    "change_rule",
    "change_template",
    "close",
    "copy_template",
    "current_taxonomy",
    "data_of_files",
    "decline_action",
    "drop_unsaved",
    "edit_postmortem",
    "edit_row",
    "finish_action",
    "follow",
    "follows",
    "form_saved",
    "is_built_in",
    "keep_unsaved",
    "load_taxonomy",
    "open_postmortem",
    "plan_effect",
    "publish",
    "record_effect",
    "remove_file",
    "remove_row",
    "reopen",
    "retire_template",
    "return_action",
    "return_to_draft",
    "rule_of",
    "rules",
    "save_row",
    "save_text",
    "set_tags",
    "start_action",
    "start_new_version",
    "submit_for_review",
    "template_of",
    "templates_on_offer",
    "unsaved_of",
    "verify_action",
]
