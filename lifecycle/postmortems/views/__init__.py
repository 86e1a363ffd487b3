"""Pages of the room: reading, and writing."""

from lifecycle.postmortems.views.files import attach, detach, download
from lifecycle.postmortems.views.following import follow
from lifecycle.postmortems.views.library import postmortems
from lifecycle.postmortems.views.reading import export, postmortem, revision
from lifecycle.postmortems.views.rules import change_rule, rules
from lifecycle.postmortems.views.tagging import tags
from lifecycle.postmortems.views.taking import differences, export_as, outward
from lifecycle.postmortems.views.templates import new_template, retire_template, template, templates
from lifecycle.postmortems.views.unsaved import changes, drop, keep
from lifecycle.postmortems.views.writing import action_deed, add, edit, edit_row, move, new

__all__ = [
    "action_deed",
    "add",
    "attach",
    "change_rule",
    "changes",
    "detach",
    "differences",
    "download",
    "drop",
    "edit",
    "edit_row",
    "export",
    "export_as",
    "follow",
    "keep",
    "move",
    "new",
    "new_template",
    "outward",
    "postmortem",
    "postmortems",
    "retire_template",
    "revision",
    "rules",
    "tags",
    "template",
    "templates",
]
