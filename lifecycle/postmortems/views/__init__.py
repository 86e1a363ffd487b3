"""Pages of the room: reading, and writing."""

from lifecycle.postmortems.views.library import postmortems
from lifecycle.postmortems.views.reading import export, postmortem, revision
from lifecycle.postmortems.views.rules import change_rule, rules
from lifecycle.postmortems.views.tagging import tags
from lifecycle.postmortems.views.unsaved import changes, drop, keep
from lifecycle.postmortems.views.writing import action_deed, add, edit, edit_row, move, new

__all__ = [
    "action_deed",
    "add",
    "change_rule",
    "changes",
    "drop",
    "edit",
    "edit_row",
    "export",
    "keep",
    "move",
    "new",
    "postmortem",
    "postmortems",
    "revision",
    "rules",
    "tags",
]
