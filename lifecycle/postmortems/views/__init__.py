"""Pages of the room: reading, and writing."""

from lifecycle.postmortems.views.library import postmortems
from lifecycle.postmortems.views.reading import export, postmortem, revision
from lifecycle.postmortems.views.taking import differences, export_as, outward
from lifecycle.postmortems.views.writing import action_deed, add, edit, edit_row, move, new

__all__ = [
    "action_deed",
    "add",
    "differences",
    "edit",
    "edit_row",
    "export",
    "export_as",
    "move",
    "new",
    "outward",
    "postmortem",
    "postmortems",
    "revision",
]
