"""Pages of the room: reading, and writing."""

from lifecycle.postmortems.views.reading import export, postmortem, postmortems, revision
from lifecycle.postmortems.views.tagging import tags
from lifecycle.postmortems.views.writing import action_deed, add, edit, edit_row, move, new

__all__ = [
    "action_deed",
    "add",
    "edit",
    "edit_row",
    "export",
    "move",
    "new",
    "postmortem",
    "postmortems",
    "revision",
    "tags",
]
